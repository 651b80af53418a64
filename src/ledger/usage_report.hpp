// Usage as people and programs read it: a table for a terminal of 80 columns, CSV (RFC 4180), JSON. Money has twelve decimals in CSV and JSON.
//
//   std::cout << format_usage(query, rows, UsageFormat::table);
//
// Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/io/store.hpp"

namespace demarc::ledger {

enum class UsageFormat : std::uint8_t { table, csv, json };
std::optional<UsageFormat> parse_usage_format(std::string_view name);

// The last line of a table, and `total` of the JSON, is the sum of the rows.
std::string format_usage(const UsageQuery& query, const std::vector<UsageRow>& rows, UsageFormat format);
UsageRow total_of(const std::vector<UsageRow>& rows);

}  // namespace demarc::ledger
