#include "store/usage_sql.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include "store/columns.hpp"

namespace demarc::store {
namespace {

// exact_sum(usd, usd_pico): the sum as dollars in text; rows with NULL do not count. SQLite's memory for it is zeroed, but aligned to 8 bytes only,
// so the 16 of the sum are copied in and out.
void sum_step(sqlite3_context* context, int, sqlite3_value** values) {
  if (sqlite3_value_type(values[0]) == SQLITE_NULL) return;
  void* const memory = sqlite3_aggregate_context(context, sizeof(Money::Pico));
  if (memory == nullptr) return sqlite3_result_error_nomem(context);
  Money::Pico sum = 0;
  std::memcpy(&sum, memory, sizeof sum);
  sum += money_of(sqlite3_value_int64(values[0]), sqlite3_value_int64(values[1])).pico();
  std::memcpy(memory, &sum, sizeof sum);
}

void sum_final(sqlite3_context* context) {
  Money::Pico sum = 0;
  if (const void* const memory = sqlite3_aggregate_context(context, 0)) std::memcpy(&sum, memory, sizeof sum);
  const std::string text = Money::from_pico(sum).print();
  sqlite3_result_text(context, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
}

std::string_view column_of(UsageBy by) {
  switch (by) {
    case UsageBy::workload: return "workload";
    case UsageBy::model: return "CASE model_served WHEN '' THEN model ELSE model_served END";
    case UsageBy::tier: return "tier";
    case UsageBy::team: return "team";
    case UsageBy::key: return "key_id";
    case UsageBy::day: return "strftime('%Y-%m-%d', received_ns / 1000000000, 'unixepoch')";
    case UsageBy::upstream: return "upstream";
    case UsageBy::operation: return "coalesce((SELECT operation FROM requests WHERE requests.id = attempts.request_id), '')";
  }
  return "workload";
}

std::string group_text(const Statement& row, int column, UsageBy by) {
  return by == UsageBy::tier ? std::string(to_string(static_cast<Tier>(row.number(column)))) : row.text(column);
}

// sum() over integers is exact and NULL where every one is NULL: nobody said. It fails, rather than wraps, beyond 64 bits.
std::string sql_of(const UsageQuery& query) {
  std::string sql = "SELECT ";
  for (const UsageBy by : query.by) sql += std::string(column_of(by)) + ", ";
  sql +=
      "sum(last), count(*), sum(input_tokens), sum(cached_input_tokens), sum(cache_write_tokens), sum(cache_write_1h_tokens), sum(output_tokens), "
      "sum(reasoning_tokens), sum(input_audio_tokens), sum(audio_ms), sum(pages), max(estimated), exact_sum(usd, usd_pico), sum(usd IS NULL), "
      "exact_sum(iif(usd IS NULL, NULL, alternative_usd), alternative_pico), exact_sum(iif(alternative_usd IS NULL, NULL, usd), usd_pico), "
      "sum(usd IS NOT NULL AND alternative_usd IS NOT NULL) FROM attempts "
      "WHERE outcome_record IS NOT NULL AND received_ns >= ?1 AND received_ns < ?2 AND (?3 = '' OR key_id = ?3) AND (?4 = '' OR team = ?4) "
      "AND (?5 = '' OR workload = ?5)";
  for (std::size_t i = 0; i < query.by.size(); ++i) sql += (i == 0 ? " GROUP BY " : ", ") + std::to_string(i + 1);
  return sql;
}

}  // namespace

Result<void, StoreError> add_exact_sum(Connection& connection) {
  if (sqlite3_create_function(connection.raw(), "exact_sum", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nullptr, nullptr, sum_step, sum_final) !=
      SQLITE_OK)
    return fail(connection.error());
  return {};
}

Result<std::vector<UsageRow>, StoreError> read_usage(Connection& connection, const UsageQuery& query) {
  Statement& row = *TRY(connection.prepare(sql_of(query)));
  row.bind(1, query.since.value_or(Instant{}).unix_ns);
  row.bind(2, query.until ? query.until->unix_ns : std::numeric_limits<std::int64_t>::max());
  row.bind(3, query.only.key), row.bind(4, query.only.team), row.bind(5, query.only.workload);
  std::vector<UsageRow> rows;
  while (TRY(connection.step(row))) {
    UsageRow out;
    int at = 0;
    for (const UsageBy by : query.by) out.group.push_back(group_text(row, at++, by));
    out.requests = row.number(at++), out.attempts = row.number(at++);
    for (auto* count : {&out.usage.input_tokens, &out.usage.cached_input_tokens, &out.usage.cache_write_tokens, &out.usage.cache_write_1h_tokens,
                        &out.usage.output_tokens, &out.usage.reasoning_tokens, &out.usage.input_audio_tokens, &out.usage.audio_ms, &out.usage.pages})
      *count = row.maybe_number(at++);
    out.usage.estimated = row.number(at++) != 0;
    out.usd = Money::parse(row.text(at++)).value_or(Money{}), out.unpriced = row.number(at++);
    out.alternative_usd = Money::parse(row.text(at++)).value_or(Money{}), out.compared_usd = Money::parse(row.text(at++)).value_or(Money{});
    out.compared = row.number(at++);
    rows.push_back(std::move(out));
  }
  std::sort(rows.begin(), rows.end(), [](const UsageRow& a, const UsageRow& b) { return a.group < b.group; });
  return rows;
}

}  // namespace demarc::store
