// cuts: a long text in pieces that a model is asked about one by one, so that what was read stays read when time runs out, and so that a text which
// grows is read again only at its end.
//
//   for (const Span& piece : cut(text, {.most = 2048, .overlap = 192})) …      // {begin, end}: at ends of lines and sentences where there are some
//
// Neighbours overlap by a sentence, or by `overlap` bytes: what stands across a border is whole in one of them. Where a piece ends depends on what
// stands before only. Pure; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace demarc::privacy {

struct Cut {
  std::size_t begin = 0, end = 0;  // bytes
};

struct CutSizes {
  std::size_t most = 2048, overlap = 192;
};

std::vector<Cut> cut(std::string_view text, const CutSizes& sizes);

// The same for a text that is still being written: sentence by sentence, each with what stands before it. How the text came in pieces changes
// nothing.
//
//   sentences.add(text);
//   while (auto unit = sentences.next(false)) …     // true: the text has ended, its rest comes too
//
// A point behind a short word with a capital ("Dr.", "J.") ends none. What goes on for kMost bytes without an end is cut at a space or character.
class Sentences {
 public:
  static constexpr std::size_t kMost = 1024, kBefore = 256;  // bytes

  struct Unit {
    std::string text;
    std::size_t from = 0;  // where the sentence begins; before it, what came before
  };
  void add(std::string_view text) { held_ += text; }
  std::optional<Unit> next(bool last);

 private:
  [[nodiscard]] std::size_t end_of_first(bool last) const;  // 0: not known yet

  std::string before_, held_;
  mutable std::size_t looked_at_ = 0;  // of held_: no end in it
};

}  // namespace demarc::privacy
