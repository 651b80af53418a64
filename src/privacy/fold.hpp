// fold: a text as a reader sees it, for detectors that know ASCII only. What compatibility normalisation (Unicode NFKC) makes ASCII becomes so:
// full-width forms, mathematical and circled letters and digits, superscripts; digits of other scripts, typographic dashes and spaces too. Characters
// that nobody sees, and marks put over a letter or digit, are dropped. Byte offsets can be carried back to the text as it came.
//
//   const Folded folded(text);
//   detect(folded.text());                       // the text itself if there was nothing to fold: no copy
//   Span original = folded.original({begin, end});
//
// Look-alike letters of other alphabets and encodings are for readings.hpp. Pure; any thread.
#pragma once

#include <optional>
#include <string_view>

#include "core/request.hpp"
#include "privacy/mapped.hpp"

namespace demarc::privacy {

std::optional<Mapped> fold(std::string_view text);  // nullopt: there is nothing to fold

class Folded {
 public:
  explicit Folded(std::string_view text) : original_(text), copy_(fold(text)) {}
  [[nodiscard]] std::string_view text() const { return copy_ ? copy_->text() : original_; }
  [[nodiscard]] Span original(Span span) const { return copy_ && span.begin < span.end ? copy_->original(span) : span; }

 private:
  std::string_view original_;
  std::optional<Mapped> copy_;
};

std::size_t first_non_ascii(std::string_view text, std::size_t at);  // text.size(): none

}  // namespace demarc::privacy
