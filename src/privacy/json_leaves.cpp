#include "privacy/json_leaves.hpp"

#include <vector>

#include "privacy/chars.hpp"
#include "privacy/utf8.hpp"

namespace demarc::privacy {
namespace {

constexpr std::size_t kDepth = 512;

std::size_t skip_blank(std::string_view json, std::size_t at) {
  while (at < json.size() && is_blank(json[at])) ++at;
  return at;
}

std::size_t string_end(std::string_view json, std::size_t quote) {  // just after the closing quote; npos if there is none
  for (std::size_t at = quote + 1; at < json.size(); ++at) {
    if (json[at] == '\\')
      ++at;
    else if (json[at] == '"')
      return at + 1;
  }
  return std::string_view::npos;
}

int read_hex4(std::string_view raw, std::size_t at) {  // -1: not four hex digits
  if (at + 4 > raw.size()) return -1;
  int value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    if (!is_hex(raw[at + i])) return -1;
    value = value * 16 + hex_value(raw[at + i]);
  }
  return value;
}

std::size_t append_unicode(std::string& out, std::string_view raw, std::size_t at) {  // at: behind "\u"; returns how many bytes it took
  const int high = read_hex4(raw, at);
  if (high < 0) return out += "\\u", 0;
  if (high < 0xD800 || high > 0xDFFF) return append_utf8(out, static_cast<char32_t>(high)), 4;
  const int low = high < 0xDC00 && raw.substr(at + 4, 2) == "\\u" ? read_hex4(raw, at + 6) : -1;
  if (low < 0xDC00 || low > 0xDFFF) return append_utf8(out, 0xFFFD), 4;
  append_utf8(out, 0x10000U + (static_cast<char32_t>(high - 0xD800) << 10U) + static_cast<char32_t>(low - 0xDC00));
  return 10;
}

}  // namespace

bool for_each_json_leaf(std::string_view json, const std::function<Walk(const JsonLeaf&)>& visit) {
  struct Level {
    char bracket;
    std::string_view label;  // of what stands in it
  };
  std::vector<Level> levels{{0, {}}};
  std::size_t values = 0;
  for (std::size_t at = skip_blank(json, 0); at < json.size(); at = skip_blank(json, at)) {
    const char c = json[at];
    Level& level = levels.back();
    if (levels.size() == 1 && values++ > 0) return false;  // something after the document
    if (c == '{' || c == '[') {
      if (levels.size() > kDepth) return false;
      levels.push_back({c, level.label});
      ++at;
    } else if (c == '}' || c == ']') {
      if (level.bracket != (c == '}' ? '{' : '[')) return false;
      levels.pop_back();
      ++at;
    } else if (c == ',' || c == ':') {
      if (levels.size() == 1) return false;
      ++at;
    } else if (c == '"') {
      const std::size_t end = string_end(json, at);
      if (end == std::string_view::npos) return false;
      const bool key = level.bracket == '{' && after(json, skip_blank(json, end)) == ':';
      const std::string_view raw = json.substr(at + 1, end - at - 2);
      if (visit({key ? LeafKind::key : LeafKind::string, {at, end}, raw, key ? std::string_view{} : level.label}) == Walk::stop) return true;
      if (key) level.label = raw;
      at = end;
    } else {  // a number or true, false, null
      const std::size_t begin = at;
      while (at < json.size() && (is_alnum(json[at]) || json[at] == '-' || json[at] == '+' || json[at] == '.')) ++at;
      if (at == begin) return false;
      const std::string_view word = json.substr(begin, at - begin);
      const bool number = is_digit(word.back()) && (is_digit(word[0]) || word[0] == '-');
      if (!number && word != "true" && word != "false" && word != "null") return false;
      if (number && visit({LeafKind::number, {begin, at}, word, level.label}) == Walk::stop) return true;
    }
  }
  return levels.size() == 1;
}

bool is_json_document(std::string_view text) {
  const std::size_t begin = skip_blank(text, 0);
  if (begin == text.size() || (text[begin] != '{' && text[begin] != '[')) return false;
  return for_each_json_leaf(text, [](const JsonLeaf&) { return Walk::on; });
}

std::string unescape_json(std::string_view raw) {
  std::string out;
  out.reserve(raw.size());
  for (std::size_t at = 0; at < raw.size(); ++at) {
    if (raw[at] != '\\' || at + 1 == raw.size()) {
      out += raw[at];
      continue;
    }
    const char c = raw[++at];
    constexpr std::string_view kEscapes = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
    if (c == 'u')
      at += append_unicode(out, raw, at + 1);
    else if (const std::size_t which = kEscapes.find(c); which != std::string_view::npos)
      out += kMeanings[which];
    else
      (out += '\\') += c;
  }
  return out;
}

}  // namespace demarc::privacy
