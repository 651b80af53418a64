// UrlState: whether the text read so far ends inside a URL or the target of a link. Errs towards yes.
//
//   UrlState state;
//   for (char c : text) state.take(c);
//   if (state.inside()) ...
//
// Inside is: a run of characters without a space in which two slashes (either way round) stand together or that begins with "www."; the same run
// goes on over spaces if it stands in the quotes of an attribute (src="…"); the target of a Markdown link, from "](" to ")" or the line's end; after
// "data:" or "mailto:". JSON text, as in a tool's arguments, is read through its escapes. One text, one thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace demarc::privacy {

enum class TextForm : std::uint8_t { plain, json };

class UrlState {
 public:
  void take(char c, TextForm form);
  [[nodiscard]] bool inside() const { return in_run_ || markdown_depth_ > 0; }

 private:
  void take_decoded(unsigned char c);
  void end_run();

  char escape_ = 0;  // '\\' seen, or 'u' with digits to come
  std::uint8_t hex_left_ = 0;
  unsigned hex_ = 0;
  unsigned char last_ = ' ';
  char run_quote_ = 0;  // the attribute's quote that the run stands in; 0: none
  std::uint32_t run_length_ = 0;
  std::uint32_t tail_ = 0;  // the last four characters of the run, lower case
  bool in_run_ = false;
  std::uint32_t markdown_depth_ = 0;
};

}  // namespace demarc::privacy
