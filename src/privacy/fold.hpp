// fold: a text as a reader sees it, for detectors that know ASCII only. Full-width forms, digits of other scripts, typographic dashes and spaces
// become ASCII; characters that nobody sees are dropped. Byte offsets can be carried back to the text as it came.
//
//   const Folded folded(text);
//   detect(folded.text());                       // the text itself if there was nothing to fold: no copy
//   Span original = folded.original({begin, end});
//
// Not done here: NFKC, look-alike letters of other alphabets, encodings of encodings. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/request.hpp"

namespace demarc::privacy {

class Folded {
 public:
  explicit Folded(std::string_view text);
  [[nodiscard]] std::string_view text() const { return changed_ ? std::string_view(copy_) : original_; }
  [[nodiscard]] Span original(Span span) const;

 private:
  struct Step {  // from byte `folded` of the copy on, bytes stand one to one at `original` and after
    std::size_t folded, original;
  };
  [[nodiscard]] std::size_t at(std::size_t folded) const;

  std::string_view original_;
  bool changed_ = false;
  std::string copy_;
  std::vector<Step> steps_;
};

}  // namespace demarc::privacy
