// PowerPoint's pptx (ECMA-376, PresentationML) as blocks: a page for each slide, its notes at the end.
#include <algorithm>

#include "base/strings.hpp"
#include "document/worker/charset.hpp"
#include "document/worker/limits.hpp"
#include "document/worker/office_xml.hpp"

namespace demarc::document::worker {
namespace {

std::string text_of(const pugi::xml_node& paragraph) {
  std::string raw, out;
  for (const pugi::xml_node item : paragraph.children()) {
    if (is(item, "r") || is(item, "fld")) raw += child(item, "t").text().get();
    if (is(item, "br")) raw += '\n';
  }
  for (const std::string_view line : split(raw, '\n'))
    if (const std::string even = collapsed(line); !even.empty()) (out += out.empty() ? "" : "\n") += even;
  return out;
}

class Slide {
 public:
  explicit Slide(std::vector<DocumentBlock>& blocks) : writer_(blocks) {}

  void shapes(const pugi::xml_node& tree, int depth) {
    if (is_too_deep(depth)) return;
    for (const pugi::xml_node item : tree.children()) {
      if (is(item, "sp"))
        shape(item);
      else if (is(item, "grpSp"))
        shapes(item, depth + 1);
      else if (is(item, "graphicFrame"))
        table(at(item, {"graphic", "graphicData", "tbl"}));
    }
  }

 private:
  void shape(const pugi::xml_node& node) {
    const pugi::xml_node place = at(node, {"nvSpPr", "nvPr", "ph"});
    const std::string_view kind = attribute(place, "type");
    if (kind == "sldNum" || kind == "dt") return;
    const bool is_title = kind == "title" || kind == "ctrTitle", is_body = place && (kind.empty() || kind == "body" || kind == "obj");
    for (const pugi::xml_node paragraph : children(child(node, "txBody"), "p")) {
      std::string text = text_of(paragraph);
      const pugi::xml_node properties = child(paragraph, "pPr");
      const int level = std::clamp(number(attribute(properties, "lvl"), 0), 0, 8);
      const bool listed = !child(properties, "buNone") && (is_body || child(properties, "buChar") || child(properties, "buAutoNum"));
      if (is_title)
        writer_.add(DocumentBlockKind::heading, std::move(text), 1);
      else if (kind == "subTitle")
        writer_.add(DocumentBlockKind::heading, std::move(text), 2);
      else if (listed)
        writer_.add(DocumentBlockKind::list_item, std::move(text), level, child(properties, "buAutoNum") ? std::to_string(++count_) + "." : "-");
      else
        writer_.add(DocumentBlockKind::paragraph, std::move(text));
    }
  }

  void table(const pugi::xml_node& node) {
    if (!node) return;
    TableMaker maker;
    for (const pugi::xml_node row : children(node, "tr")) {
      maker.next_row();
      for (const pugi::xml_node cell : children(row, "tc")) {
        if (attribute(cell, "hMerge") == "1" || attribute(cell, "vMerge") == "1" || maker.full()) continue;
        std::string text;
        for (const pugi::xml_node paragraph : children(child(cell, "txBody"), "p"))
          if (const std::string line = text_of(paragraph); !line.empty()) (text += text.empty() ? "" : "\n") += line;
        maker.cell(std::move(text), number(attribute(cell, "gridSpan"), 1), number(attribute(cell, "rowSpan"), 1));
      }
    }
    writer_.table(std::move(maker).finish(1));
  }

  BlockWriter writer_;
  int count_ = 0;
};

}  // namespace

Result<void, Refusal> read_slides(const Members& members, Document& document) {
  const Xml xml(members, "ppt/presentation.xml");
  const auto targets = relations(members, "ppt/presentation.xml");
  for (const pugi::xml_node id : children(child(xml.root(), "sldIdLst"), "sldId")) {
    std::string_view reference;
    for (const pugi::xml_attribute attribute : id.attributes())
      if (std::string_view(attribute.name()).ends_with(":id")) reference = attribute.value();
    const auto target = targets.find(reference);
    if (target == targets.end()) continue;
    TRY(may_have_page_more(document));
    DocumentPage& page = document.pages.emplace_back(DocumentPage{.index = static_cast<int>(document.pages.size()), .name = {}});
    Slide slide(page.blocks);
    const Xml content(members, target->second);
    slide.shapes(at(content.root(), {"cSld", "spTree"}), 0);
    for (const auto& [_, member] : relations(members, target->second)) {
      if (member.find("notesSlide") == std::string::npos) continue;
      const Xml notes(members, member);
      slide.shapes(at(notes.root(), {"cSld", "spTree"}), 0);
    }
  }
  return {};
}

}  // namespace demarc::document::worker
