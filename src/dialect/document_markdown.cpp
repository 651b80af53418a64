// Blocks as Markdown (CommonMark with GitHub's tables). What a document says must not become Markdown's own marks: it is escaped where it would.
#include <algorithm>
#include <array>
#include <cctype>

#include "dialect/document_text.hpp"

namespace demarc::dialect {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || (static_cast<unsigned char>(c) & 0x80U) != 0; }

// Within a line.
std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 8);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const char before = i > 0 ? text[i - 1] : ' ', after = i + 1 < text.size() ? text[i + 1] : ' ';
    const bool inside_word = is_word(before) && is_word(after);  // an underscore there is none of Markdown's
    const bool opens_tag = c == '<' && (std::isalpha(static_cast<unsigned char>(after)) != 0 || after == '/' || after == '!');
    const bool closes_link = c == ']' && after == '(';
    if (c == '\\' || c == '`' || (c == '*' && !(before == ' ' && after == ' ')) || (c == '_' && !inside_word) || opens_tag || closes_link)
      out += '\\';
    out += c;
  }
  return out;
}

// At a line's beginning: what would make a heading, a list, a quote or a rule of it.
std::string escaped_line(std::string_view text) {
  std::string out = escaped(text);
  const std::size_t first = out.find_first_not_of(' ');
  if (first == std::string::npos) return out;
  const char c = out[first], after = first + 1 < out.size() ? out[first + 1] : ' ';
  if (c == '#' || c == '>' || ((c == '-' || c == '+' || c == '*' || c == '=') && (after == ' ' || after == c))) {
    out.insert(first, 1, '\\');
  } else if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
    const std::size_t end = out.find_first_not_of("0123456789", first);
    if (end != std::string::npos && (out[end] == '.' || out[end] == ')') && (end + 1 == out.size() || out[end + 1] == ' ')) out.insert(end, 1, '\\');
  }
  return out;
}

std::string escaped_lines(std::string_view text, std::string_view indent, std::string_view line_end) {
  std::string out;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (at > 0) (out += line_end) += indent;
    out += escaped_line(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

std::string html_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '\n')
      out += "<br>";
    else
      out += c;
  }
  return out;
}

std::string html_table(const DocumentBlock& table) {
  std::string out = "<table>";
  int row = -1;
  for (const DocumentCell& cell : table.cells) {
    for (; row < cell.row; ++row) out += row < 0 ? "<tr>" : "</tr><tr>";
    const char* tag = cell.row < table.header_rows ? "th" : "td";
    (out += '<') += tag;
    if (cell.row_span > 1) out += " rowspan=\"" + std::to_string(cell.row_span) + "\"";
    if (cell.column_span > 1) out += " colspan=\"" + std::to_string(cell.column_span) + "\"";
    (((out += '>') += html_text(cell.text)) += "</") += tag;
    out += '>';
  }
  return out + (row < 0 ? "</table>" : "</tr></table>");
}

constexpr int kMostColumns = 2'000;

std::string pipe_table(const DocumentBlock& table) {
  const int columns = std::clamp(table.columns, 1, kMostColumns);
  std::string out;
  const auto cell_text = [](std::string_view text) {
    std::string cell;
    for (const char c : escaped(text)) {
      if (c == '|')
        cell += "\\|";
      else if (c == '\n')
        cell += "<br>";
      else
        cell += c;
    }
    return cell;
  };
  auto next = table.cells.begin();
  const auto row = [&](int number) {
    out += '|';
    for (int column = 0; column < columns; ++column) {
      out += ' ';
      while (next != table.cells.end() && (next->row < number || (next->row == number && next->column < column))) ++next;
      if (next != table.cells.end() && next->row == number && next->column == column) (out += cell_text(next->text)) += ' ';
      out += '|';
    }
    out += '\n';
  };
  const int rows = static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(std::max(table.rows, 0)),
                                                          table.cells.empty() ? 0 : static_cast<std::size_t>(table.cells.back().row) + 1));
  for (int number = 0; number < rows; ++number) {
    row(number);
    if (number > 0) continue;
    out += '|';
    for (int column = 0; column < columns; ++column) out += " --- |";
    out += '\n';
  }
  if (!out.empty()) out.pop_back();
  return out;
}

std::string code_of(std::string_view text) {
  std::size_t longest = 0, run = 0;
  for (const char c : text) longest = std::max(longest, run = c == '`' ? run + 1 : 0);
  const std::string fence(std::max<std::size_t>(longest + 1, 3), '`');
  return fence + "\n" + std::string(text) + (text.ends_with('\n') ? "" : "\n") + fence;
}

std::string item_of(const DocumentBlock& block) {
  const std::string indent(static_cast<std::size_t>(std::clamp(block.level, 0, 8)) * 2, ' ');
  const bool is_number =
      block.marker.ends_with('.') &&
      std::ranges::all_of(block.marker.substr(0, block.marker.size() - 1), [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }) &&
      block.marker.size() > 1;
  const std::string own = block.marker == "-" || is_number || block.marker.empty() ? "" : block.marker + " ";
  const std::string mark = is_number ? block.marker : "-";
  return indent + mark + " " + escaped(own) + escaped_lines(block.text, indent + std::string(mark.size() + 1, ' '), "\n");
}

}  // namespace

std::string markdown_of(const DocumentPage& page, TableFormat tables) {
  std::string out;
  const DocumentBlock* before = nullptr;
  for (const DocumentBlock& block : page.blocks) {
    std::string text;
    switch (block.kind) {
      case DocumentBlockKind::heading:
        text = std::string(static_cast<std::size_t>(std::clamp(block.level, 1, 6)), '#') + " " + escaped_lines(block.text, "", " ");
        break;
      case DocumentBlockKind::paragraph: text = escaped_lines(block.text, "", "\n"); break;
      case DocumentBlockKind::list_item: text = item_of(block); break;
      case DocumentBlockKind::table: text = tables == TableFormat::html ? html_table(block) : pipe_table(block); break;
      case DocumentBlockKind::figure:
        text = "![" + block.image_id + "](" + block.image_id + ")" + (block.text.empty() ? "" : "\n\n" + escaped_lines(block.text, "", "\n"));
        break;
      case DocumentBlockKind::code: text = code_of(block.text); break;
    }
    if (text.empty()) continue;
    const bool one_list = before != nullptr && before->kind == DocumentBlockKind::list_item && block.kind == DocumentBlockKind::list_item;
    if (!out.empty()) out += one_list ? "\n" : "\n\n";
    out += text;
    before = &block;
  }
  return out;
}

}  // namespace demarc::dialect
