// demarc audit export: the records of a time, one JSON object a line, from the server or from a folder that nobody serves.
#include "cli/audit_export.hpp"

#include <simdjson.h>

#include <iostream>

#include "base/time.hpp"
#include "cli/cli.hpp"
#include "cli/connection.hpp"
#include "governance/log_reader.hpp"

namespace demarc::cli {
namespace {

constexpr std::uint64_t kPage = 1'000;

// Prints the records of [since, until), as lines or, with --json, as one object.
class Printer {
 public:
  Printer(std::optional<Instant> since, std::optional<Instant> until, const Shared& shared) : since_(since), until_(until), json_(shared.json) {
    if (json_) std::cout << "{\"records\":[";
  }
  ~Printer() {
    if (json_) std::cout << "]}\n";
  }
  Printer(const Printer&) = delete;
  Printer& operator=(const Printer&) = delete;

  // `record` as it is stored. False: it is not a record.
  bool print(std::uint64_t index, std::string_view record) {
    std::string_view ts;
    if (parser_.parse(record.data(), record.size())["ts"].get(ts) != simdjson::SUCCESS) return false;
    const auto at = parse_rfc3339(ts);
    if (!at) return false;
    if ((since_ && *at < *since_) || (until_ && *at >= *until_)) return true;
    std::cout << (json_ && printed_ ? "," : "") << "{\"index\":" << index << ",\"record\":" << record << '}' << (json_ ? "" : "\n");
    printed_ = true;
    return true;
  }

 private:
  const std::optional<Instant> since_, until_;
  const bool json_;
  bool printed_ = false;
  simdjson::dom::parser parser_;
};

int from_folder(const std::string& folder, Printer& printer) {
  bool damaged = false;
  const auto end = governance::for_each_entry(real_disk(), folder, 0, UINT64_MAX, [&](std::uint64_t index, std::string_view entry) {
    damaged = !printer.print(index, entry);
    return damaged ? governance::Visit::stop : governance::Visit::go_on;
  });
  if (!end) return std::cerr << "demarc audit export: " << folder << ": " << to_string(end.error()) << '\n', kFailed;
  if (damaged) return std::cerr << "demarc audit export: " << folder << ": an entry is no record; demarc audit verify says more\n", kFailed;
  return kOk;
}

// One page of the server's list. The index after its last record; nullopt: not what was expected.
std::optional<std::uint64_t> print_page(std::string body, Printer& printer, std::uint64_t from) {
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  simdjson::ondemand::array records;
  body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
  if (parser.iterate(body).get(document) != simdjson::SUCCESS || document["records"].get_array().get(records) != simdjson::SUCCESS) return {};
  for (auto entry : records) {
    std::uint64_t index = 0;
    simdjson::ondemand::object object;
    std::string_view record;
    if (entry["index"].get_uint64().get(index) != simdjson::SUCCESS || entry["record"].get_object().get(object) != simdjson::SUCCESS ||
        object.raw_json().get(record) != simdjson::SUCCESS)
      return {};
    if (!printer.print(index, record)) return {};
    from = index + 1;
  }
  return from;
}

int from_server(const Place& place, Printer& printer) {
  auto connection = Connection::open(place, Connection::IfNone::start_one);
  if (!connection) return std::cerr << "demarc audit export: " << connection.error() << '\n', kFailed;
  for (std::uint64_t from = 0;;) {
    const std::string target = "/admin/v1/audit?limit=" + std::to_string(kPage) + "&from=" + std::to_string(from);
    auto answer = (*connection)->call("GET", target, {}, "");
    if (!answer) return std::cerr << "demarc audit export: " << answer.error() << '\n', kUnavailable;
    if (answer->status != 200) return std::cerr << "demarc audit export: " << error_message(*answer) << '\n', exit_code_of(answer->status);
    const auto next = print_page(std::move(answer->body), printer, from);
    if (!next) return std::cerr << "demarc audit export: the server's answer cannot be read\n", kFailed;
    if (*next < from + kPage) return kOk;  // not a full page: the end of the log
    from = *next;
  }
}

bool read_time(const char* name, const std::string& text, std::optional<Instant>& into) {
  if (text.empty()) return true;
  into = parse_rfc3339(text.size() == 10 ? text + "T00:00:00Z" : text);
  if (!into) std::cerr << "demarc audit export: " << name << ": expected a date (2026-11-24) or a time (2026-11-24T09:30:00Z)\n";
  return into.has_value();
}

}  // namespace

int export_audit(const Shared& shared, const AuditExport& order) {
  std::optional<Instant> since, until;
  if (!read_time("--since", order.since, since) || !read_time("--until", order.until, until)) return kUsage;
  if (!order.folder.empty()) {
    Printer printer(since, until, shared);
    return from_folder(order.folder, printer);
  }
  const auto place = find_place(shared);
  if (!place) return std::cerr << "demarc audit export: " << place.error() << '\n', kFailed;
  Printer printer(since, until, shared);
  return from_server(*place, printer);
}

}  // namespace demarc::cli
