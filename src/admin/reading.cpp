// Reading what was: usage, the audit log, proofs.
#include <charconv>

#include "admin/handlers.hpp"
#include "core/json/writer.hpp"
#include "governance/prove.hpp"
#include "ledger/focus.hpp"
#include "ledger/usage_report.hpp"

namespace demarc::admin {
namespace {

using gateway::query_value;
using gateway::respond_error;
using gateway::respond_json;

constexpr std::uint64_t kMostRecords = 1'000;

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return {};
  return value;
}

Result<UsageQuery, ApiError> read_query(std::string_view query) {
  UsageQuery usage;
  std::string by = query_value(query, "by").value_or("");
  for (std::size_t at = 0; at <= by.size() && !by.empty();) {
    const std::size_t comma = std::min(by.find(',', at), by.size());
    const auto column = parse_usage_by(std::string_view(by).substr(at, comma - at));
    if (!column)
      return fail(ApiError{ErrorKind::bad_request,
                           "by: expected workload, model, tier, team, key, day, upstream or operation, or several with commas", "by"});
    if (std::find(usage.by.begin(), usage.by.end(), *column) == usage.by.end()) usage.by.push_back(*column);
    at = comma + 1;
  }
  for (auto [name, to] : {std::pair{"since", &usage.since}, std::pair{"until", &usage.until}})
    if (const auto text = query_value(query, name); text && !text->empty()) {
      *to = parse_rfc3339(text->size() == 10 ? *text + "T00:00:00Z" : *text);
      if (!*to)
        return fail(ApiError{ErrorKind::bad_request, std::string(name) + ": expected a date (2026-11-24) or a time (2026-11-24T09:30:00Z)", name});
    }
  usage.only = {.key = query_value(query, "key").value_or(""),
                .team = query_value(query, "team").value_or(""),
                .workload = query_value(query, "workload").value_or("")};
  return usage;
}

Task<void> show_focus(Exchange& exchange, gateway::Gateway& gateway, const UsageQuery& asked) {
  if (!asked.by.empty())
    co_return co_await respond_error(
        exchange, {ErrorKind::bad_request, "by: a FOCUS file has lines of its own (day, tier, upstream, model, team, workload); leave it out", "by"});
  const auto rows = gateway.services().projection->usage(ledger::focus_query(asked));
  if (!rows) co_return co_await respond_error(exchange, {ErrorKind::unavailable, rows.error().message});
  static_cast<void>(co_await exchange.respond(200, {{"content-type", "text/csv"}}, ledger::format_focus(*rows, gateway.services().log->origin())));
}

}  // namespace

Task<void> show_usage(Exchange& exchange, gateway::Gateway& gateway) {
  if (!co_await gateway::authorised(exchange, gateway.services(), "usage:read")) co_return;
  const std::string_view text = exchange.request().query();
  const auto query = read_query(text);
  if (!query) co_return co_await respond_error(exchange, query.error());
  if (query_value(text, "format") == "focus") co_return co_await show_focus(exchange, gateway, *query);
  const auto format = ledger::parse_usage_format(query_value(text, "format").value_or("json"));
  if (!format) co_return co_await respond_error(exchange, {ErrorKind::bad_request, "format: expected table, csv, json or focus", "format"});
  const auto rows = gateway.services().projection->usage(*query);
  if (!rows) co_return co_await respond_error(exchange, {ErrorKind::unavailable, rows.error().message});
  const char* type = *format == ledger::UsageFormat::json ? "application/json" : *format == ledger::UsageFormat::csv ? "text/csv" : "text/plain";
  static_cast<void>(co_await exchange.respond(200, {{"content-type", type}}, ledger::format_usage(*query, *rows, *format)));
}

Task<void> list_audit(Exchange& exchange, gateway::Gateway& gateway) {
  if (!co_await gateway::authorised(exchange, gateway.services(), "audit:read")) co_return;
  const governance::AuditLog& log = *gateway.services().log;
  const std::string_view query = exchange.request().query();
  const std::uint64_t size = log.size();
  const std::uint64_t limit = std::min(parse_number(query_value(query, "limit").value_or("50")).value_or(50), kMostRecords);
  const std::uint64_t from = parse_number(query_value(query, "from").value_or("")).value_or(size > limit ? size - limit : 0);
  std::string out;
  JsonWriter json(out);
  std::string trouble;
  json.object([&] {
    json.field("origin", log.origin());
    json.field("size", size);
    json.field("sealed", log.sealed());
    json.array("records", [&] {
      for (std::uint64_t index = from; index < size && index < from + limit; ++index) {
        const auto entry = log.read(index);
        if (!entry) {
          trouble = "record " + std::to_string(index) + ": " + std::string(to_string(entry.error()));
          return;
        }
        json.object([&] {
          json.field("index", index);
          json.raw_field("record", *entry);
        });
      }
    });
  });
  if (!trouble.empty()) co_return co_await respond_error(exchange, {ErrorKind::unavailable, trouble});
  co_await respond_json(exchange, 200, std::move(out));
}

Task<void> show_audit(Exchange& exchange, gateway::Gateway& gateway) {
  if (!co_await gateway::authorised(exchange, gateway.services(), "audit:read")) co_return;
  governance::AuditLog& log = *gateway.services().log;
  std::string_view rest = exchange.request().path().substr(std::string_view("/admin/v1/audit/").size());
  constexpr std::string_view kProof = "/proof";
  const bool proof = rest.ends_with(kProof);
  if (proof) rest.remove_suffix(kProof.size());
  const auto index = parse_number(rest);
  const auto entry = index ? log.read(*index) : Result<std::string, DiskError>(fail(DiskError::not_found));
  if (!entry)
    co_return co_await respond_error(exchange, {ErrorKind::not_found, "There is no such record; the log holds " + std::to_string(log.size()) + "."});
  if (!proof) co_return co_await respond_json(exchange, 200, *entry);
  if (auto sealed = log.seal(); !sealed) co_return co_await respond_error(exchange, {ErrorKind::unavailable, log.failure()});
  const auto text = governance::prove(real_disk(), gateway.options().data + "/audit", *index);
  if (!text) co_return co_await respond_error(exchange, {ErrorKind::unavailable, "The proof cannot be made at the moment."});
  static_cast<void>(co_await exchange.respond(200, {{"content-type", "text/plain; charset=utf-8"}}, *text));
}

}  // namespace demarc::admin
