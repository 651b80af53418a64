#include "document/cover.hpp"

#include <algorithm>
#include <ranges>

namespace demarc::document {
namespace {

struct Text {
  std::string* text;
  std::vector<DocumentWord>* words;  // null: nobody knows where they stand
};

Text text_of(DocumentPage& page, const Reading::Piece& piece) {
  if (piece.block == Reading::kNone) return {&page.name, nullptr};
  DocumentBlock& block = page.blocks[piece.block];
  if (piece.cell == Reading::kNone) return {&block.text, &block.words};
  return {&block.cells[piece.cell].text, &block.cells[piece.cell].words};
}

const std::vector<DocumentWord>* words_of(const DocumentPage& page, const Reading::Piece& piece) {
  if (piece.block == Reading::kNone) return nullptr;
  const DocumentBlock& block = page.blocks[piece.block];
  return piece.cell == Reading::kNone ? &block.words : &block.cells[piece.cell].words;
}

void add(Reading& reading, const std::string& text, std::size_t block, std::size_t cell) {
  if (text.empty()) return;
  if (!reading.text.empty()) reading.text += '\n';
  reading.pieces.push_back({.begin = reading.text.size(), .end = reading.text.size() + text.size(), .block = block, .cell = cell});
  reading.text += text;
}

// The part of a cover that stands in a piece, by the piece's own bytes; empty: none.
struct Part {
  std::size_t begin = 0, end = 0;
};
Part part_of(const Cover& cover, const Reading::Piece& piece) {
  const std::size_t begin = std::max(cover.begin, piece.begin), end = std::min(cover.end, piece.end);
  return begin < end ? Part{begin - piece.begin, end - piece.begin} : Part{};
}

// What a cover touches, of pieces that stand in order.
std::span<const Reading::Piece> touched(const Reading& reading, const Cover& cover) {
  const auto first = std::ranges::partition_point(reading.pieces, [&](const Reading::Piece& piece) { return piece.end <= cover.begin; });
  const auto last = std::partition_point(first, reading.pieces.end(), [&](const Reading::Piece& piece) { return piece.begin < cover.end; });
  return {first, last};
}

// One part of a text gives way to another text; words that touch it go, those behind it move.
void replace(const Text& where, const Part& part, const std::string& with) {
  where.text->replace(part.begin, part.end - part.begin, with);
  if (where.words == nullptr) return;
  std::erase_if(*where.words, [&](const DocumentWord& word) { return word.begin < part.end && part.begin < word.end; });
  const std::size_t gone = part.end - part.begin;
  for (DocumentWord& word : *where.words)
    if (word.begin >= part.end) word.begin += with.size(), word.begin -= gone, word.end += with.size(), word.end -= gone;
}

}  // namespace

std::vector<Reading> readings_of(const Document& document) {
  std::vector<Reading> readings;
  for (const DocumentPage& page : document.pages) {
    Reading& reading = readings.emplace_back();
    add(reading, page.name, Reading::kNone, Reading::kNone);
    for (std::size_t b = 0; b < page.blocks.size(); ++b) {
      add(reading, page.blocks[b].text, b, Reading::kNone);
      for (std::size_t c = 0; c < page.blocks[b].cells.size(); ++c) add(reading, page.blocks[b].cells[c].text, b, c);
    }
  }
  return readings;
}

std::vector<Cover> covers_of(const Reading& reading, std::span<const Finding> findings) {
  std::vector<Cover> all;
  for (const Finding& finding : findings)
    if (finding.begin < finding.end && finding.end <= reading.text.size())
      all.push_back({.begin = finding.begin, .end = finding.end, .type = finding.type});
  std::ranges::sort(all, [](const Cover& a, const Cover& b) { return a.begin != b.begin ? a.begin < b.begin : a.end > b.end; });
  std::vector<Cover> out;
  for (Cover& cover : all) {
    if (!out.empty() && cover.begin < out.back().end)
      out.back().end = std::max(out.back().end, cover.end);
    else
      out.push_back(std::move(cover));
  }
  for (Cover& cover : out) cover.value = reading.text.substr(cover.begin, cover.end - cover.begin);
  return out;
}

std::vector<DocumentRedaction> redactions_of(const DocumentPage& page, const Reading& reading, std::span<const Cover> covers) {
  std::vector<DocumentRedaction> out;
  for (const Cover& cover : covers) {
    DocumentRedaction& redaction = out.emplace_back(DocumentRedaction{.page = page.index, .type = cover.type, .boxes = {}});
    for (const Reading::Piece& piece : touched(reading, cover)) {
      const Part part = part_of(cover, piece);
      const std::vector<DocumentWord>* words = words_of(page, piece);
      if (part.begin == part.end || words == nullptr) continue;
      for (const DocumentWord& word : *words)
        if (word.begin < part.end && part.begin < word.end) redaction.boxes.push_back(word.box);
    }
  }
  return out;
}

void apply_covers(DocumentPage& page, const Reading& reading, std::span<const Cover> covers) {
  // From the end, so that what stands before keeps its place. What stands for the value goes where it begins.
  for (const Cover& cover : std::views::reverse(covers))
    for (const Reading::Piece& piece : std::views::reverse(touched(reading, cover))) {
      const Part part = part_of(cover, piece);
      if (part.begin == part.end) continue;
      const bool is_first = cover.begin >= piece.begin;
      replace(text_of(page, piece), part, is_first ? cover.with : "");
    }
}

}  // namespace demarc::document
