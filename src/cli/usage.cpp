// demarc usage: what was used and what it cost, grouped.
#include <unistd.h>

#include <iostream>

#include "cli/cli.hpp"
#include "cli/commands.hpp"
#include "cli/connection.hpp"

namespace demarc::cli {
namespace {

struct Order {
  std::string by, since, until, format = "table";
};

std::string coded(const std::string& value) {
  std::string out;
  for (const char c : value) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' || c == ',' || c == ':')
      out += c;
    else {
      std::array<char, 4> hex{};
      std::snprintf(hex.data(), hex.size(), "%%%02X", static_cast<unsigned char>(c));
      out += hex.data();
    }
  }
  return out;
}

int usage(const Shared& shared, const Order& order) {
  const auto place = find_place(shared);
  if (!place) return std::cerr << "demarc usage: " << place.error() << '\n', kFailed;
  auto connection = Connection::open(*place, Connection::IfNone::start_one);
  if (!connection) return std::cerr << "demarc usage: " << connection.error() << '\n', kFailed;
  const std::string format = shared.json ? "json" : order.format;
  const std::string by = order.by.empty() && format != "focus" ? "model" : order.by;
  const auto answer =
      (*connection)
          ->call("GET",
                 "/admin/v1/usage?by=" + coded(by) + "&since=" + coded(order.since) + "&until=" + coded(order.until) + "&format=" + coded(format), {},
                 "");
  if (!answer) return std::cerr << "demarc usage: " << answer.error() << '\n', kUnavailable;
  if (answer->status != 200)
    return std::cerr << "demarc usage: " << error_message(*answer) << '\n', answer->status == 400 ? kUsage : exit_code_of(answer->status);
  std::cout << answer->body << (answer->body.ends_with('\n') ? "" : "\n");
  return kOk;
}

}  // namespace

void add_usage(CLI::App& app, Shared& shared) {
  auto order = std::make_shared<Order>();
  CLI::App* command =
      add_command(app, shared, "usage", "what was used and what it cost, here and elsewhere", [&shared, order] { return usage(shared, *order); });
  command->add_option("--by", order->by, "workload, model (without --by), tier, team, key, day, upstream, operation; several with commas");
  command->add_option("--since", order->since, "a date or RFC 3339 time");
  command->add_option("--until", order->until, "likewise, exclusive");
  command->add_option("-f,--format", order->format, "table, csv, json, or focus: a CSV in FOCUS 1.2")
      ->capture_default_str()
      ->check(CLI::IsMember({"table", "csv", "json", "focus"}));
}

}  // namespace demarc::cli
