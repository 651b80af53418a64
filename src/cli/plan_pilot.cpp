// demarc plan pilot: real requests of one workload, answered by the present model and by a candidate through the gateway, judged, and told with
// interval, cost, latency and energy. Raw rows stay in its folder; a run that was interrupted goes on where it stood.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "base/strings.hpp"
#include "cli/cli.hpp"
#include "cli/pilot/judges.hpp"
#include "cli/pilot/shadow_pairs.hpp"
#include "cli/pilot/sides.hpp"
#include "cli/place.hpp"
#include "cli/plan_commands.hpp"
#include "cli/power.hpp"

namespace demarc::cli {
namespace {

namespace fs = std::filesystem;
using namespace planning;

struct Order {
  std::string requests, shadow, present, candidate, judge, name, out = "pilot", meter;
  double margin_points = 3, discordant_percent = 10;
  std::size_t sample = 0, concurrency = 4;
  std::uint64_t seed = 1;
  bool own_pace = false, review = false, terminal = false;
};

// time,watts lines of a meter within the candidate's run: their mean.
std::optional<double> metered(const std::string& path, Instant from, Instant to) {
  std::ifstream in(path);
  if (!in) return {};
  double sum = 0;
  int count = 0;
  std::string line;
  while (std::getline(in, line)) {
    const std::size_t comma = line.find(',');
    if (comma == std::string::npos) continue;
    auto at = parse_rfc3339(trim(line.substr(0, comma)));
    const double seconds = std::strtod(line.c_str(), nullptr);
    if (!at && seconds > 1e9) at = Instant{static_cast<std::int64_t>(seconds * 1e9)};
    const double watts = std::strtod(line.c_str() + comma + 1, nullptr);
    if (at && *at >= from && *at <= to && watts > 0) sum += watts, ++count;
  }
  return count > 0 ? std::optional(sum / count) : std::nullopt;
}

std::string again(const Order& o) {
  std::string out = "demarc plan pilot " + (o.shadow.empty() ? o.requests : "--shadow " + o.shadow) + " --present " + o.present + " --candidate " +
                    o.candidate + " --margin-points " + Decimal::nearest(o.margin_points).print() + " --seed " + std::to_string(o.seed) + " -o " +
                    o.out;
  if (o.sample > 0) out += " --sample " + std::to_string(o.sample);
  if (o.own_pace) out += " --own-pace";
  return o.judge.empty() ? out : out + " --judge " + o.judge;
}

// Opened when something has to be asked: a pilot whose answers are all there is judged without a gateway.
class Gate {
 public:
  Gate(const Shared& shared, std::size_t concurrency) : shared_(shared), concurrency_(concurrency) {}
  Connection* open() {
    if (connection_) return connection_.get();
    const auto place = find_place(shared_);
    if (!place) return say(place.error(), kFailed);
    auto connection = Connection::open(*place, Connection::IfNone::start_one, concurrency_);
    if (!connection) return say(connection.error(), kUnavailable);
    if (auto ready = (*connection)->wait_ready(60'000); !ready) return say(ready.error(), kUnavailable);
    connection_ = std::move(*connection);
    return connection_.get();
  }
  [[nodiscard]] int code() const { return code_; }  // after open() gave nothing

 private:
  Connection* say(const std::string& error, int code) {
    std::cerr << "demarc plan pilot: " << error << '\n';
    code_ = code;
    return nullptr;
  }
  const Shared& shared_;
  std::size_t concurrency_;
  std::unique_ptr<Connection> connection_;
  int code_ = kOk;
};

// What the candidate's machine drew from `from` until now, if a meter or this machine tells.
std::optional<EnergyUse> drawn_since(const Order& order, Instant from, Power& power, const Rows& rows) {
  const double seconds = static_cast<double>(now().unix_ns - from.unix_ns) / 1e9;
  if (!order.meter.empty()) {
    const auto watts = metered(order.meter, from, now());
    return watts ? std::optional(EnergyUse{*watts, seconds, "meter"}) : std::nullopt;
  }
  // This machine's power says nothing of one elsewhere.
  if (std::ranges::none_of(rows.all(), [](const PilotRow& row) { return row.side == PilotSide::candidate && row.local; })) return {};
  const auto told = power.drawn();
  return told ? std::optional(EnergyUse{told->watts, seconds, told->of}) : std::nullopt;
}

int failed(const std::string& error) { return std::cerr << "demarc plan pilot: " << error << '\n', kFailed; }

// Both sides, one after the other, as far as they are not answered yet.
int answer(const Order& order, const std::vector<PilotRequest>& requests, const Sample& sample, Gate& gate, Rows& rows, LineFile& energy) {
  for (const PilotSide side : {PilotSide::present, PilotSide::candidate}) {
    if (open_requests(requests, sample, side, rows).empty()) continue;
    Connection* connection = gate.open();
    if (connection == nullptr) return gate.code();
    const Instant from = now();
    Power power;
    if (auto ran = run_side(*connection, requests, sample,
                            {.model = side == PilotSide::present ? order.present : order.candidate,
                             .side = side,
                             .concurrency = order.concurrency,
                             .own_pace = order.own_pace},
                            rows);
        !ran)
      return failed(ran.error());
    if (side == PilotSide::present) continue;
    if (const auto drawn = drawn_since(order, from, power, rows))
      if (auto kept = energy.add(to_json(*drawn)); !kept) return failed(kept.error());
  }
  return kOk;
}

int judge(const Order& order, const std::vector<PilotRequest>& requests, Gate& gate, const Rows& rows) {
  const fs::path folder(order.out);
  if (order.review) {
    auto file = LineFile::open((folder / "people.jsonl").string());
    if (!file) return failed(file.error());
    const auto pairs = open_pairs(requests, rows.all(), read_judgements(file->before()));
    if (pairs.empty()) std::cerr << "no pair is open: all are judged, or have a check\n";
    Review review(pairs, std::move(*file), system_random());
    const auto judged = pairs.empty()    ? Result<void, std::string>()
                        : order.terminal ? judge_on_terminal(review, pairs)
                                         : judge_on_page(review, order.out);
    if (!judged) return failed(judged.error());
  }
  if (order.judge.empty()) return kOk;
  auto file = LineFile::open((folder / "judge.jsonl").string());
  if (!file) return failed(file.error());
  const auto pairs = open_pairs(requests, rows.all(), read_judgements(file->before()));
  if (pairs.empty()) return kOk;
  Connection* connection = gate.open();
  if (connection == nullptr) return gate.code();
  if (auto judged = judge_by_model(*connection, pairs, order.judge, *file); !judged) return failed(judged.error());
  return kOk;
}

std::vector<std::string> lines_of(const fs::path& file) {
  std::ifstream in(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// The sample of what is there, and whether it is large enough.
Sample sample_of(const Order& order, const std::vector<PilotRequest>& requests, std::int64_t needed) {
  std::vector<std::size_t> sizes;
  for (const PilotRequest& request : requests) sizes.push_back(request.messages.size());
  Sample sample = stratified(sizes, order.sample > 0 ? order.sample : static_cast<std::size_t>(needed), order.seed);
  if (static_cast<std::int64_t>(sample.taken.size()) < needed)
    std::cerr << "a margin of " << order.margin_points << " points needs about " << needed << " pairs; with " << sample.taken.size()
              << " the answer may stay open\n";
  return sample;
}

// What live requests were answered by both: nothing is asked again. Fills in the models of the order.
int take_shadow(Order& order, Gate& gate, std::string& text, std::vector<PilotRow>& rows) {
  Connection* connection = gate.open();
  if (connection == nullptr) return gate.code();
  auto fetched = fetch_shadow(*connection, order.shadow, order.present, order.candidate);
  if (!fetched) return failed(fetched.error());
  std::cerr << fetched->pairs << " pairs of " << fetched->present << " and " << fetched->candidate << " are kept"
            << (fetched->of_others > 0 ? "; " + std::to_string(fetched->of_others) + " of other models are left out" : std::string()) << '\n';
  order.present = fetched->present, order.candidate = fetched->candidate;
  text = std::move(fetched->requests), rows = std::move(fetched->rows);
  const std::string file = (fs::path(order.out) / "requests.jsonl").string();
  if (auto written = write_file_durably(real_disk(), file, text, 0600); !written)
    return failed(file + ": " + std::string(to_string(written.error())));
  return kOk;
}

int report(const Shared& shared, const Order& order, const std::vector<PilotRequest>& requests, const Rows& rows, const Sample& sample,
           std::int64_t needed) {
  const fs::path folder(order.out);
  const std::string stem = fs::path(order.requests).stem().string();
  const PilotSetup setup{.name = !order.name.empty()    ? order.name
                                 : order.shadow.empty() ? stem
                                                        : order.shadow,
                         .present = order.present,
                         .candidate = order.candidate,
                         .command = again(order),
                         .today = format_rfc3339(now()).substr(0, 10),
                         .margin = order.margin_points / 100,
                         .needed = needed,
                         .drawn = read_drawn(lines_of(folder / "energy.jsonl")),
                         .strata = sample.strata};
  const auto people = read_judgements(lines_of(folder / "people.jsonl"));
  const auto model = order.judge.empty() ? std::map<std::string, Judgement>() : read_judgements(lines_of(folder / "judge.jsonl"));
  const auto bias = order.judge.empty() ? std::nullopt : std::optional(bias_of(order.judge, model, people));
  const PilotReport found = report_of(requests, rows.all(), people, model, bias, setup);
  const std::string told = to_json(found);
  std::ofstream(folder / "report.json") << told << '\n';
  std::ofstream(folder / "report.txt") << print(found);
  std::cout << (shared.json ? told + "\n" : print(found));
  return kOk;
}

int pilot(const Shared& shared, Order order) {
  const bool live = !order.shadow.empty();
  if (live == !order.requests.empty() || (!live && (order.present.empty() || order.candidate.empty())))
    return std::cerr << "demarc plan pilot: a file of requests with --present and --candidate, or --shadow WORKLOAD\n", kUsage;
  if (live && order.own_pace) return std::cerr << "demarc plan pilot: what was mirrored came at its own pace already\n", kUsage;
  std::error_code error;
  fs::create_directories(order.out, error);
  const fs::path folder(order.out);
  Gate gate(shared, order.concurrency);
  std::string text;
  std::vector<PilotRow> mirrored;
  if (live) {
    if (const int code = take_shadow(order, gate, text, mirrored); code != kOk) return code;
  } else {
    auto whole = read_whole(order.requests, std::size_t{1} << 30);
    if (!whole) return kFailed;
    text = std::move(*whole);
  }
  auto requests = read_pilot_requests(text, live ? "requests.jsonl" : order.requests);
  if (!requests) return std::cerr << requests.error() << '\n', kFailed;
  const std::int64_t needed = pairs_needed({.margin = order.margin_points / 100, .discordant = order.discordant_percent / 100});
  const Sample sample = sample_of(order, *requests, needed);
  if (order.own_pace && std::ranges::any_of(sample.taken, [&](std::size_t i) { return !(*requests)[i].at_s; }))
    return std::cerr << order.requests << ": --own-pace needs at_s in every request\n", kUsage;

  auto rows = Rows::open((folder / "rows.jsonl").string());
  if (!rows) return failed(rows.error());
  if (live) {
    if (auto taken = rows->take_sample(mirrored, *requests, sample); !taken) return failed(taken.error());
  } else {
    auto energy = LineFile::open((folder / "energy.jsonl").string());
    if (!energy) return failed(energy.error());
    if (const int code = answer(order, *requests, sample, gate, *rows, *energy); code != kOk) return code;
  }
  if (const int code = judge(order, *requests, gate, *rows); code != kOk) return code;
  return report(shared, order, *requests, *rows, sample, needed);
}

}  // namespace

void add_plan_pilot(CLI::App& plan, Shared& shared) {
  auto order = std::make_shared<Order>();
  CLI::App* command = add_command(plan, shared, "pilot", "a candidate against the present model on real requests, judged, with interval and cost",
                                  [&shared, order] { return pilot(shared, *order); });
  command->add_option("requests", order->requests, "chat requests, one JSON object a line (docs/reference/plan.md)");
  command->add_option("--shadow", order->shadow, "instead of a file: what the shadow of this workload kept (demarc.yaml, workloads[].shadow)");
  command->add_option("--present", order->present, "the model that serves now");
  command->add_option("--candidate", order->candidate, "the model that might");
  command->add_option("--margin-points", order->margin_points, "how much worse is still as good, in points of accepted answers")
      ->capture_default_str()
      ->check(CLI::Range(0.1, 50.0));
  command->add_option("--discordant-percent", order->discordant_percent, "pairs expected to be judged differently, for the sample's size")
      ->capture_default_str()
      ->check(CLI::Range(0.1, 100.0));
  command->add_option("--sample", order->sample, "how many pairs (else as many as the margin needs)")->check(CLI::Range(1, 100'000));
  command->add_option("--concurrency", order->concurrency, "requests at once")->capture_default_str()->check(CLI::Range(1, 256));
  command->add_flag("--own-pace", order->own_pace, "each request when it came (at_s), for latencies as they will be");
  command->add_flag("--review", order->review, "judge open pairs, blind, on a page that only this machine serves");
  command->add_flag("--terminal", order->terminal, "with --review: here instead")->needs("--review");
  command->add_option("--judge", order->judge, "a model that judges open pairs; it counts once people judged 20 of them too");
  command->add_option("--meter", order->meter, "a meter's CSV: time, watts");
  command->add_option("--seed", order->seed, "of the sample")->capture_default_str();
  command->add_option("--name", order->name, "of the workload");
  command->add_option("-o,--out", order->out, "folder for raw rows and the report")->capture_default_str();
}

}  // namespace demarc::cli
