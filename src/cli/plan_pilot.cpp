// demarc plan pilot: real requests of one workload, answered by the present model and by a candidate through the gateway, judged, and told with
// interval, cost, latency and energy. Raw rows stay in its folder; a run that was interrupted goes on where it stood.
#include <simdjson.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <thread>

#include "base/mutex.hpp"
#include "base/strings.hpp"
#include "cli/cli.hpp"
#include "cli/connection.hpp"
#include "cli/place.hpp"
#include "cli/plan_commands.hpp"
#include "cli/power.hpp"
#include "cli/progress.hpp"
#include "core/json/writer.hpp"
#include "planning/pilot/evidence.hpp"

namespace demarc::cli {
namespace {

namespace fs = std::filesystem;
namespace dom = simdjson::dom;
using namespace planning;

struct Order {
  std::string requests, present, candidate, judge, name, out = "pilot", meter;
  double margin_points = 3, discordant_percent = 10;
  std::size_t sample = 0, concurrency = 4;
  std::uint64_t seed = 1;
  bool own_pace = false, review = false;
};

std::string body_of(const PilotRequest& request, const std::string& model) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("model", model), json.raw_field("messages", request.messages), json.field("temperature", 0);
    if (request.max_tokens) json.field("max_tokens", *request.max_tokens);
  });
  return out;
}

std::string answer_text(const std::string& body, std::int64_t& input, std::int64_t& output) {
  dom::parser parser;
  dom::element root;
  if (parser.parse(simdjson::padded_string(body)).get(root) != simdjson::SUCCESS) return {};
  std::int64_t number = 0;
  if (root.at_pointer("/usage/prompt_tokens").get_int64().get(number) == simdjson::SUCCESS) input = number;
  if (root.at_pointer("/usage/completion_tokens").get_int64().get(number) == simdjson::SUCCESS) output = number;
  std::string_view text;
  return root.at_pointer("/choices/0/message/content").get_string().get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

PilotRow ask(Connection& connection, const PilotRequest& request, const std::string& model, Side side, int stratum) {
  PilotRow row{.id = request.id, .model = model, .side = side, .stratum = stratum};
  const auto began = std::chrono::steady_clock::now();
  const auto answer = connection.call("POST", "/v1/chat/completions", {{"content-type", "application/json"}}, body_of(request, model));
  row.ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count();
  if (!answer) return row.error = answer.error(), row;
  row.status = answer->status;
  if (answer->status != 200) return row.error = error_message(*answer), row;
  row.answer = answer_text(answer->body, row.input_tokens, row.output_tokens);
  row.usd = Money::parse(answer->headers.get("demarc-cost-usd")), row.local = answer->headers.get("demarc-tier") == "local";
  return row;
}

// Rows of the folder's file, and the file open at its end; the owner alone reads it.
class Rows {
 public:
  static std::optional<Rows> open(const fs::path& path) {
    Rows out;
    std::ifstream in(path);
    std::string line;
    while (std::getline(in, line)) {
      auto row = read_pilot_row(line);
      if (row) out.rows.push_back(std::move(*row));  // the last line of a run that was killed may be cut
    }
    out.file_ = std::make_unique<std::ofstream>(path, std::ios::app);
    ::chmod(path.c_str(), S_IRUSR | S_IWUSR);
    if (!*out.file_) return std::cerr << path.string() << ": cannot be written\n", std::nullopt;
    return out;
  }
  void add(PilotRow row) { *file_ << to_json(row) << '\n' << std::flush, rows.push_back(std::move(row)); }
  [[nodiscard]] bool has(const std::string& id, Side side) const {
    return std::ranges::any_of(rows, [&](const PilotRow& row) { return row.id == id && row.side == side && row.status == 200; });
  }
  std::vector<PilotRow> rows;

 private:
  std::unique_ptr<std::ofstream> file_;
};

// All requests of one side, so many at once, or each when it came.
void run_side(Connection& connection, const std::vector<PilotRequest>& requests, const Sample& sample, const Order& order, Side side, Rows& rows) {
  const std::string& model = side == Side::present ? order.present : order.candidate;
  std::vector<std::size_t> open;
  for (const std::size_t i : sample.taken)
    if (!rows.has(requests[i].id, side)) open.push_back(i);
  if (order.own_pace) std::ranges::sort(open, {}, [&](std::size_t i) { return requests[i].at_s.value_or(0); });
  Mutex mutex;
  std::atomic<std::size_t> next{0};
  std::size_t done = 0;
  Counter counter(std::cerr, on_terminal(), side == Side::present ? "answers of the present model" : "answers of the candidate");
  const auto began = std::chrono::steady_clock::now();
  const double first_s = open.empty() ? 0 : requests[open.front()].at_s.value_or(0);
  const auto work = [&] {
    for (std::size_t at = next++; at < open.size(); at = next++) {
      const PilotRequest& request = requests[open[at]];
      if (order.own_pace)
        std::this_thread::sleep_until(
            began + std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(request.at_s.value_or(0) - first_s)));
      PilotRow row = ask(connection, request, model, side, sample.stratum_of[open[at]]);
      MutexLock lock(mutex);
      rows.add(std::move(row));
      counter.show(static_cast<std::int64_t>(++done), static_cast<std::int64_t>(open.size()));
    }
  };
  std::vector<std::jthread> others;
  for (std::size_t t = 1; t < order.concurrency; ++t) others.emplace_back(work);
  work();
}

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

std::map<std::string, Judgement> read_judgements(const fs::path& path) {
  std::map<std::string, Judgement> out;
  std::ifstream in(path);
  std::string line;
  dom::parser parser;
  while (std::getline(in, line)) {
    dom::element root;
    std::string_view id;
    if (parser.parse(simdjson::padded_string(line)).get(root) != simdjson::SUCCESS || root["id"].get_string().get(id) != simdjson::SUCCESS) continue;
    const auto flag = [&](const char* key) {
      bool value = false;
      return root[key].get_bool().get(value) == simdjson::SUCCESS && value;
    };
    out[std::string(id)] = {std::string(id), flag("present"), flag("candidate"), flag("undecided")};
  }
  return out;
}

void keep(std::ofstream& file, const Judgement& j, const std::string& by) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("id", j.id), json.field("present", j.present), json.field("candidate", j.candidate), json.field("undecided", j.undecided),
        json.field("by", by);
  });
  file << out << '\n' << std::flush;
}

struct Pair {
  const PilotRequest* request = nullptr;
  const PilotRow *present = nullptr, *candidate = nullptr;
  bool present_first = false;  // in the order in which it is shown, which nobody chooses
};
std::vector<Pair> open_pairs(const std::vector<PilotRequest>& requests, const Rows& rows, const std::map<std::string, Judgement>& done,
                             std::uint64_t seed) {
  std::vector<Pair> out;
  for (const PilotRequest& request : requests) {
    if (request.check != CheckKind::none || done.contains(request.id)) continue;
    Pair pair{&request};
    for (const PilotRow& row : rows.rows)
      if (row.id == request.id && row.status == 200) (row.side == Side::present ? pair.present : pair.candidate) = &row;
    if (pair.present == nullptr || pair.candidate == nullptr) continue;
    pair.present_first = (std::hash<std::string>{}(request.id) ^ (seed * 0x9e3779b97f4a7c15ULL)) % 7 < 4
                             ? (std::hash<std::string>{}(request.id + "x") & 1) != 0
                             : (std::hash<std::string>{}(request.id) & 1) != 0;
    out.push_back(pair);
  }
  return out;
}

// People, on the terminal: two answers in an order that nobody knows.
void review(const std::vector<Pair>& pairs, const fs::path& path) {
  std::ofstream file(path, std::ios::app);
  ::chmod(path.c_str(), S_IRUSR | S_IWUSR);
  std::string answer;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const Pair& pair = pairs[i];
    const PilotRow &one = pair.present_first ? *pair.present : *pair.candidate, &two = pair.present_first ? *pair.candidate : *pair.present;
    std::cerr << "\n--- " << i + 1 << " of " << pairs.size() << " ---\n"
              << pair.request->prompt << "\n\n[1]\n"
              << one.answer << "\n\n[2]\n"
              << two.answer << "\n\nWhich would you accept? 1, 2, b(oth), n(either), s(kip), q(uit): ";
    if (!std::getline(std::cin, answer) || answer == "q") return;
    if (answer != "1" && answer != "2" && answer != "b" && answer != "n") continue;
    const bool first = answer == "1" || answer == "b", second = answer == "2" || answer == "b";
    keep(file, {pair.request->id, pair.present_first ? first : second, pair.present_first ? second : first, false}, "people");
  }
}

// A model, in both orders; what it says otherwise the other way round is undecided.
void judge(Connection& connection, const std::vector<Pair>& pairs, const std::string& model, const fs::path& path) {
  std::ofstream file(path, std::ios::app);
  ::chmod(path.c_str(), S_IRUSR | S_IWUSR);
  Counter counter(std::cerr, on_terminal(), "pairs judged by " + model);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const Pair& pair = pairs[i];
    const auto verdict = [&](const PilotRow& one, const PilotRow& two) -> std::optional<std::pair<bool, bool>> {
      const std::string text =
          "A request and two answers follow. Say which answers are acceptable: correct, complete, in the form that was asked for. Reply with one "
          "word: both, first, second, or neither.\n\nREQUEST\n" +
          pair.request->prompt + "\n\nFIRST ANSWER\n" + one.answer + "\n\nSECOND ANSWER\n" + two.answer;
      std::string messages;
      JsonWriter json(messages);
      json.array([&] { json.object([&] { json.field("role", "user"), json.field("content", text); }); });
      const PilotRow row = ask(connection, {.id = pair.request->id, .messages = messages, .max_tokens = 16}, model, Side::present, 0);
      const std::string word = to_lower(row.answer);
      if (row.status != 200) return {};
      const bool both = word.find("both") != std::string::npos, neither = word.find("neither") != std::string::npos,
                 first = word.find("first") != std::string::npos, second = word.find("second") != std::string::npos;
      if (both + neither + first + second != 1) return {};
      return std::pair(both || first, both || second);
    };
    const auto one_way = verdict(*pair.present, *pair.candidate), other_way = verdict(*pair.candidate, *pair.present);
    if (one_way && other_way) {
      const bool turned = one_way->first != other_way->second || one_way->second != other_way->first;
      keep(file, {pair.request->id, one_way->first, one_way->second, turned}, model);
    }
    counter.show(static_cast<std::int64_t>(i + 1), static_cast<std::int64_t>(pairs.size()));
  }
}

std::string again(const Order& o) {
  std::string out = "demarc plan pilot " + o.requests + " --present " + o.present + " --candidate " + o.candidate + " --margin-points " +
                    Decimal::nearest(o.margin_points).print() + " --seed " + std::to_string(o.seed) + " -o " + o.out;
  if (o.sample > 0) out += " --sample " + std::to_string(o.sample);
  if (o.own_pace) out += " --own-pace";
  return o.judge.empty() ? out : out + " --judge " + o.judge;
}

int pilot(const Shared& shared, const Order& order) {
  const auto text = read_whole(order.requests, std::size_t{1} << 30);
  if (!text) return kFailed;
  const auto requests = read_pilot_requests(*text, order.requests);
  if (!requests) return std::cerr << requests.error() << '\n', kFailed;
  const std::int64_t needed = pairs_needed({.margin = order.margin_points / 100, .discordant = order.discordant_percent / 100});
  std::vector<std::size_t> sizes;
  for (const PilotRequest& request : *requests) sizes.push_back(request.messages.size());
  const Sample sample = stratified(sizes, order.sample > 0 ? order.sample : static_cast<std::size_t>(needed), order.seed);
  if (static_cast<std::int64_t>(sample.taken.size()) < needed)
    std::cerr << "a margin of " << order.margin_points << " points needs about " << needed << " pairs; with " << sample.taken.size()
              << " the answer may stay open\n";
  if (order.own_pace && std::ranges::any_of(sample.taken, [&](std::size_t i) { return !(*requests)[i].at_s; }))
    return std::cerr << order.requests << ": --own-pace needs at_s in every request\n", kUsage;

  std::error_code error;
  fs::create_directories(order.out, error);
  const fs::path folder(order.out);
  auto rows = Rows::open(folder / "rows.jsonl");
  if (!rows) return kFailed;
  const auto place = find_place(shared);
  if (!place) return std::cerr << "demarc plan pilot: " << place.error() << '\n', kFailed;
  auto connection = Connection::open(*place, Connection::IfNone::start_one, order.concurrency);
  if (!connection) return std::cerr << "demarc plan pilot: " << connection.error() << '\n', kUnavailable;
  if (auto ready = (*connection)->wait_ready(60'000); !ready) return std::cerr << "demarc plan pilot: " << ready.error() << '\n', kUnavailable;

  PilotSetup setup{.name = order.name.empty() ? fs::path(order.requests).stem().string() : order.name,
                   .present = order.present,
                   .candidate = order.candidate,
                   .command = again(order),
                   .today = format_rfc3339(now()).substr(0, 10),
                   .margin = order.margin_points / 100,
                   .needed = needed,
                   .strata = sample.strata};
  run_side(**connection, *requests, sample, order, Side::present, *rows);
  const std::size_t before = rows->rows.size();
  const Instant from = now();
  Power power;
  run_side(**connection, *requests, sample, order, Side::candidate, *rows);
  setup.candidate_seconds = static_cast<double>(now().unix_ns - from.unix_ns) / 1e9;
  const bool local = std::ranges::any_of(rows->rows, [](const PilotRow& row) { return row.side == Side::candidate && row.local; });
  if (rows->rows.size() > before && !order.meter.empty()) {
    setup.candidate_watts = metered(order.meter, from, now()), setup.watts_of = "meter";
  } else if (rows->rows.size() > before && local) {  // this machine's power says nothing of one elsewhere
    if (const auto drawn = power.drawn()) setup.candidate_watts = drawn->watts, setup.watts_of = drawn->of;
  }

  const fs::path people_file = folder / "people.jsonl", model_file = folder / "judge.jsonl";
  if (order.review) review(open_pairs(*requests, *rows, read_judgements(people_file), order.seed), people_file);
  if (!order.judge.empty()) judge(**connection, open_pairs(*requests, *rows, read_judgements(model_file), order.seed), order.judge, model_file);
  const auto people = read_judgements(people_file), model = order.judge.empty() ? std::map<std::string, Judgement>() : read_judgements(model_file);
  const auto bias = order.judge.empty() ? std::nullopt : std::optional(bias_of(order.judge, model, people));
  const PilotReport report = report_of(*requests, rows->rows, people, model, bias, setup);
  const std::string told = to_json(report);
  std::ofstream(folder / "report.json") << told << '\n';
  std::ofstream(folder / "report.txt") << print(report);
  std::cout << (shared.json ? told + "\n" : print(report));
  return kOk;
}

}  // namespace

void add_plan_pilot(CLI::App& plan, Shared& shared) {
  auto order = std::make_shared<Order>();
  CLI::App* command = add_command(plan, shared, "pilot", "a candidate against the present model on real requests, judged, with interval and cost",
                                  [&shared, order] { return pilot(shared, *order); });
  command->add_option("requests", order->requests, "chat requests, one JSON object a line (docs/reference/plan.md)")->required();
  command->add_option("--present", order->present, "the model that serves now")->required();
  command->add_option("--candidate", order->candidate, "the model that might")->required();
  command->add_option("--margin-points", order->margin_points, "how much worse is still as good, in points of accepted answers")
      ->capture_default_str()
      ->check(CLI::Range(0.1, 50.0));
  command->add_option("--discordant-percent", order->discordant_percent, "pairs expected to be judged differently, for the sample's size")
      ->capture_default_str()
      ->check(CLI::Range(0.1, 100.0));
  command->add_option("--sample", order->sample, "how many pairs (else as many as the margin needs)")->check(CLI::Range(1, 100'000));
  command->add_option("--concurrency", order->concurrency, "requests at once")->capture_default_str()->check(CLI::Range(1, 256));
  command->add_flag("--own-pace", order->own_pace, "each request when it came (at_s), for latencies as they will be");
  command->add_flag("--review", order->review, "judge open pairs here, blind");
  command->add_option("--judge", order->judge, "a model that judges open pairs; it counts once people judged 20 of them too");
  command->add_option("--meter", order->meter, "a meter's CSV: time, watts");
  command->add_option("--seed", order->seed, "of the sample")->capture_default_str();
  command->add_option("--name", order->name, "of the workload");
  command->add_option("-o,--out", order->out, "folder for raw rows and the report")->capture_default_str();
}

}  // namespace demarc::cli
