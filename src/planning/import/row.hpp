// Row: one line of a usage export, an invoice or a request log, in demarc's own terms, with the place it came from. Pure value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "core/money.hpp"
#include "core/usage.hpp"

namespace demarc::planning {

enum class RowKind : std::uint8_t {
  usage,    // what was used, from a provider's or a proxy's count
  invoice,  // what was billed
  credit,   // credits, discounts, taxes and adjustments of an invoice
  log,      // requests without prices: when and how long
};
std::string_view to_string(RowKind);
std::optional<RowKind> parse_row_kind(std::string_view);

struct Row {
  // A row that claims more is rejected: no usage of a day comes near, and sums of millions of rows stay within 64 bits.
  static constexpr std::int64_t kMostCount = 10'000'000'000'000;
  static constexpr Money kMostUsd = Money::from_usd(1'000'000'000);
  RowKind kind = RowKind::usage;
  std::int64_t line = 0;    // of the file, from 1
  std::uint64_t whole = 0;  // a digest of all its columns, those too that nobody reads; says something within one process
  std::string id;           // the export's own, if it has one
  bool is_request = false;  // without an id of its own: two rows that say the same are two requests
  std::string provider, model, line_item, project, key, workload, region, tier;
  std::string operation;  // as demarc names it (core/operation.hpp); "": nobody said
  Instant start, end;     // of what it counts; end 0: not said
  std::int64_t requests = 0;
  bool batch = false;
  Usage usage;  // all classes of all its requests
  std::optional<std::int64_t> images;
  std::optional<Money> cost;
  std::string currency = "USD";
  std::optional<std::int64_t> latency_ms, first_token_ms;
  bool failed = false;
};

struct Rejected {
  std::int64_t line = 0;
  std::string reason;  // a column and what is wrong, never the value
};

}  // namespace demarc::planning
