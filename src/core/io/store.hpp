// Store: what demarc keeps in its database, said without SQL: receipts (and with them usage and spending), which are projections of the audit log,
// and API keys.
//
//   Projected to = TRY(store.projected_to());            // which records of the log are in
//   store.commit({to.origin, to.size + 2}, receipts);    // moves that on together with what it stores, or not at all
//
// Implemented by store/ on SQLite. Any thread; every call may wait for the disk, so the gateway calls none of them on a loop but receipt() and key().
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "core/budget.hpp"
#include "core/key_record.hpp"
#include "core/money.hpp"
#include "core/receipt.hpp"

namespace demarc {

struct StoreError {
  enum class Kind : std::uint8_t {
    full,         // the disk, or the file's limit
    corrupt,      // not a database, or a damaged one
    newer,        // written by a newer demarc
    busy,         // another process holds it
    unavailable,  // anything else the disk says
  };
  Kind kind = Kind::unavailable;
  std::string message;  // for people: which file, what, what to do
};

// Up to where the projections reach: every record of the log `origin` below `size` is in them.
struct Projected {
  std::string origin;  // "" before the first commit
  std::uint64_t size = 0;
  friend bool operator==(const Projected&, const Projected&) = default;
};

enum class UsageBy : std::uint8_t { workload, model, tier, team, key, day, upstream, operation };
std::string_view to_string(UsageBy);
std::optional<UsageBy> parse_usage_by(std::string_view);

struct UsageQuery {
  std::vector<UsageBy> by;              // at most 8, each once; none: one row over all
  std::optional<Instant> since, until;  // of the request's arrival; until is exclusive
  BudgetScope only;                     // fields that are not "" must be equal
};

// Counts attempts that have an outcome. Every number is a whole one, so rows of any grouping add up to the same totals, and to the receipts'.
struct UsageRow {
  std::vector<std::string> group;  // values in the order of `by`; a day is 2026-11-24; "" if the request had none
  std::int64_t requests = 0;       // whose last attempt is in this group
  std::int64_t attempts = 0;
  Usage usage;
  Money usd;                  // of the priced ones
  std::int64_t unpriced = 0;  // attempts that no price is known for
  Money alternative_usd;      // what those with an alternative would have cost there …
  Money compared_usd;         // … and what these same ones cost here
  std::int64_t compared = 0;  // how many these are
  friend bool operator==(const UsageRow&, const UsageRow&) = default;
};

class Store {
 public:
  virtual ~Store() = default;

  virtual Result<Projected, StoreError> projected_to() = 0;
  // One transaction: these receipts as they are now (by id, replacing what was there), and how far the log is in.
  virtual Result<void, StoreError> commit(const Projected& to, const std::vector<Receipt>& receipts) = 0;
  // Empties the projections; keys stay. Before a replay from record 0.
  virtual Result<void, StoreError> clear_projections() = 0;

  virtual Result<std::optional<Receipt>, StoreError> receipt(std::string_view id) = 0;  // with its committed sub-requests
  virtual Result<std::optional<Receipt>, StoreError> receipt_of_intent(std::uint64_t intent) = 0;
  virtual Result<std::vector<UsageRow>, StoreError> usage(const UsageQuery& query) = 0;  // sorted by group

  virtual Result<void, StoreError> put_key(const KeyRecord& key) = 0;  // by id; durable on return
  virtual Result<std::optional<KeyRecord>, StoreError> key(std::string_view id) = 0;
  virtual Result<std::vector<KeyRecord>, StoreError> keys() = 0;  // by time of creation
};

}  // namespace demarc
