// HTML as blocks: what a browser would show as text.
#include <libxml/HTMLparser.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "base/strings.hpp"
#include "document/worker/charset.hpp"
#include "document/worker/limits.hpp"
#include "document/worker/native.hpp"

namespace demarc::document::worker {
namespace {

using Names = std::span<const std::string_view>;
constexpr auto kSilent = std::to_array<std::string_view>(
    {"script", "style", "head", "template", "noscript", "svg", "math", "iframe", "object", "select", "button", "audio", "video"});
constexpr auto kBlocks = std::to_array<std::string_view>(
    {"p",    "div", "section", "article", "header",   "footer",  "main",    "nav",    "aside", "blockquote", "address", "figure", "figcaption",
     "form", "dl",  "dt",      "dd",      "fieldset", "details", "summary", "center", "hr",    "body",       "html",    "legend", "caption"});

bool is_one_of(Names names, std::string_view name) { return std::ranges::find(names, name) != names.end(); }
std::string_view name_of(const xmlNode* node) { return node->name == nullptr ? std::string_view() : reinterpret_cast<const char*>(node->name); }

std::string attribute(const xmlNode* node, const char* name) {
  for (const xmlAttr* at = node->properties; at != nullptr; at = at->next)
    if (reinterpret_cast<const char*>(at->name) == std::string_view(name) && at->children != nullptr && at->children->content != nullptr)
      return reinterpret_cast<const char*>(at->children->content);
  return {};
}

bool is_hidden(const xmlNode* node) {
  for (const xmlAttr* at = node->properties; at != nullptr; at = at->next)
    if (reinterpret_cast<const char*>(at->name) == std::string_view("hidden")) return true;
  std::string style = to_lower(attribute(node, "style"));
  std::erase(style, ' ');
  return style.find("display:none") != std::string::npos;
}

int span_of(const xmlNode* node, const char* name) {
  const std::string text = attribute(node, name);
  int value = 1;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return std::clamp(value, 1, 1'000);
}

class HtmlReader {
 public:
  explicit HtmlReader(std::vector<DocumentBlock>& blocks) : writer_(blocks) {}

  void run(const xmlNode* root) {
    walk(root, 0);
    flush();
  }

 private:
  void walk(const xmlNode* first, int depth) {
    if (is_too_deep(depth)) return;
    for (const xmlNode* node = first; node != nullptr; node = node->next) {
      if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) {
        if (node->content != nullptr) text_ += reinterpret_cast<const char*>(node->content);
      } else if (node->type == XML_ELEMENT_NODE && !is_hidden(node)) {
        element(node, name_of(node), depth);
      }
    }
  }

  void element(const xmlNode* node, std::string_view name, int depth) {
    if (is_one_of(kSilent, name)) return;
    if (name == "br") {
      text_ += '\x01';  // a line's end that is meant
    } else if (name.size() == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6') {
      block(node, depth, DocumentBlockKind::heading, name[1] - '0');
    } else if (name == "ul" || name == "ol") {
      flush();
      lists_.push_back(name == "ol" ? 1 : 0);
      walk(node->children, depth + 1);
      flush();
      lists_.pop_back();
    } else if (name == "li") {
      flush();
      const bool numbered = !lists_.empty() && lists_.back() > 0;
      marker_ = numbered ? std::to_string(lists_.back()++) + "." : "-";
      kind_ = DocumentBlockKind::list_item, level_ = std::max(0, static_cast<int>(lists_.size()) - 1);
      walk(node->children, depth + 1);
      flush();
    } else if (name == "pre") {
      flush();
      const std::string outer = std::move(text_);
      text_.clear();
      walk(node->children, depth + 1);
      std::ranges::replace(text_, '\x01', '\n');
      writer_.add(DocumentBlockKind::code, std::move(text_));
      text_ = outer;
    } else if (name == "table") {
      flush();
      table(node, depth);
    } else if (is_one_of(kBlocks, name)) {
      block(node, depth, kind_, level_);
    } else {
      walk(node->children, depth + 1);
      if (name == "td" || name == "th" || name == "option") text_ += ' ';
    }
  }

  void block(const xmlNode* node, int depth, DocumentBlockKind kind, int level) {
    flush();
    kind_ = kind, level_ = level;
    walk(node->children, depth + 1);
    flush();
  }

  // A cell's text without its own blocks; a table within a table is text of its cell.
  std::string cell_text(const xmlNode* node, int depth) {
    std::vector<DocumentBlock> inner;
    if (!is_too_deep(depth + 1)) HtmlReader(inner).run_inside(node, depth + 1);
    std::string out;
    for (const DocumentBlock& block : inner) {
      if (!block.text.empty()) (out += out.empty() ? "" : "\n") += block.text;
      for (const DocumentCell& cell : block.cells)
        if (!cell.text.empty()) (out += out.empty() ? "" : "\n") += cell.text;
    }
    return out;
  }
  void run_inside(const xmlNode* node, int depth) {
    walk(node->children, depth);
    flush();
  }

  void table(const xmlNode* node, int depth) {
    TableMaker maker;
    int heads = 0;
    bool in_head = true;
    rows(node, depth, maker, heads, in_head);
    writer_.table(std::move(maker).finish(std::max(heads, 1)));
  }
  void rows(const xmlNode* node, int depth, TableMaker& maker, int& heads, bool& in_head) {
    if (is_too_deep(depth)) return;
    for (const xmlNode* child = node->children; child != nullptr; child = child->next) {
      const std::string_view name = name_of(child);
      if (child->type != XML_ELEMENT_NODE || is_hidden(child)) continue;
      if (name == "thead" || name == "tbody" || name == "tfoot") {
        rows(child, depth + 1, maker, heads, in_head);
      } else if (name == "caption") {
        writer_.add(DocumentBlockKind::paragraph, collapsed(cell_text(child, depth + 1)));
      } else if (name == "tr") {
        maker.next_row();
        bool all_heads = true, any = false;
        for (const xmlNode* cell = child->children; cell != nullptr && !maker.full(); cell = cell->next) {
          const std::string_view tag = name_of(cell);
          if (cell->type != XML_ELEMENT_NODE || (tag != "td" && tag != "th")) continue;
          any = true, all_heads = all_heads && tag == "th";
          maker.cell(cell_text(cell, depth + 1), span_of(cell, "colspan"), span_of(cell, "rowspan"));
        }
        in_head = in_head && any && all_heads;
        heads += in_head ? 1 : 0;
      }
    }
  }

  void flush() {
    std::string out;
    for (std::size_t at = 0; at <= text_.size();) {
      const std::size_t end = std::min(text_.find('\x01', at), text_.size());
      const std::string line = collapsed(std::string_view(text_).substr(at, end - at));
      if (!line.empty()) (out += out.empty() ? "" : "\n") += line;
      at = end + 1;
    }
    text_.clear();
    if (out.empty()) return;
    writer_.add(kind_, std::move(out), level_, kind_ == DocumentBlockKind::list_item ? marker_ : "");
    kind_ = DocumentBlockKind::paragraph, level_ = 0;
  }

  BlockWriter writer_;
  std::string text_, marker_;
  DocumentBlockKind kind_ = DocumentBlockKind::paragraph;
  int level_ = 0;
  std::vector<int> lists_;  // of each list around: the next number, 0 for bullets
};

// What <meta charset> says, in the first bytes of a page.
std::string said_charset(std::string_view bytes) {
  const std::string head = to_lower(bytes.substr(0, 2048));
  const std::size_t at = head.find("charset=");
  if (at == std::string::npos) return {};
  std::size_t begin = at + 8;
  while (begin < head.size() && (head[begin] == '"' || head[begin] == '\'' || head[begin] == ' ')) ++begin;
  const std::size_t end = head.find_first_of("\"'> ;/", begin);
  return head.substr(begin, std::min(end, begin + 40) - begin);
}

}  // namespace

bool looks_like_html(std::string_view bytes) {
  std::string head = to_lower(bytes.substr(0, 1024));
  std::erase(head, '\0');  // of UTF-16
  return head.find("<!doctype html") != std::string::npos || head.find("<html") != std::string::npos || head.find("<body") != std::string::npos;
}

void html_blocks(const std::string& utf8, std::vector<DocumentBlock>& blocks) {
  constexpr int kOptions = HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET | HTML_PARSE_COMPACT;
  htmlDocPtr document = htmlReadMemory(utf8.data(), static_cast<int>(utf8.size()), nullptr, "UTF-8", kOptions);
  if (document == nullptr) return;
  HtmlReader(blocks).run(xmlDocGetRootElement(document));
  xmlFreeDoc(document);
}

Result<Document, Refusal> read_html(const Order& order) {
  const auto text = to_utf8(order.bytes, said_charset(order.bytes));
  if (!text) return fail(Refusal{"invalid_document", "The page is in an encoding that nobody here knows."});
  Document document{.format = "html", .pages = {}};
  html_blocks(*text, document.pages.emplace_back(DocumentPage{.name = {}}).blocks);
  return document;
}

}  // namespace demarc::document::worker
