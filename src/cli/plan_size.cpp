// demarc plan size: how many machines an arrival trace needs for a latency target, with a spare and with growth; what the plan takes from it.
#include <fstream>
#include <iostream>

#include "cli/cli.hpp"
#include "cli/plan_commands.hpp"
#include "core/json/or_null.hpp"
#include "planning/import/read_export.hpp"
#include "planning/size/replay.hpp"

namespace demarc::cli {
namespace {

struct Order {
  std::string trace, profile, profile_name, workload, percentile = "p99";
  std::optional<double> first_token_ms, total_ms;
  double growth_percent = 0;
  int spares = 1;
};

constexpr std::size_t kMostArrivals = 5'000'000;

std::string number(double value, int places) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.*f", places, value);
  return text.data();
}

std::optional<std::vector<planning::Arrival>> load_trace(const Order& order) {
  std::ifstream in(order.trace, std::ios::binary);
  if (!in) return std::cerr << order.trace << ": cannot be read\n", std::nullopt;
  const auto formats = planning::read_formats(planning::builtin_formats(), "built in");
  CHECK(formats.ok());
  std::vector<planning::Arrival> out;
  std::int64_t first_ns = INT64_MAX, left_out = 0;
  std::vector<std::int64_t> at_ns;
  const auto read = planning::read_export(in, *formats,
                                          {.row =
                                               [&](planning::Row&& row) {
                                                 if (row.requests > 1 || !row.usage.known() || out.size() >= kMostArrivals ||
                                                     (!order.workload.empty() && row.workload != order.workload)) {
                                                   ++left_out;
                                                   return;
                                                 }
                                                 first_ns = std::min(first_ns, row.start.unix_ns), at_ns.push_back(row.start.unix_ns);
                                                 out.push_back({0, row.usage.total_input(), row.usage.total_output()});
                                               },
                                           .rejected = [&](const planning::Rejected&) { ++left_out; }});
  if (!read) return std::cerr << order.trace << ": " << read.error().message << '\n', std::nullopt;
  for (std::size_t i = 0; i < out.size(); ++i) out[i].at_s = static_cast<double>(at_ns[i] - first_ns) / 1e9;
  if (left_out > 0)
    std::cerr << order.trace << ": " << left_out << " lines are no single requests with token counts"
              << (order.workload.empty() ? "" : " of this workload") << " and are left out\n";
  if (out.size() < 2) return std::cerr << order.trace << ": holds fewer than two requests\n", std::nullopt;
  return out;
}

std::string latency(const planning::LatencyPercentiles& p) {
  return "p50 " + number(p.p50 * 1000, 0) + " ms, p95 " + number(p.p95 * 1000, 0) + " ms, p99 " + number(p.p99 * 1000, 0) + " ms";
}

void latency_json(JsonWriter& json, std::string_view name, const planning::LatencyPercentiles& p) {
  json.object(name, [&] { json.field("p50_s", p.p50), json.field("p95_s", p.p95), json.field("p99_s", p.p99), json.field("most_s", p.most); });
}

int size(const Shared& shared, const Order& order) {
  if (!order.first_token_ms && !order.total_ms) return std::cerr << "demarc plan size: give a target: --first-token-ms or --total-ms\n", kUsage;
  const auto text = read_whole(order.profile, 1 << 20);
  if (!text) return kFailed;
  const auto profiles = planning::read_profiles(*text, order.profile);
  if (!profiles) return std::cerr << profiles.error() << '\n', kFailed;
  const auto found =
      order.profile_name.empty() ? profiles->begin() : std::ranges::find(*profiles, order.profile_name, &planning::EngineProfile::name);
  if (found == profiles->end()) return std::cerr << order.profile << ": has no profile of that name\n", kUsage;
  const auto trace = load_trace(order);
  if (!trace) return kFailed;
  planning::Target target;
  if (order.first_token_ms) target.first_token_s = *order.first_token_ms / 1000;
  if (order.total_ms) target.total_s = *order.total_ms / 1000;
  target.at = order.percentile == "p50" ? planning::TargetAt::p50 : order.percentile == "p95" ? planning::TargetAt::p95 : planning::TargetAt::p99;

  const auto today = planning::size_for(*trace, *found, target);
  if (!today)
    return std::cerr << "demarc plan size: no number of machines up to 256 meets this target: one request alone takes longer, or the profile is too "
                        "slow for this trace\n",
           kFailed;
  const auto grown = order.growth_percent > 0 ? planning::size_for(*trace, *found, target, 1 + order.growth_percent / 100) : std::nullopt;
  const planning::Replay with_spares = planning::replay(*trace, *found, today->machines + order.spares);
  if (shared.json) {
    std::string out;
    JsonWriter json(out);
    json.object([&] {
      json.field("requests", with_spares.requests), json.field("mean_per_s", today->shape.mean_per_s),
          json.field("peak_to_mean", today->shape.peak_to_mean);
      json.field("machines", today->machines), json.field("spares", order.spares), json.field("capacity_requests_per_s", today->capacity_per_s);
      field_or_null(json, "machines_after_growth", grown ? std::optional(grown->machines) : std::nullopt);
      json.field("utilisation", with_spares.utilisation), json.field("busy", with_spares.busy),
          json.field("most_waiting", today->at_that.most_waiting);
      latency_json(json, "first_token", today->at_that.first_token_s), latency_json(json, "total", today->at_that.total_s);
    });
    std::cout << out << '\n';
    return kOk;
  }
  std::cout << trace->size() << " requests, " << number(today->shape.mean_per_s, 3) << " a second in the mean, "
            << number(today->shape.peak_to_mean, 2) << " times that in the busiest minute\n"
            << "machines of " << found->name << ": " << today->machines << " meet the target, " << today->machines + order.spares << " with "
            << order.spares << (order.spares == 1 ? " spare" : " spares") << '\n'
            << "  first token: " << latency(today->at_that.first_token_s) << "\n  whole answer: " << latency(today->at_that.total_s) << '\n'
            << "  used, spares counted: " << number(with_spares.utilisation * 100, 1) << " % of the tokens they could write; at work "
            << number(with_spares.busy * 100, 1) << " % of the time\n";
  if (order.growth_percent > 0)
    std::cout << "with " << number(order.growth_percent, 0) << " % more requests: "
              << (grown ? std::to_string(grown->machines) + " machines, " + std::to_string(grown->machines + order.spares) + " with spares"
                        : "more than 256 machines")
              << '\n';
  std::cout
      << "\nfor plan.yaml:\n    capacity_requests_per_s: {value: " << number(today->capacity_per_s, 4) << ", source: \"demarc plan size, "
      << found->name << "\", date: " << format_rfc3339(now()).substr(0, 10)
      << ", confidence: measured}\n    peak_to_mean: 1   # the rate above is a mean that holds through this trace's own peaks\n    spare_nodes: "
      << order.spares << '\n';
  return kOk;
}

}  // namespace

void add_plan_size(CLI::App& plan, Shared& shared) {
  auto order = std::make_shared<Order>();
  CLI::App* command = add_command(plan, shared, "size", "machines for an arrival trace and a latency target, by replaying it",
                                  [&shared, order] { return size(shared, *order); });
  command->add_option("trace", order->trace, "a request log in any format that import reads, or a public trace")->required();
  command->add_option("--profile", order->profile, "a YAML file of measured engine profiles (docs/reference/plan.md)")->required();
  command->add_option("--profile-name", order->profile_name, "which of them (else the first)");
  command->add_option("--workload", order->workload, "only requests of this one");
  command->add_option("--first-token-ms", order->first_token_ms, "target for the first token")->check(CLI::PositiveNumber);
  command->add_option("--total-ms", order->total_ms, "target for the whole answer")->check(CLI::PositiveNumber);
  command->add_option("--percentile", order->percentile, "of requests that meet it")
      ->capture_default_str()
      ->check(CLI::IsMember({"p50", "p95", "p99"}));
  command->add_option("--growth-percent", order->growth_percent, "also size for that many more requests")->check(CLI::Range(0.0, 10'000.0));
  command->add_option("--spares", order->spares, "machines beyond that")->capture_default_str()->check(CLI::Range(0, 100));
}

}  // namespace demarc::cli
