// chunks_of(): a document cut into pieces that can be found and cited: whole sentences, not across headings, small enough for an embedding model.
//
//   for (const Chunk& chunk : chunks_of({.path = "leave.md", .text = text}, {}))
//     chunk.text, chunk.heading, chunk.lines                      // "Parents may …", "Leave > Parents", {12, 15}
//
// Pages are what form feeds part; lines are counted from 1, on paged documents on each page anew. Any bytes are cut, those that are not UTF-8 too.
// Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace demarc::retrieval {

struct LineRange {
  std::int64_t first = 0, last = 0;
  friend bool operator==(const LineRange&, const LineRange&) = default;
};

struct Chunk {
  std::string text, heading;
  std::int64_t page = 0;  // from 1; 0: the document has no pages
  LineRange lines;
  std::size_t begin = 0, end = 0;  // bytes of the document
};

struct Document {
  std::string path;  // its ending says what it is: Markdown's headings are headings
  std::string text;
  bool is_markdown = false, is_paged = false;  // whatever the ending says, and if it is one page
};

struct ChunkLimits {
  std::size_t target_bytes = 600;  // about 150 tokens of English
  std::size_t most_bytes = 1'000;
  std::size_t chunks = 20'000;  // of one document; the rest is left out
};

std::vector<Chunk> chunks_of(const Document& document, const ChunkLimits& limits);

// Where sentences end: spans of `text` that together are all of it but blanks between them.
struct SentenceSpan {
  std::size_t begin = 0, end = 0;
};
std::vector<SentenceSpan> sentences_of(std::string_view text);

}  // namespace demarc::retrieval
