// Excel's xlsx (ECMA-376, SpreadsheetML) as tables: a page for each sheet, cells as they are shown.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "base/strings.hpp"
#include "base/time.hpp"
#include "document/worker/limits.hpp"
#include "document/worker/office_xml.hpp"

namespace demarc::document::worker {
namespace {

struct Place {
  int row = 0, column = 0;  // from 0
};
std::optional<Place> place_of(std::string_view reference) {  // "BC23"
  int column = 0, row = 0;
  std::size_t i = 0;
  for (; i < reference.size() && reference[i] >= 'A' && reference[i] <= 'Z'; ++i) {
    column = column * 26 + (reference[i] - 'A' + 1);
    if (column > 16'384) return {};
  }
  const auto [end, error] = std::from_chars(reference.data() + i, reference.data() + reference.size(), row);
  if (i == 0 || error != std::errc() || end != reference.data() + reference.size() || row < 1 || row > 1'048'576) return {};
  return Place{row - 1, column - 1};
}

std::string rich_text(const pugi::xml_node& node) {  // <t>, or runs of them; phonetic hints are left out
  std::string out;
  for (const pugi::xml_node item : node.children()) {
    if (is(item, "t")) out += item.text().get();
    if (is(item, "r")) out += child(item, "t").text().get();
  }
  return out;
}

bool is_date_format(int id, const std::map<int, std::string>& own) {
  if ((id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58)) return true;
  const auto found = own.find(id);
  if (found == own.end()) return false;
  bool quoted = false;
  for (const char c : found->second) {
    if (c == '"' || c == '[' || c == ']') quoted = c == '[' || (c == '"' && !quoted);
    if (!quoted && (c == 'y' || c == 'd' || c == 'h' || c == 's')) return true;
  }
  return false;
}

// Days since 1899-12-30, as Excel counts them (and since 1904-01-01 where a workbook says so).
std::string date_of(double days, bool since_1904) {
  if (!(days >= 0 && days < 2'958'466)) return {};
  const double unix_s = (days - (since_1904 ? 24'107.0 : 25'569.0)) * 86'400;
  const auto whole = static_cast<std::int64_t>(std::llround(unix_s));
  const std::int64_t day = whole >= 0 ? whole / 86'400 : -((86'399 - whole) / 86'400);
  const std::int64_t left = whole - day * 86'400;
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
  std::array<char, 40> text{};
  if (days < 1)
    std::snprintf(text.data(), text.size(), "%02d:%02d:%02d", static_cast<int>(left / 3600), static_cast<int>(left / 60 % 60),
                  static_cast<int>(left % 60));
  else if (left == 0)
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()));
  else
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02u %02d:%02d:%02d", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), static_cast<int>(left / 3600), static_cast<int>(left / 60 % 60), static_cast<int>(left % 60));
  return text.data();
}

class Workbook {
 public:
  explicit Workbook(const Members& members) : members_(members), shared_(members, "xl/sharedStrings.xml"), styles_(members, "xl/styles.xml") {
    for (const pugi::xml_node item : children(shared_.root(), "si")) strings_.push_back(item);
    std::map<int, std::string> own;
    for (const pugi::xml_node format : children(child(styles_.root(), "numFmts"), "numFmt"))
      own.emplace(number(attribute(format, "numFmtId"), 0), to_lower(attribute(format, "formatCode")));
    for (const pugi::xml_node style : children(child(styles_.root(), "cellXfs"), "xf"))
      dates_.push_back(is_date_format(number(attribute(style, "numFmtId"), 0), own));
  }
  void count_from_1904() { since_1904_ = true; }

  Result<void, Refusal> sheet(const std::string& member, DocumentPage& page) {
    const Xml xml(members_, member);
    std::map<std::pair<int, int>, std::string> cells;
    int last_row = 0, row_number = -1;
    for (const pugi::xml_node row : children(child(xml.root(), "sheetData"), "row")) {
      row_number = number(attribute(row, "r"), row_number + 2) - 1;
      int column = -1;
      for (const pugi::xml_node cell : children(row, "c")) {
        const auto place = place_of(attribute(cell, "r"));
        column = place ? place->column : column + 1;
        std::string text = value_of(cell);
        if (text.empty() || is_right_of_all(column)) continue;
        if (static_cast<std::int64_t>(cells.size()) >= limits().document_cells)
          return fail(Refusal{"document_too_large", "A sheet has too many cells with something in them: " +
                                                        limit_words("document_cells", limits().document_cells) + " are read."});
        cells.emplace(std::pair{place ? place->row : row_number, column}, std::move(text));
      }
    }
    if (cells.empty()) return {};
    int first_row = cells.begin()->first.first, first_column = most_columns(), last_column = 0;
    for (const auto& [at, _] : cells)
      last_row = std::max(last_row, at.first), first_column = std::min(first_column, at.second), last_column = std::max(last_column, at.second);
    DocumentBlock table{.kind = DocumentBlockKind::table,
                        .marker = {},
                        .text = {},
                        .rows = last_row - first_row + 1,
                        .columns = last_column - first_column + 1,
                        .header_rows = 1};
    const auto spans = merged(xml, first_row, first_column);
    int row_out = -1, row_before = -1;  // rows with nothing in them are no rows of the table
    for (auto& [at, text] : cells) {
      if (at.first != row_before) ++row_out, row_before = at.first;
      DocumentCell cell{.row = row_out, .column = at.second - first_column, .text = std::move(text)};
      if (const auto span = spans.find(at); span != spans.end())
        cell.row_span = span->second.row, cell.column_span = std::min(span->second.column, table.columns - cell.column);
      table.cells.push_back(std::move(cell));
    }
    table.rows = row_out + 1;
    for (DocumentCell& cell : table.cells) cell.row_span = std::min(cell.row_span, table.rows - cell.row);
    page.blocks.push_back(std::move(table));
    return {};
  }

 private:
  // By their first cell: how many rows and columns.
  static std::map<std::pair<int, int>, Place> merged(const Xml& xml, int first_row, int first_column) {
    std::map<std::pair<int, int>, Place> out;
    for (const pugi::xml_node merge : children(child(xml.root(), "mergeCells"), "mergeCell")) {
      const std::string_view range = attribute(merge, "ref");
      const std::size_t colon = range.find(':');
      if (colon == std::string_view::npos || static_cast<std::int64_t>(out.size()) > limits().document_cells) continue;
      const auto from = place_of(range.substr(0, colon)), to = place_of(range.substr(colon + 1));
      if (from && to && from->row >= first_row && from->column >= first_column && to->row >= from->row && to->column >= from->column)
        out.emplace(std::pair{from->row, from->column}, Place{to->row - from->row + 1, to->column - from->column + 1});
    }
    return out;
  }

  [[nodiscard]] std::string value_of(const pugi::xml_node& cell) const {
    const std::string_view type = attribute(cell, "t");
    if (type == "inlineStr") return rich_text(child(cell, "is"));
    const std::string_view value = child(cell, "v").text().get();
    if (type == "s") {
      const int index = number(value, -1);
      return index >= 0 && static_cast<std::size_t>(index) < strings_.size() ? rich_text(strings_[static_cast<std::size_t>(index)]) : std::string();
    }
    if (type == "b") return value == "1" ? "TRUE" : "FALSE";
    if (!type.empty() && type != "n") return std::string(value);
    const int style = number(attribute(cell, "s"), 0);
    double amount = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), amount);
    if (error != std::errc() || end != value.data() + value.size()) return std::string(value);
    if (style >= 0 && static_cast<std::size_t>(style) < dates_.size() && dates_[static_cast<std::size_t>(style)])
      if (std::string date = date_of(amount, since_1904_); !date.empty()) return date;
    std::array<char, 40> text{};
    const auto written =
        std::to_chars(text.data(), text.data() + text.size(), amount, std::chars_format::general, 15);  // as Excel shows: 0.1 + 0.2 is 0.3
    return {text.data(), written.ptr};
  }

  const Members& members_;
  const Xml shared_, styles_;
  std::vector<pugi::xml_node> strings_;
  std::vector<bool> dates_;  // by style
  bool since_1904_ = false;
};

}  // namespace

Result<void, Refusal> read_sheets(const Members& members, Document& document) {
  const Xml xml(members, "xl/workbook.xml");
  const auto targets = relations(members, "xl/workbook.xml");
  Workbook workbook(members);
  const std::string_view date1904 = attribute(child(xml.root(), "workbookPr"), "date1904");
  if (date1904 == "1" || date1904 == "true") workbook.count_from_1904();
  for (const pugi::xml_node sheet : children(child(xml.root(), "sheets"), "sheet")) {
    const auto target = targets.find(attribute(sheet, "id"));
    if (target == targets.end()) continue;
    TRY(may_have_page_more(document));
    DocumentPage& page =
        document.pages.emplace_back(DocumentPage{.index = static_cast<int>(document.pages.size()), .name = std::string(attribute(sheet, "name"))});
    TRY(workbook.sheet(target->second, page));
  }
  return {};
}

}  // namespace demarc::document::worker
