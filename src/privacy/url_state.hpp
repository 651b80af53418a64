// UrlState: whether the text read so far ends inside a URL or the target of a link. Errs towards yes.
//
//   UrlState state;
//   for (char c : text) state.take(c);
//   if (state.inside()) ...
//
// Inside is
//   - a run of characters without a space in which two slashes (either way round, or percent-encoded) stand together, or that has a scheme such as
//     "https:", "https%3A", "https&#58;", "mailto:", "data:", "javascript:", or "www.";
//   - the same run over spaces, if it stands in quotes after "=";
//   - the value of an attribute in an HTML tag, whatever it is;
//   - the target of a Markdown link, from "](" to ")" or the line's end, and of a link definition, "]: /…" up to a space.
// JSON text, as in a tool's arguments, is read through its escapes. One text, one thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace demarc::privacy {

enum class TextForm : std::uint8_t { plain, json };

class UrlState {
 public:
  void take(char c, TextForm form);
  void pass_token() { tail_ = 0; }  // its letters, drawn by chance, begin no URL with what follows: "EMAILX…WWW."
  [[nodiscard]] bool inside() const { return in_run_ || markdown_depth_ > 0 || attribute_ >= Attribute::bare || definition_ == Definition::target; }
  [[nodiscard]] unsigned char last() const { return last_; }  // the last character read; 0x80 and above: of no ASCII

 private:
  enum class Tag : std::uint8_t { none, opening, open };  // after "<"; after "<" and a letter
  enum class Attribute : std::uint8_t { none, equals, bare, single_quoted, double_quoted };
  enum class Definition : std::uint8_t { none, colon, target };

  void take_decoded(unsigned char c);
  void take_markdown(unsigned char c);
  void take_tag(unsigned char c);
  [[nodiscard]] bool begins_url(unsigned char c) const;
  void end_run();

  char escape_ = 0;  // '\\' seen, or 'u' with digits to come
  std::uint8_t hex_left_ = 0;
  unsigned hex_ = 0;
  unsigned char last_ = ' ';
  char run_quote_ = 0;      // the quote after "=" that the run stands in; 0: none
  std::uint64_t tail_ = 0;  // the last eight characters of the run, small
  bool in_run_ = false;
  std::uint32_t markdown_depth_ = 0;
  Tag tag_ = Tag::none;
  Attribute attribute_ = Attribute::none;
  Definition definition_ = Definition::none;
};

}  // namespace demarc::privacy
