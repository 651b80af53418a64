// EditMap: which bytes of a cleaned transcript stand for which bytes of it as heard.
//
//   EditMap map(transcript);                       // "4111 um 1111" → "4111 1111"
//   map.heard({0, 9})                              // {0, 12}: with the filler that was dropped between
//   map.clean({5, 7})                              // {5, 5}: nothing is left of it
//
// An edit counts whole or not at all. Of a transcript that nobody cleaned both are the same. Pure.
#pragma once

#include <cstddef>
#include <vector>

#include "core/transcript.hpp"

namespace demarc::speech {

struct Bytes {
  std::size_t begin = 0, end = 0;  // end exclusive
};

class EditMap {
 public:
  explicit EditMap(const Transcript& transcript);
  [[nodiscard]] Bytes heard(Bytes clean) const;
  [[nodiscard]] Bytes clean(Bytes heard) const;
  [[nodiscard]] Bytes with_whole_edits(Bytes heard) const;

 private:
  struct Chunk {  // one behind the other they are all of both texts
    Bytes heard, clean;
    bool edited = false;
  };
  std::vector<Chunk> chunks_;
};

}  // namespace demarc::speech
