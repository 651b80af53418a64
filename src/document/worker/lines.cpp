#include "document/worker/lines.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <map>
#include <utility>

#include "base/strings.hpp"

namespace demarc::document::worker {
namespace {

constexpr double kLargerThanBody = 1.18;  // letters of a heading
constexpr double kSameSize = 0.12;        // relative: recognised letters vary so much
constexpr double kParagraphGap = 0.55;    // of a line's height, beyond the usual gap
constexpr double kIndent = 1.2;           // of the letters' size: a new paragraph's first line
constexpr std::size_t kHeadingLetters = 160;
constexpr std::size_t kBoldHeadingLetters = 80;

constexpr auto kBullets =
    std::to_array<std::string_view>({"•", "◦", "▪", "■", "●", "○", "‣", "–", "—", "-", "*", "·", "»", "›", "➢", "✓", "→", "\uf0b7", "\uf0a7"});

bool ends_sentence(std::string_view text) {
  return text.ends_with('.') || text.ends_with('!') || text.ends_with('?') || text.ends_with(';') || text.ends_with(',');
}

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || (static_cast<unsigned char>(c) & 0x80U) != 0; }

}  // namespace

LineStyle style_of(const std::vector<Chunk>& chunks) {
  std::map<int, std::size_t> letters;  // by size in halves of a pixel
  for (const Chunk& chunk : chunks) letters[static_cast<int>(std::lround(chunk.size * 2))] += chunk.letters();
  LineStyle style;
  std::size_t most = 0;
  for (const auto& [size, count] : letters) {  // neighbours count: recognised sizes are spread
    std::size_t around = 0;
    for (const auto& [other, its] : letters)
      if (std::abs(other - size) <= std::max(1, size / 12)) around += its;
    if (around > most) most = around, style.body_size = size / 2.0;
  }
  std::vector<double> gaps;
  for (std::size_t i = 1; i < chunks.size(); ++i) {
    const Chunk &above = chunks[i - 1], &below = chunks[i];
    const double gap = below.box.top - above.box.bottom;
    if (below.row == above.row + 1 && gap < style.body_size * 1.2 && std::abs(below.size - style.body_size) < style.body_size * kSameSize)
      gaps.push_back(gap);
  }
  if (!gaps.empty())
    std::ranges::nth_element(gaps, gaps.begin() + static_cast<std::ptrdiff_t>(gaps.size() / 2)), style.line_gap = gaps[gaps.size() / 2];
  return style;
}

bool is_marker_alone(const Word& word) {
  constexpr auto kReadFromBullets = std::to_array<std::string_view>({"e", "©", "®", "¢", "°", "«", "o", "@", "+", "¢", "©)", "O", "0"});
  if (word.confidence && std::ranges::find(kReadFromBullets, word.text) != kReadFromBullets.end()) return true;
  return word.text.size() <= 2 && std::ranges::all_of(word.text, [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<std::string> list_marker(std::string_view word) {
  if (std::ranges::find(kBullets, word) != kBullets.end()) return "-";
  std::string_view inner = word;
  if (inner.starts_with('(') && inner.ends_with(')')) inner = inner.substr(1);
  if (inner.size() < 2 || (!inner.ends_with('.') && !inner.ends_with(')'))) return {};
  inner.remove_suffix(1);
  const bool digits = inner.size() <= 3 && std::ranges::all_of(inner, [](char c) { return c >= '0' && c <= '9'; });
  const bool letter = inner.size() == 1 && std::islower(static_cast<unsigned char>(inner[0])) != 0;
  const bool roman = inner.size() <= 4 && std::ranges::all_of(inner, [](char c) { return c == 'i' || c == 'v' || c == 'x'; });
  if (digits) return std::string(inner) + ".";
  return letter || roman ? std::optional(std::string(word)) : std::nullopt;
}

bool LineReader::continues(const Chunk& chunk) const {
  if (!open_ || lines_.empty()) return false;
  const Chunk& above = *lines_.back();
  if (above.row == chunk.row) return true;
  const double size = std::max(above.size, chunk.size);
  if (std::abs(chunk.size - above.size) > size * (open_->kind == DocumentBlockKind::heading ? kSameSize : 2 * kSameSize)) return false;
  if (chunk.box.top - above.box.bottom > std::max(style_.line_gap, 0.0) + kParagraphGap * size) return false;
  if (above.bold() != chunk.bold() && (above.words.size() > 1 || chunk.words.size() > 1)) return false;
  if (chunk.words.size() > 1 && list_marker(chunk.words[0]->text)) return false;
  if (open_->kind == DocumentBlockKind::list_item) return chunk.box.left >= text_left_ - static_cast<int>(size);
  const int left = std::min(lines_.front()->box.left, above.box.left);
  if (lines_.size() > 1 && chunk.box.left > left + kIndent * size && chunk.box.left > above.box.left + kIndent * size &&
      ends_sentence(above.words.back()->text))
    return false;  // an indented first line
  return true;
}

void LineReader::begin_item(const Chunk& chunk, std::string marker, std::vector<const Word*> words) {
  close();
  open_.emplace();
  open_->kind = DocumentBlockKind::list_item, open_->marker = std::move(marker);
  const int left = chunk.box.left, tolerance = static_cast<int>(chunk.size);
  while (!list_lefts_.empty() && left < list_lefts_.back() - tolerance) list_lefts_.pop_back();
  if (list_lefts_.empty() || left > list_lefts_.back() + tolerance) list_lefts_.push_back(left);
  open_->level = std::min<int>(static_cast<int>(list_lefts_.size()) - 1, 8);
  text_left_ = words[0]->box.left;
  lines_.push_back(&chunk);
  append(words);
}

void LineReader::begin(const Chunk& chunk) {
  const bool large = chunk.size > style_.body_size * kLargerThanBody;
  const auto marker = chunk.words.size() > 1 ? list_marker(chunk.words[0]->text) : std::nullopt;
  if (marker && !large) return begin_item(chunk, *marker, {chunk.words.begin() + 1, chunk.words.end()});
  close();
  open_.emplace();
  list_lefts_.clear();
  if (large) open_->kind = DocumentBlockKind::heading;
  lines_.push_back(&chunk);
  append(chunk.words);
}

void LineReader::append(const std::vector<const Word*>& words) {
  DocumentBlock& block = *open_;
  std::size_t skip = 0;
  if (!block.text.empty()) {
    // A word that was cut at the line's end is one again; where a capital or a digit follows, the hyphen is its own.
    const bool cut = block.text.size() > 1 && block.text.back() == '-' && is_letter(block.text[block.text.size() - 2]) && !words.empty() &&
                     std::islower(static_cast<unsigned char>(words[0]->text[0])) != 0;
    if (cut && !block.words.empty()) {
      block.text.pop_back();
      block.words.back().end = block.text.size();
      block.words.push_back(
          {.begin = block.text.size(), .end = block.text.size() + words[0]->text.size(), .box = words[0]->box, .confidence = words[0]->confidence});
      block.text += words[0]->text;
      skip = 1;
    }
    if (words.size() > skip) block.text += ' ';
  }
  append_words({words.begin() + static_cast<std::ptrdiff_t>(skip), words.end()}, block.text, block.words);
}

void LineReader::line(const Chunk& chunk) {
  if (waiting_ != nullptr) {
    const Chunk& marker = *std::exchange(waiting_, nullptr);
    if (marker.row == chunk.row) {
      const std::string& text = marker.words[0]->text;
      const bool is_number = std::isdigit(static_cast<unsigned char>(text[0])) != 0;
      return begin_item(marker, is_number ? text + "." : list_marker(text).value_or("-"), chunk.words), lines_.push_back(&chunk);
    }
    plain_line(marker);
  }
  if (chunk.words.size() == 1 && (list_marker(chunk.words[0]->text) || is_marker_alone(*chunk.words[0])) &&
      !(open_ && !lines_.empty() && lines_.back()->row == chunk.row)) {
    waiting_ = &chunk;
    return;
  }
  plain_line(chunk);
}

void LineReader::plain_line(const Chunk& chunk) {
  if (!continues(chunk)) return begin(chunk);
  lines_.push_back(&chunk);
  append(chunk.words);
}

void LineReader::end() {
  if (waiting_ != nullptr) plain_line(*std::exchange(waiting_, nullptr));
  close();
}

void LineReader::close() {
  if (!open_) return;
  double size = 0;
  bool bold = true;
  for (const Chunk* line : lines_) open_->box.unite(line->box), size = std::max(size, line->size), bold = bold && line->bold();
  const std::size_t letters = count_code_points(open_->text);
  if (open_->kind == DocumentBlockKind::heading && letters > kHeadingLetters) open_->kind = DocumentBlockKind::paragraph;
  if (open_->kind == DocumentBlockKind::paragraph && bold && letters <= kBoldHeadingLetters && lines_.size() <= 2 && !ends_sentence(open_->text) &&
      std::ranges::any_of(open_->text, is_letter))
    open_->kind = DocumentBlockKind::heading;
  open_->confidence = confidence_of(open_->words);
  const double heading_size = open_->kind == DocumentBlockKind::heading ? (bold ? size * 1.01 : size) : 0;
  blocks_.push_back({.block = *std::move(open_), .heading_size = heading_size});
  open_.reset();
  lines_.clear();
}

void rank_headings(std::vector<LaidPage>& pages) {
  std::vector<double> sizes;
  for (const LaidPage& page : pages)
    for (const Laid& laid : page.blocks)
      if (laid.block.kind == DocumentBlockKind::heading) sizes.push_back(laid.heading_size);
  std::ranges::sort(sizes, std::greater<>());
  std::vector<double> ranks;  // the largest of each group of like sizes
  for (const double size : sizes)
    if (ranks.empty() || size < ranks.back() * (1 - kSameSize)) ranks.push_back(size);
  for (LaidPage& page : pages)
    for (Laid& laid : page.blocks) {
      if (laid.block.kind != DocumentBlockKind::heading) continue;
      const auto rank = std::ranges::find_if(ranks, [&](double largest) { return laid.heading_size >= largest * (1 - kSameSize); }) - ranks.begin();
      laid.block.level = std::min<int>(static_cast<int>(rank) + 1, 6);
      if (laid.heading_size <= page.style.body_size * 1.05) laid.block.level = std::max(laid.block.level, 2);  // bold alone is no title
    }
}

}  // namespace demarc::document::worker
