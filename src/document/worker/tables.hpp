// Tables out of drawn lines, and out of words that stand in columns.
//
//   std::vector<DocumentBlock> tables = ruled_tables(rules, words);      // takes their words out of `words`
//   std::optional<DocumentBlock> table = aligned_table(rows);           // rows of chunks, from the top
//
// Where no line is drawn between two cells of a ruled table they are one, over rows and columns. Pure.
#pragma once

#include <optional>
#include <vector>

#include "document/worker/layout.hpp"

namespace demarc::document::worker {

std::vector<DocumentBlock> ruled_tables(const std::vector<Rule>& rules, std::vector<const Word*>& words);

using Row = std::vector<const Chunk*>;  // from left to right
struct AlignedTable {
  DocumentBlock block;
  std::size_t first = 0, last = 0;  // of the rows, last exclusive
};
std::vector<AlignedTable> aligned_tables(const std::vector<Row>& rows);

}  // namespace demarc::document::worker
