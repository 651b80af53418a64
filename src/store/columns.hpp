// How values that SQLite has no type for stand in a column: lists, counts, money. One place for both directions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/finding.hpp"
#include "core/money.hpp"
#include "store/sqlite.hpp"

namespace demarc::store {

std::string join(const std::vector<std::string>& list);  // by U+001F, which is in no id or name
std::vector<std::string> unjoin(std::string_view text);
std::string join(const FindingCounts& counts);  // "US_SSN=1" by U+001F
FindingCounts unjoin_counts(std::string_view text);

// Into two columns, from `at` on: whole dollars and the pico-dollars of the rest, both of the money's sign.
void bind_money(Statement& statement, int at, const std::optional<Money>& money);
std::optional<Money> money(const Statement& row, int column);
Money money_of(std::int64_t usd, std::int64_t pico);

}  // namespace demarc::store
