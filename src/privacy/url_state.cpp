#include "privacy/url_state.hpp"

#include "base/strings.hpp"
#include "privacy/chars.hpp"

namespace demarc::privacy {
namespace {

constexpr bool is_slash(unsigned char c) { return c == '/' || c == '\\'; }
constexpr std::uint32_t kWww = 'w' << 24U | 'w' << 16U | 'w' << 8U | '.';
constexpr std::uint32_t kData = 'a' << 24U | 't' << 16U | 'a' << 8U | ':';
constexpr std::uint32_t kMailto = 'i' << 24U | 'l' << 16U | 't' << 8U | 'o';
constexpr std::uint32_t kMarkdownDepth = 16;

unsigned hex_value(char c) { return static_cast<unsigned>(is_digit(c) ? c - '0' : ascii_lower(c) - 'a' + 10); }

}  // namespace

void UrlState::take(char c, TextForm form) {
  if (form == TextForm::plain) return take_decoded(static_cast<unsigned char>(c));
  if (escape_ == 'u') {
    hex_ = hex_ * 16 + (is_hex(c) ? hex_value(c) : 0);
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
    return take_decoded(c == 'n' || c == 'r' ? '\n' : c == 't' || c == 'f' || c == 'b' ? ' ' : static_cast<unsigned char>(c));
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
  run_length_ = 0;
  tail_ = 0;
}

void UrlState::take_decoded(unsigned char c) {
  const unsigned char last = last_;
  last_ = c;
  if (markdown_depth_ > 0) {
    if (c == '(' && markdown_depth_ < kMarkdownDepth) ++markdown_depth_;
    if (c == ')') --markdown_depth_;
    if (c == '\n') markdown_depth_ = 0;
  } else if (c == '(' && last == ']') {
    markdown_depth_ = 1;
  }
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
  ++run_length_;
  const std::uint32_t before_tail = tail_;
  tail_ = tail_ << 8U | static_cast<unsigned char>(ascii_lower(static_cast<char>(c)));
  const bool slashes = run_length_ > 1 && is_slash(c) && is_slash(last);
  const bool scheme = c == ':' && (tail_ == kData || before_tail == kMailto);
  if (slashes || tail_ == kWww || scheme) in_run_ = true;
}

}  // namespace demarc::privacy
