// cuts: a long text in pieces that a model is asked about one by one, so that what was read stays read when time runs out, and so that a text which
// grows is read again only at its end.
//
//   for (const Span& piece : cut(text, {.most = 2048, .overlap = 192})) …      // {begin, end}: at ends of lines and sentences where there are some
//
// Neighbours overlap by a sentence, or by `overlap` bytes: what stands across a border is whole in one of them. Where a piece ends depends on what
// stands before only. Pure; any thread.
#pragma once

#include <cstddef>
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

}  // namespace demarc::privacy
