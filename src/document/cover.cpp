#include "document/cover.hpp"

#include <algorithm>
#include <iterator>

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

// The covers that touch bytes of the reading: they are sorted, none touches another.
std::span<const Cover> touching(std::span<const Cover> covers, std::size_t begin, std::size_t end) {
  const auto first = std::ranges::partition_point(covers, [&](const Cover& cover) { return cover.end <= begin; });
  const auto last = std::partition_point(first, covers.end(), [&](const Cover& cover) { return cover.begin < end; });
  return {first, last};
}

struct Change {
  Part part;
  std::string_view with;
};

// Parts of a text, in order, give way to other texts; words that touch one go, those behind move.
void rewrite(const Text& where, const std::vector<Change>& changes) {
  std::string text;
  std::vector<std::size_t> written;  // bytes of the new text up to the end of each change
  std::size_t at = 0;
  for (const Change& change : changes) {
    text.append(*where.text, at, change.part.begin - at).append(change.with);
    at = change.part.end;
    written.push_back(text.size());
  }
  text.append(*where.text, at);
  *where.text = std::move(text);
  if (where.words == nullptr) return;
  const auto next_change = [&](const DocumentWord& word) {
    return std::ranges::partition_point(changes, [&](const Change& change) { return change.part.end <= word.begin; });
  };
  std::erase_if(*where.words, [&](const DocumentWord& word) {
    const auto next = next_change(word);
    return next != changes.end() && next->part.begin < word.end;
  });
  for (DocumentWord& word : *where.words) {
    const auto next = next_change(word);
    if (next == changes.begin()) continue;
    const std::size_t old = std::prev(next)->part.end, now = written[static_cast<std::size_t>(next - changes.begin()) - 1];
    word.begin = word.begin - old + now, word.end = word.end - old + now;
  }
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
  for (const Cover& cover : covers) out.push_back({.page = page.index, .type = cover.type, .boxes = {}});
  for (const Reading::Piece& piece : reading.pieces) {
    const std::vector<DocumentWord>* words = words_of(page, piece);
    if (words == nullptr) continue;
    for (const DocumentWord& word : *words)
      for (const Cover& cover : touching(covers, piece.begin + word.begin, piece.begin + word.end))
        out[static_cast<std::size_t>(&cover - covers.data())].boxes.push_back(word.box);
  }
  return out;
}

void apply_covers(DocumentPage& page, const Reading& reading, std::span<const Cover> covers) {
  for (const Reading::Piece& piece : reading.pieces) {
    std::vector<Change> changes;
    for (const Cover& cover : touching(covers, piece.begin, piece.end))
      changes.push_back({part_of(cover, piece), cover.begin >= piece.begin ? std::string_view(cover.with) : ""});  // where the value begins
    if (!changes.empty()) rewrite(text_of(page, piece), changes);
  }
}

}  // namespace demarc::document
