// Layout: blocks in reading order out of words with places: columns, headings, lists, paragraphs, tables.
//
//   std::vector<LaidPage> pages = {lay_out(content), …};     // content.words in any order
//   rank_headings(pages);                                   // the largest of all are of level 1
//
// What is drawn decides first: cells between lines are a table (tables.hpp). Then rows of words that stand in columns one below another. What is left
// is read column by column, and lines become paragraphs, lists and headings by their size, weight, indent and the gaps between them. One way for
// words of a file's text and for recognised ones. Pure.
#pragma once

#include <vector>

#include "core/document.hpp"
#include "document/worker/words.hpp"

namespace demarc::document::worker {

struct LineStyle {
  double body_size = 0;  // of the letters that most of the page is set in
  double line_gap = 0;   // between its lines, from bottom to top
};

struct Laid {
  DocumentBlock block;
  double heading_size = 0;  // of a heading: of its letters, a little more if they are bold
};

struct LaidPage {
  std::vector<Laid> blocks;
  LineStyle style;
};

LaidPage lay_out(const PageContent& content);
void rank_headings(std::vector<LaidPage>& pages);

// A stretch of words side by side, nearer to each other than to any other: what a row of a table's cell or of a column is made of.
struct Chunk {
  std::vector<const Word*> words;  // from left to right
  DocumentBox box;
  double size = 0;  // of its letters
  int row = 0;      // chunks of one height on the page have the same
  [[nodiscard]] std::size_t letters() const;
  [[nodiscard]] bool bold() const;  // most of it
};

// The page's words in rows from the top, each cut into chunks at wide gaps.
std::vector<Chunk> chunks_of(const std::vector<const Word*>& words);

// Appends words to a text with a space between, and says where each stands.
void append_words(const std::vector<const Word*>& words, std::string& text, std::vector<DocumentWord>& places);
std::optional<double> confidence_of(const std::vector<DocumentWord>& words);

}  // namespace demarc::document::worker
