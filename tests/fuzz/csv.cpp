// Any bytes as a table: refused with a reason, or rows that are all as wide as the head.
#include "text/csv.hpp"

#include "fuzz.hpp"

FUZZ(csv) {
  const auto table = text::read_csv(bytes);
  if (!table) {
    CHECK(!table.error().empty());
    return;
  }
  for (const auto& row : table->rows) CHECK(row.size() == table->head.size());
  for (std::size_t i = 0; i < table->head.size(); ++i) CHECK(*table->column(table->head[i]) <= i);
}
