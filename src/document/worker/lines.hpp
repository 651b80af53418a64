// From the lines of one column to paragraphs, list items and headings.
//
//   const LineStyle style = style_of(chunks);          // of the page: what its plain text looks like
//   LineReader reader(style, blocks);
//   for (…) reader.line(chunk);                         // from the top
//   reader.end();
//   rank_headings(pages);                               // of the whole document: the largest are of level 1
//
// Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "document/worker/layout.hpp"

namespace demarc::document::worker {

LineStyle style_of(const std::vector<Chunk>& chunks);

// What a recogniser makes of a bullet, or a number without its point, where it stands alone before a wider gap.
bool is_marker_alone(const Word& word);

// "•", "-", "3.", "(b)" at a line's beginning, as a marker of Markdown; nullopt: it is none.
std::optional<std::string> list_marker(std::string_view word);

class LineReader {
 public:
  LineReader(const LineStyle& style, std::vector<Laid>& blocks) : style_(style), blocks_(blocks) {}
  void line(const Chunk& chunk);
  void end();

 private:
  [[nodiscard]] bool continues(const Chunk& chunk) const;
  void begin(const Chunk& chunk);
  void begin_item(const Chunk& chunk, std::string marker, std::vector<const Word*> words);
  void plain_line(const Chunk& chunk);
  void close();
  void append(const std::vector<const Word*>& words);

  const LineStyle& style_;
  std::vector<Laid>& blocks_;
  std::optional<DocumentBlock> open_;
  std::vector<const Chunk*> lines_;
  const Chunk* waiting_ = nullptr;  // a marker alone: an item's, if words follow in its row
  std::vector<int> list_lefts_;     // of the items around: how deep this one is
  int text_left_ = 0;               // of a list item: where its words begin
};

}  // namespace demarc::document::worker
