// Word's docx (ECMA-376, WordprocessingML) as blocks: the body, then what stands apart from it (headers, footers, notes, comments).
#include <algorithm>
#include <array>

#include "base/strings.hpp"
#include "document/worker/charset.hpp"
#include "document/worker/limits.hpp"
#include "document/worker/office_xml.hpp"

namespace demarc::document::worker {
namespace {

constexpr int kStyleSteps = 12;  // of styles based on styles

class Word {
 public:
  Word(const Members& members, std::vector<DocumentBlock>& blocks)
      : styles_(members, "word/styles.xml"), numbering_(members, "word/numbering.xml"), writer_(blocks) {
    for (const pugi::xml_node style : children(styles_.root(), "style")) by_id_.emplace(attribute(style, "styleId"), style);
    for (const pugi::xml_node list : children(numbering_.root(), "abstractNum")) abstract_.emplace(attribute(list, "abstractNumId"), list);
    for (const pugi::xml_node list : children(numbering_.root(), "num"))
      lists_.emplace(attribute(list, "numId"), attribute(child(list, "abstractNumId"), "val"));
  }

  void body(const pugi::xml_node& node, int depth) {
    if (is_too_deep(depth)) return;
    for (const pugi::xml_node item : node.children()) {
      if (is(item, "p"))
        paragraph(item);
      else if (is(item, "tbl"))
        table(item, depth);
      else if (is(item, "sdt") || is(item, "sdtContent") || is(item, "ins") || is(item, "customXml") || is(item, "txbxContent") ||
               is(item, "footnote") || is(item, "endnote") || is(item, "comment"))
        body(item, depth + 1);
    }
  }

 private:
  static void runs(const pugi::xml_node& node, std::string& out, int depth) {
    if (is_too_deep(depth)) return;
    for (const pugi::xml_node item : node.children()) {
      const std::string_view name = bare(item.name());
      if (name == "t" || name == "delText")
        out += name == "t" ? item.text().get() : "";
      else if (name == "tab")
        out += '\t';
      else if (name == "br" || name == "cr")
        out += '\n';
      else if (name == "noBreakHyphen")
        out += '-';
      else if (name != "del" && name != "pPr" && name != "rPr" && name != "moveFrom" && name != "Fallback" && name != "instrText")
        runs(item, out, depth + 1);
    }
  }

  static std::string text_of(const pugi::xml_node& paragraph) {
    std::string raw, out;
    runs(paragraph, raw, 0);
    for (const std::string_view line : split(raw, '\n'))
      if (const std::string even = collapsed(line); !even.empty()) (out += out.empty() ? "" : "\n") += even;
    return out;
  }

  // What a style, or those it is based on, says; "" where none does.
  template <class Ask>
  std::string from_style(std::string_view id, Ask ask) const {
    for (int step = 0; step < kStyleSteps; ++step) {
      const auto found = by_id_.find(id);
      if (found == by_id_.end()) return {};
      if (std::string said = ask(found->second); !said.empty()) return said;
      id = attribute(child(found->second, "basedOn"), "val");
    }
    return {};
  }

  [[nodiscard]] int heading_level(const pugi::xml_node& properties) const {
    if (const auto own = attribute(child(properties, "outlineLvl"), "val"); !own.empty() && own != "9") return number(own, 0) + 1;
    const std::string level = from_style(attribute(child(properties, "pStyle"), "val"), [](const pugi::xml_node& style) -> std::string {
      const std::string name = to_lower(attribute(child(style, "name"), "val"));
      if (name == "title") return "1";
      if (name.starts_with("heading ")) return name.substr(8);
      const auto outline = attribute(at(style, {"pPr", "outlineLvl"}), "val");
      return outline.empty() || outline == "9" ? std::string() : std::to_string(number(outline, 0) + 1);
    });
    return level.empty() ? 0 : std::clamp(number(level, 1), 1, 6);
  }

  struct Item {
    std::string marker;
    int level = 0;
  };
  std::optional<Item> item_of(const pugi::xml_node& properties) {
    pugi::xml_node list = child(properties, "numPr");
    std::string id(attribute(child(list, "numId"), "val"));
    const std::string_view style = attribute(child(properties, "pStyle"), "val");
    if (id.empty()) id = from_style(style, [](const pugi::xml_node& s) { return std::string(attribute(at(s, {"pPr", "numPr", "numId"}), "val")); });
    if (id.empty() || id == "0") return {};
    const int level = std::clamp(number(attribute(child(list, "ilvl"), "val"), 0), 0, 8);
    const auto abstract = abstract_.find(lists_.contains(id) ? std::string_view(lists_.find(id)->second) : std::string_view());
    std::string_view format = "bullet";
    if (abstract != abstract_.end())
      for (const pugi::xml_node one : children(abstract->second, "lvl"))
        if (number(attribute(one, "ilvl"), -1) == level) format = attribute(child(one, "numFmt"), "val");
    for (int deeper = level + 1; deeper <= 8; ++deeper) counts_.erase({id, deeper});
    const int count = ++counts_[{id, level}];
    return Item{format == "bullet" || format == "none" ? "-" : std::to_string(count) + ".", level};
  }

  void paragraph(const pugi::xml_node& node) {
    std::string text = text_of(node);
    const pugi::xml_node properties = child(node, "pPr");
    if (text.empty()) return;
    if (const int level = heading_level(properties); level > 0) return writer_.add(DocumentBlockKind::heading, std::move(text), level);
    if (auto item = item_of(properties)) return writer_.add(DocumentBlockKind::list_item, std::move(text), item->level, std::move(item->marker));
    writer_.add(DocumentBlockKind::paragraph, std::move(text));
  }

  static void cell_text(const pugi::xml_node& node, std::string& out, int depth) {
    if (is_too_deep(depth)) return;
    for (const pugi::xml_node item : node.children()) {
      if (is(item, "p")) {
        if (const std::string text = text_of(item); !text.empty()) (out += out.empty() ? "" : "\n") += text;
      } else if (!is(item, "tcPr")) {
        cell_text(item, out, depth + 1);  // a table within a table is text of its cell
      }
    }
  }

  // Cells that go on below (vMerge) are counted first: only the upper one is a cell.
  void table(const pugi::xml_node& node, int depth) {
    struct Cell {
      std::string text;
      int column = 0, wide = 1, high = 1;
      bool goes_on = false;
    };
    std::vector<std::vector<Cell>> rows;
    std::int64_t cells = 0;
    int heads = 0;
    for (const pugi::xml_node row : children(node, "tr")) {
      std::vector<Cell>& out = rows.emplace_back();
      if (child(child(row, "trPr"), "tblHeader") && heads + 1 == static_cast<int>(rows.size())) ++heads;
      int column = std::max(0, number(attribute(at(row, {"trPr", "gridBefore"}), "val"), 0));
      for (const pugi::xml_node item : row.children()) {
        const pugi::xml_node one = is(item, "sdt") ? at(item, {"sdtContent", "tc"}) : item;
        if (!is(one, "tc") || ++cells > limits().document_cells) continue;
        const pugi::xml_node properties = child(one, "tcPr"), merge = child(properties, "vMerge");
        Cell cell{.text = {}, .column = column, .wide = std::clamp(number(attribute(child(properties, "gridSpan"), "val"), 1), 1, most_columns())};
        cell.goes_on = merge && attribute(merge, "val") != "restart";
        cell_text(one, cell.text, depth);
        column += cell.wide;
        out.push_back(std::move(cell));
      }
    }
    for (std::size_t r = rows.size(); r-- > 1;)
      for (const Cell& cell : rows[r]) {
        if (!cell.goes_on) continue;
        for (Cell& above : rows[r - 1])
          if (above.column == cell.column) above.high = cell.high + 1;
      }
    TableMaker maker;
    for (const auto& row : rows) {
      maker.next_row();
      for (const Cell& cell : row)
        if (!cell.goes_on) maker.cell(cell.text, cell.wide, cell.high);
    }
    writer_.table(std::move(maker).finish(std::max(heads, 1)));
  }

  const Xml styles_, numbering_;
  std::map<std::string, pugi::xml_node, std::less<>> by_id_, abstract_;
  std::map<std::string, std::string, std::less<>> lists_;
  std::map<std::pair<std::string, int>, int> counts_;
  BlockWriter writer_;
};

}  // namespace

void read_word(const Members& members, Document& document) {
  DocumentPage& page = document.pages.emplace_back(DocumentPage{.name = {}});
  Word word(members, page.blocks);
  const Xml main(members, "word/document.xml");
  word.body(child(main.root(), "body"), 0);
  for (const std::string_view apart : {"word/header", "word/footer", "word/footnotes", "word/endnotes", "word/comments"})
    for (auto at = members.lower_bound(apart); at != members.end() && at->first.starts_with(apart); ++at) {
      const Xml xml(members, at->first);
      word.body(xml.root(), 0);
    }
}

}  // namespace demarc::document::worker
