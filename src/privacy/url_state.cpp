#include "privacy/url_state.hpp"

#include "base/strings.hpp"
#include "privacy/chars.hpp"

namespace demarc::privacy {
namespace {

constexpr std::uint32_t kMarkdownDepth = 16;

constexpr bool is_slash(unsigned char c) { return c == '/' || c == '\\'; }

constexpr bool ends_with(std::uint64_t tail, std::string_view word) {  // at most eight characters
  std::uint64_t packed = 0;
  for (char c : word) packed = packed << 8U | static_cast<unsigned char>(c);
  const std::uint64_t mask = word.size() == 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << 8 * word.size()) - 1;
  return (tail & mask) == packed;
}

template <std::size_t N>
constexpr bool ends_with_any(std::uint64_t tail, const std::string_view (&words)[N]) {
  for (std::string_view word : words)
    if (ends_with(tail, word)) return true;
  return false;
}

}  // namespace

void UrlState::take(char c, TextForm form) {
  if (form == TextForm::plain) return take_decoded(static_cast<unsigned char>(c));
  if (escape_ == 'u') {
    hex_ = hex_ * 16 + (is_hex(c) ? static_cast<unsigned>(hex_value(c)) : 0);
    if (--hex_left_ > 0) return;
    escape_ = 0;
    return take_decoded(hex_ < 0x80 ? static_cast<unsigned char>(hex_) : 0x80);
  }
  if (escape_ == '\\') {
    escape_ = 0;
    if (c == 'u') {
      escape_ = 'u';
      hex_left_ = 4;
      hex_ = 0;
      return;
    }
    return take_decoded(c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' || c == 'f' || c == 'b' ? ' ' : static_cast<unsigned char>(c));
  }
  if (c == '\\') {
    escape_ = '\\';
    return;
  }
  take_decoded(static_cast<unsigned char>(c));
}

void UrlState::end_run() {
  in_run_ = false;
  run_quote_ = 0;
  tail_ = 0;
}

void UrlState::take_decoded(unsigned char c) {
  take_markdown(c);
  take_tag(c);
  const unsigned char last = last_;
  last_ = c;
  if (in_run_ && run_quote_ != 0) {  // src="https://…": up to that quote, whatever stands between
    if (c == static_cast<unsigned char>(run_quote_)) end_run();
    return;
  }
  const bool ends = c <= ' ' || c == '"' || c == '\'' || c == '<' || c == '>' || c == '`';
  if (ends) {
    end_run();
    run_quote_ = static_cast<char>((c == '"' || c == '\'') && last == '=' ? c : 0);
    return;
  }
  tail_ = tail_ << 8U | static_cast<unsigned char>(ascii_lower(static_cast<char>(c)));
  if (begins_url(c)) in_run_ = true;
}

bool UrlState::begins_url(unsigned char c) const {
  constexpr std::string_view kColon[] = {"http:", "https:", "ftp:", "data:", "mailto:", "ascript:"};
  constexpr std::string_view kCoded[] = {"http%", "https%", "http&", "https&"};
  constexpr std::string_view kSlashes[] = {"%2f%2f", "/%2f", "%5c%5c", "\\%5c"};
  if (is_slash(c)) return is_slash(static_cast<unsigned char>(tail_ >> 8U)) || ends_with(tail_, "%2f/");
  if (c == ':') return ends_with_any(tail_, kColon);
  if (c == '.') return ends_with(tail_, "www.");
  if (c == '%' || c == '&') return ends_with_any(tail_, kCoded);
  if ((c | 0x20U) == 'f' || (c | 0x20U) == 'c') return ends_with_any(tail_, kSlashes);
  return false;
}

void UrlState::take_markdown(unsigned char c) {
  if (markdown_depth_ > 0) {
    if (c == '(' && markdown_depth_ < kMarkdownDepth) ++markdown_depth_;
    if (c == ')') --markdown_depth_;
    if (c == '\n') markdown_depth_ = 0;
  } else if (c == '(' && last_ == ']') {
    markdown_depth_ = 1;
  }
  if (c == ':' && last_ == ']') {
    definition_ = Definition::colon;
  } else if (definition_ == Definition::colon) {
    if (c != ' ' && c != '\t') definition_ = is_slash(c) || c == '.' || c == '?' || c == '<' ? Definition::target : Definition::none;
  } else if (c <= ' ') {
    definition_ = Definition::none;
  }
}

void UrlState::take_tag(unsigned char c) {
  switch (attribute_) {
    case Attribute::single_quoted:
    case Attribute::double_quoted:
      if (c == (attribute_ == Attribute::single_quoted ? '\'' : '"')) attribute_ = Attribute::none;
      return;
    case Attribute::equals:
      if (c > ' ') attribute_ = c == '"' ? Attribute::double_quoted : c == '\'' ? Attribute::single_quoted : Attribute::bare;
      break;
    case Attribute::bare:
      if (c <= ' ') attribute_ = Attribute::none;
      break;
    case Attribute::none: break;
  }
  if (c == '<') {
    tag_ = Tag::opening, attribute_ = Attribute::none;
  } else if (c == '>' || (tag_ == Tag::opening && !is_letter(static_cast<char>(c)))) {
    tag_ = Tag::none, attribute_ = Attribute::none;
  } else if (tag_ == Tag::opening) {
    tag_ = Tag::open;
  } else if (tag_ == Tag::open && c == '=') {
    attribute_ = Attribute::equals;
  }
}

}  // namespace demarc::privacy
