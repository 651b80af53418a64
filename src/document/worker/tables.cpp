#include "document/worker/tables.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "document/worker/limits.hpp"
#include "document/worker/lines.hpp"

namespace demarc::document::worker {
namespace {

constexpr int kTouch_px = 6;     // lines that end so near each other meet
constexpr double kCovers = 0.6;  // of a cell's side that a line must cover to be its border
constexpr std::size_t kLeastRows = 3;
constexpr std::size_t kCellLetters = 60;  // on average: longer ones are prose in columns
constexpr double kNarrowGap = 0.5;        // of a line's height: columns are further apart

// Positions that are nearly the same, as one.
std::vector<int> cluster(std::vector<int> positions, int near_px) {
  std::ranges::sort(positions);
  std::vector<int> out;
  long long sum = 0;
  int count = 0, last = 0;
  for (const int position : positions) {
    if (count > 0 && position - last > near_px) out.push_back(static_cast<int>(sum / count)), sum = 0, count = 0;
    sum += position, ++count, last = position;
  }
  if (count > 0) out.push_back(static_cast<int>(sum / count));
  return out;
}

int middle(int from, int to) { return from + (to - from) / 2; }

// Which lines hang together.
std::vector<std::vector<const Rule*>> groups_of(const std::vector<Rule>& rules) {
  std::vector<std::size_t> leader(rules.size());
  std::iota(leader.begin(), leader.end(), std::size_t{0});
  const auto find = [&](std::size_t i) {
    while (leader[i] != i) i = leader[i] = leader[leader[i]];
    return i;
  };
  const auto meet = [](const DocumentBox& a, const DocumentBox& b) {
    return a.left <= b.right + kTouch_px && b.left <= a.right + kTouch_px && a.top <= b.bottom + kTouch_px && b.top <= a.bottom + kTouch_px;
  };
  for (std::size_t i = 0; i < rules.size(); ++i)
    for (std::size_t j = i + 1; j < rules.size(); ++j)
      if (rules[i].is_level() != rules[j].is_level() && meet(rules[i].box, rules[j].box)) leader[find(i)] = find(j);
  std::map<std::size_t, std::vector<const Rule*>> by_leader;
  for (std::size_t i = 0; i < rules.size(); ++i) by_leader[find(i)].push_back(&rules[i]);
  std::vector<std::vector<const Rule*>> out;
  for (auto& [_, group] : by_leader) out.push_back(std::move(group));
  return out;
}

class Grid {
 public:
  explicit Grid(const std::vector<const Rule*>& rules) {
    std::vector<int> xs, ys;
    for (const Rule* rule : rules)
      if (rule->is_level())
        ys.push_back(middle(rule->box.top, rule->box.bottom)), xs.push_back(rule->box.left), xs.push_back(rule->box.right);
      else
        xs.push_back(middle(rule->box.left, rule->box.right)), ys.push_back(rule->box.top), ys.push_back(rule->box.bottom);
    xs_ = cluster(std::move(xs), 2 * kTouch_px), ys_ = cluster(std::move(ys), 2 * kTouch_px);
    if (xs_.size() < 2 || ys_.size() < 2 || columns() > limits().document_columns || std::int64_t{rows()} * columns() > limits().document_cells)
      return;
    for (const Rule* rule : rules) draw(*rule);
    ok_ = true;
  }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] int rows() const { return static_cast<int>(ys_.size()) - 1; }
  [[nodiscard]] int columns() const { return static_cast<int>(xs_.size()) - 1; }
  [[nodiscard]] DocumentBox box(int row, int column, int row_span, int column_span) const {
    return {xs_[at(column)], ys_[at(row)], xs_[at(column + column_span)], ys_[at(row + row_span)]};
  }

  // Cells, those between which nothing is drawn as one. A shape that is no rectangle stays in pieces.
  [[nodiscard]] std::vector<DocumentCell> cells() const {
    std::vector<DocumentCell> out;
    std::vector<bool> taken(static_cast<std::size_t>(rows()) * at(columns()));
    const auto is_taken = [&](int row, int column) -> std::vector<bool>::reference { return taken[at(row) * at(columns()) + at(column)]; };
    for (int row = 0; row < rows(); ++row)
      for (int column = 0; column < columns(); ++column) {
        if (is_taken(row, column)) continue;
        int wide = 1, high = 1;
        while (column + wide < columns() && !is_taken(row, column + wide) && !line_left_of(row, column + wide)) ++wide;
        const auto open_below = [&] {
          for (int c = column; c < column + wide; ++c)
            if (is_taken(row + high, c) || line_above(row + high, c) || (c > column && line_left_of(row + high, c))) return false;
          return true;
        };
        while (row + high < rows() && open_below()) ++high;
        for (int r = row; r < row + high; ++r)
          for (int c = column; c < column + wide; ++c) is_taken(r, c) = true;
        out.push_back({.row = row, .column = column, .row_span = high, .column_span = wide, .text = {}, .box = box(row, column, high, wide)});
      }
    return out;
  }

 private:
  static std::size_t at(int i) { return static_cast<std::size_t>(i); }
  void draw(const Rule& rule) {
    const auto nearest = [](const std::vector<int>& all, int position) {
      return std::ranges::min_element(all, {}, [&](int value) { return std::abs(value - position); }) - all.begin();
    };
    const bool level = rule.is_level();
    const auto line = nearest(level ? ys_ : xs_, level ? middle(rule.box.top, rule.box.bottom) : middle(rule.box.left, rule.box.right));
    const std::vector<int>& along = level ? xs_ : ys_;
    const int from = level ? rule.box.left : rule.box.top, to = level ? rule.box.right : rule.box.bottom;
    for (std::size_t i = 0; i + 1 < along.size(); ++i) {
      const int covered = std::min(to, along[i + 1]) - std::max(from, along[i]);
      if (covered < kCovers * (along[i + 1] - along[i])) continue;
      (level ? level_[{static_cast<int>(line), static_cast<int>(i)}] : upright_[{static_cast<int>(i), static_cast<int>(line)}]) = true;
    }
  }
  [[nodiscard]] bool line_above(int row, int column) const { return level_.contains({row, column}); }
  [[nodiscard]] bool line_left_of(int row, int column) const { return upright_.contains({row, column}); }

  std::vector<int> xs_, ys_;
  std::map<std::pair<int, int>, bool> level_, upright_;  // level: (line, column); upright: (row, line)
  bool ok_ = false;
};

bool holds(const DocumentBox& box, const DocumentBox& word) {
  const int x = middle(word.left, word.right), y = middle(word.top, word.bottom);
  return x >= box.left && x < box.right && y >= box.top && y < box.bottom;
}

void fill(DocumentCell& cell, const std::vector<const Word*>& words) {
  int row = -1;
  for (const Chunk& chunk : chunks_of(words)) {
    if (!cell.text.empty()) cell.text += chunk.row == row ? ' ' : '\n';
    row = chunk.row;
    append_words(chunk.words, cell.text, cell.words);
  }
}

// A head whose cells are bold, while those below are not.
int header_rows_of(const std::vector<std::pair<int, bool>>& bold_by_row) {
  int rows = 0;
  for (const auto& [row, bold] : bold_by_row) {
    if (!bold) break;
    rows = row + 1;
  }
  return rows == static_cast<int>(bold_by_row.size()) ? 1 : std::max(rows, 1);
}

void finish(DocumentBlock& table) {
  std::vector<DocumentWord> all;
  for (const DocumentCell& cell : table.cells) {
    table.box.unite(cell.box);
    all.insert(all.end(), cell.words.begin(), cell.words.end());
  }
  table.confidence = confidence_of(all);
}

std::optional<DocumentBlock> table_of(const Grid& grid, std::vector<const Word*>& words) {
  DocumentBlock table{.kind = DocumentBlockKind::table, .marker = {}, .text = {}, .rows = grid.rows(), .columns = grid.columns()};
  table.cells = grid.cells();
  if (table.cells.size() < 2) return {};  // a frame around something
  const DocumentBox whole = grid.box(0, 0, grid.rows(), grid.columns());
  std::vector<const Word*> inside, outside;
  for (const Word* word : words) (holds(whole, word->box) ? inside : outside).push_back(word);
  std::size_t filled = 0;
  std::vector<std::pair<int, bool>> bold_rows;
  for (DocumentCell& cell : table.cells) {
    std::vector<const Word*> its;
    for (const Word* word : inside)
      if (holds(cell.box, word->box)) its.push_back(word);
    fill(cell, its);
    if (its.empty()) continue;
    ++filled;
    const bool bold = std::ranges::all_of(its, [](const Word* word) { return word->bold; });
    if (bold_rows.empty() || bold_rows.back().first != cell.row)
      bold_rows.emplace_back(cell.row, bold);
    else
      bold_rows.back().second = bold_rows.back().second && bold;
  }
  if (filled < 2) return {};
  table.header_rows = header_rows_of(bold_rows);
  finish(table);
  words = std::move(outside);
  return table;
}

// Where the columns of some rows are: stretches of x in which chunks stand, with free space between that no chunk of these rows reaches into.
std::vector<std::pair<int, int>> columns_of(const std::vector<Row>& rows, std::size_t first, std::size_t last) {
  std::vector<std::pair<int, int>> spans;
  for (std::size_t r = first; r < last; ++r)
    for (const Chunk* chunk : rows[r]) spans.emplace_back(chunk->box.left, chunk->box.right);
  std::ranges::sort(spans);
  std::vector<std::pair<int, int>> out;
  for (const auto& [from, to] : spans) {
    if (!out.empty() && from <= out.back().second)
      out.back().second = std::max(out.back().second, to);
    else
      out.emplace_back(from, to);
  }
  return out;
}

// Bullets or numbers, and words beside them.
bool markers_first(const std::vector<Row>& rows, std::size_t first, std::size_t last) {
  std::size_t markers = 0;
  for (std::size_t r = first; r < last; ++r) {
    const Word& word = *rows[r][0]->words[0];
    markers += rows[r][0]->words.size() == 1 && (is_marker_alone(word) || list_marker(word.text)) ? 1U : 0U;
  }
  return markers * 3 >= (last - first) * 2;
}

struct Shape {
  double letters = 0;  // of a cell, on average
  double filled = 0;   // of all cells
  std::size_t columns = 0;
};
Shape shape_of(const std::vector<Row>& rows, std::size_t first, std::size_t last) {
  Shape shape{.columns = columns_of(rows, first, last).size()};
  std::size_t chunks = 0;
  for (std::size_t r = first; r < last; ++r)
    for (const Chunk* chunk : rows[r]) shape.letters += static_cast<double>(chunk->letters()), ++chunks;
  if (chunks > 0) shape.letters /= static_cast<double>(chunks);
  if (shape.columns > 0) shape.filled = static_cast<double>(chunks) / static_cast<double>(shape.columns * (last - first));
  return shape;
}

}  // namespace

std::vector<DocumentBlock> ruled_tables(const std::vector<Rule>& rules, std::vector<const Word*>& words) {
  std::vector<DocumentBlock> out;
  if (rules.size() > 4'000) return out;  // a drawing, not a table
  for (const auto& group : groups_of(rules)) {
    const auto level = std::ranges::count_if(group, [](const Rule* rule) { return rule->is_level(); });
    if (level < 2 || static_cast<std::size_t>(level) == group.size()) continue;
    const Grid grid(group);
    if (!grid.ok()) continue;
    if (auto table = table_of(grid, words)) out.push_back(*std::move(table));
  }
  return out;
}

std::vector<AlignedTable> aligned_tables(const std::vector<Row>& rows) {
  std::vector<AlignedTable> out;
  for (std::size_t first = 0; first < rows.size();) {
    if (rows[first].size() < 2) {
      ++first;
      continue;
    }
    // As many rows as keep the columns apart: each may leave cells empty, none may reach over a gap.
    std::size_t last = first + 1, columns = rows[first].size();
    for (; last < rows.size() && !rows[last].empty(); ++last) {
      const std::size_t with = columns_of(rows, first, last + 1).size();
      const Chunk& above = *rows[last - 1][0];
      const int gap = rows[last][0]->box.top - above.box.bottom;
      if (with < 2 || with < columns || gap > 2.5 * above.size || (rows[last].size() < 2 && columns < 3)) break;
      columns = with;
    }
    while (last > first + 1 && rows[last - 1].size() < 2) --last;
    const Shape shape = shape_of(rows, first, last);
    const bool is_list = shape.columns == 2 && markers_first(rows, first, last);
    const bool wide_enough = !is_list && (shape.columns >= 3 || shape.letters <= 25);
    if (last - first < kLeastRows || shape.columns < 2 || shape.letters > kCellLetters || shape.filled < kNarrowGap || !wide_enough) {
      ++first;
      continue;
    }
    const auto spans = columns_of(rows, first, last);
    AlignedTable table{.block = {.kind = DocumentBlockKind::table,
                                 .marker = {},
                                 .text = {},
                                 .rows = static_cast<int>(last - first),
                                 .columns = static_cast<int>(spans.size()),
                                 .header_rows = 1},
                       .first = first,
                       .last = last};
    for (std::size_t r = first; r < last; ++r)
      for (std::size_t c = 0; c < spans.size(); ++c) {
        DocumentCell cell{.row = static_cast<int>(r - first), .column = static_cast<int>(c), .text = {}};
        for (const Chunk* chunk : rows[r])
          if (chunk->box.left >= spans[c].first && chunk->box.right <= spans[c].second) {
            if (!cell.text.empty()) cell.text += ' ';
            append_words(chunk->words, cell.text, cell.words);
            cell.box.unite(chunk->box);
          }
        table.block.cells.push_back(std::move(cell));
      }
    finish(table.block);
    out.push_back(std::move(table));
    first = last;
  }
  return out;
}

}  // namespace demarc::document::worker
