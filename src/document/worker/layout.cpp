#include "document/worker/layout.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "base/strings.hpp"
#include "document/worker/lines.hpp"
#include "document/worker/tables.hpp"

namespace demarc::document::worker {
namespace {

constexpr double kSameRow = 0.5;   // of the lower one's height that two words of a row share
constexpr double kChunkGap = 1.0;  // of the letters' size: a wider gap is no space between words
constexpr double kGutter = 0.9;    // likewise, between columns
constexpr int kDeepest = 12;       // columns within columns

double height_of(const Word& word) { return std::max(1.0, static_cast<double>(word.box.height())); }

// A part of the page that is read as one: a table, or a line of a column.
struct Item {
  DocumentBox box;
  const Chunk* chunk = nullptr;
  const DocumentBlock* table = nullptr;
};

// Where a part of the page falls into columns: the x that fewest items reach over, with lines on both sides of it.
struct Cut {
  int x = 0;
  std::size_t over = 0;
};

// How many of the rows have something on both sides of x at the same height.
std::size_t rows_on_both_sides(const std::vector<Item>& items, int x) {
  std::map<int, int> sides;  // by row: 1 left, 2 right
  std::size_t both = 0;
  for (const Item& item : items) {
    if (item.chunk == nullptr || (item.box.left < x && item.box.right > x)) continue;
    int& side = sides[item.chunk->row];
    const int before = side;
    side |= item.box.right <= x ? 1 : 2;
    both += before != 3 && side == 3 ? 1U : 0U;
  }
  return both;
}

std::optional<Cut> best_cut(const std::vector<Item>& items) {
  std::vector<int> candidates;
  std::map<int, std::vector<const Item*>> rows;
  for (const Item& item : items)
    if (item.chunk != nullptr) rows[item.chunk->row].push_back(&item);
  for (auto& [_, row] : rows) {
    std::ranges::sort(row, {}, [](const Item* item) { return item->box.left; });
    for (std::size_t i = 1; i < row.size(); ++i)
      if (row[i]->box.left - row[i - 1]->box.right >= kGutter * row[i]->chunk->size)
        candidates.push_back((row[i]->box.left + row[i - 1]->box.right) / 2);
  }
  std::ranges::sort(candidates);
  candidates.erase(std::unique(candidates.begin(), candidates.end(), [](int a, int b) { return b - a < 4; }), candidates.end());
  if (candidates.size() > 400) return {};
  std::optional<Cut> best;
  std::size_t best_both = 0;
  for (const int x : candidates) {
    const auto over =
        static_cast<std::size_t>(std::ranges::count_if(items, [&](const Item& item) { return item.box.left < x && item.box.right > x; }));
    const std::size_t both = rows_on_both_sides(items, x);
    if (both < 3 || over * 2 > both) continue;
    if (!best || over < best->over || (over == best->over && both > best_both)) best = Cut{x, over}, best_both = both;
  }
  return best;
}

void by_height(std::vector<Item>& items) {
  // Chunks of one row have its height, or the order would not be one.
  std::map<int, int> tops;
  for (const Item& item : items)
    if (item.chunk != nullptr) {
      const auto [at, is_new] = tops.emplace(item.chunk->row, item.box.top);
      if (!is_new) at->second = std::min(at->second, item.box.top);
    }
  std::ranges::sort(items, {}, [&](const Item& item) {
    return std::tuple(item.chunk != nullptr ? tops[item.chunk->row] : item.box.top, item.box.left, item.box.right);
  });
}

// In the order of reading: what reaches over the columns divides the page into bands, and in each the left column comes before the right one.
void order(std::vector<Item> items, int depth, std::vector<std::vector<Item>>& columns) {
  by_height(items);
  const auto cut = depth < kDeepest ? best_cut(items) : std::nullopt;
  if (!cut) {
    if (!items.empty()) columns.push_back(std::move(items));
    return;
  }
  std::vector<Item> left, right, over;
  const auto flush = [&] {
    if (!left.empty()) order(std::move(left), depth + 1, columns);
    if (!right.empty()) order(std::move(right), depth + 1, columns);
    left.clear(), right.clear();
  };
  const auto flush_over = [&] {
    if (!over.empty()) columns.push_back(std::move(over));
    over.clear();
  };
  for (const Item& item : items) {
    const bool crosses = item.box.left < cut->x && item.box.right > cut->x;
    if (crosses) {
      flush();
      over.push_back(item);
      continue;
    }
    flush_over();
    (item.box.right <= cut->x ? left : right).push_back(item);
  }
  flush_over();
  flush();
}

std::vector<Row> rows_of(const std::vector<Chunk>& chunks) {
  std::vector<Row> rows;
  for (const Chunk& chunk : chunks) {
    if (static_cast<std::size_t>(chunk.row) >= rows.size()) rows.resize(static_cast<std::size_t>(chunk.row) + 1);
    rows[static_cast<std::size_t>(chunk.row)].push_back(&chunk);
  }
  for (Row& row : rows) std::ranges::sort(row, {}, [](const Chunk* chunk) { return chunk->box.left; });
  return rows;
}

}  // namespace

std::size_t Chunk::letters() const {
  std::size_t count = 0;
  for (const Word* word : words) count += count_code_points(word->text);
  return count + (words.empty() ? 0 : words.size() - 1);
}

bool Chunk::bold() const {
  std::size_t letters = 0, heavy = 0;
  for (const Word* word : words) letters += word->text.size(), heavy += word->bold ? word->text.size() : 0;
  return heavy * 2 > letters;
}

std::vector<Chunk> chunks_of(const std::vector<const Word*>& words) {
  std::vector<const Word*> sorted = words;
  std::ranges::sort(sorted, {}, [](const Word* word) { return std::tuple(word->box.top + word->box.bottom, word->box.left); });
  struct Line {
    DocumentBox box;
    std::vector<const Word*> words;
  };
  std::vector<Line> lines;
  for (const Word* word : sorted) {
    Line* home = nullptr;
    const std::size_t look_back = lines.size() > 24 ? lines.size() - 24 : 0;
    for (std::size_t i = lines.size(); i-- > look_back;) {
      const Word& last = *lines[i].words.back();
      const int shared = std::min(last.box.bottom, word->box.bottom) - std::max(last.box.top, word->box.top);
      if (shared < kSameRow * std::min(height_of(last), height_of(*word))) continue;
      home = &lines[i];
      break;
    }
    if (home == nullptr) home = &lines.emplace_back();
    home->box.unite(word->box);
    home->words.push_back(word);
  }
  std::ranges::sort(lines, {}, [](const Line& line) { return std::tuple(line.box.top + line.box.bottom, line.box.left); });
  std::vector<Chunk> chunks;
  int row = 0;
  for (Line& line : lines) {
    std::ranges::sort(line.words, {}, [](const Word* word) { return std::tuple(word->box.left, word->box.right); });
    const Word* before = nullptr;
    for (const Word* word : line.words) {
      const double size = before == nullptr ? word->size : std::max(before->size, word->size);
      if (before == nullptr || word->box.left - before->box.right > kChunkGap * size) chunks.push_back({.words = {}, .box = {}, .row = row});
      Chunk& chunk = chunks.back();
      chunk.words.push_back(word), chunk.box.unite(word->box), chunk.size = std::max(chunk.size, word->size);
      before = word;
    }
    ++row;
  }
  return chunks;
}

void append_words(const std::vector<const Word*>& words, std::string& text, std::vector<DocumentWord>& places) {
  bool first = true;
  for (const Word* word : words) {
    if (!first) text += ' ';
    first = false;
    places.push_back({.begin = text.size(), .end = text.size() + word->text.size(), .box = word->box, .confidence = word->confidence});
    text += word->text;
  }
}

std::optional<double> confidence_of(const std::vector<DocumentWord>& words) {
  double sum = 0, letters = 0;
  for (const DocumentWord& word : words) {
    if (!word.confidence) continue;
    const auto size = static_cast<double>(word.end - word.begin);
    sum += *word.confidence * size, letters += size;
  }
  return letters > 0 ? std::optional(sum / letters) : std::nullopt;
}

LaidPage lay_out(const PageContent& content) {
  std::vector<const Word*> words;
  for (const Word& word : content.words) words.push_back(&word);
  std::vector<DocumentBlock> tables = ruled_tables(content.rules, words);
  const std::vector<Chunk> chunks = chunks_of(words);
  const std::vector<Row> rows = rows_of(chunks);
  std::vector<bool> taken(rows.size());
  for (AlignedTable& table : aligned_tables(rows)) {
    std::fill(taken.begin() + static_cast<std::ptrdiff_t>(table.first), taken.begin() + static_cast<std::ptrdiff_t>(table.last), true);
    tables.push_back(std::move(table.block));
  }
  std::vector<Item> items;
  for (const Chunk& chunk : chunks)
    if (!taken[static_cast<std::size_t>(chunk.row)]) items.push_back({.box = chunk.box, .chunk = &chunk});
  for (const DocumentBlock& table : tables) items.push_back({.box = table.box, .table = &table});
  std::vector<std::vector<Item>> columns;
  order(std::move(items), 0, columns);

  LaidPage page{.blocks = {}, .style = style_of(chunks)};
  for (const std::vector<Item>& column : columns) {
    LineReader reader(page.style, page.blocks);
    for (const Item& item : column) {
      if (item.table == nullptr) {
        reader.line(*item.chunk);
      } else {
        reader.end();
        page.blocks.push_back({.block = *item.table});
      }
    }
    reader.end();
  }
  return page;
}

}  // namespace demarc::document::worker
