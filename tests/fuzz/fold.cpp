// A folded text maps back to whole characters of the text as it came, in order; folding twice changes nothing more.
#include "privacy/fold.hpp"

#include <algorithm>

#include "base/strings.hpp"
#include "fuzz.hpp"
#include "privacy/utf8.hpp"

FUZZ(fold) {
  const std::string text = with_values(bytes);
  const privacy::Folded folded(text);
  const std::string_view read = folded.text();
  const bool valid = is_utf8(text);
  CHECK(!valid || is_utf8(read));
  CHECK(read.size() <= 8 * text.size());
  if (std::all_of(text.begin(), text.end(), [](char c) { return static_cast<signed char>(c) >= 0; })) CHECK(read == text);

  Span last{0, 0};
  for (std::size_t at = 0; at < read.size();) {
    const std::size_t size = privacy::next_utf8(read, at).size;
    const Span span = folded.original({at, at + size});
    const bool same = span.begin == last.begin && span.end == last.end;  // one character may read as several: ⒋ as "4."
    CHECK((last.end <= span.begin || same) && span.begin < span.end && span.end <= text.size());
    if (valid) CHECK(!privacy::is_utf8_tail(text[span.begin]) && (span.end == text.size() || !privacy::is_utf8_tail(text[span.end])));
    last = span;
    at += size;
  }
  if (valid) CHECK(privacy::Folded(read).text() == read);
}
