// demarc bench context MODEL: speed and answers of a chat model as its context fills; the curve is kept in DATA/models/profiles.json, where routing
// finds it.
#include <simdjson.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <map>
#include <memory>

#include "cli/bench_commands.hpp"
#include "cli/cli.hpp"
#include "cli/machine.hpp"
#include "cli/progress.hpp"
#include "cli/trial_engine.hpp"
#include "core/io/loop.hpp"
#include "core/json/writer.hpp"
#include "models/context_tasks.hpp"
#include "models/profiles.hpp"
#include "models/store.hpp"

namespace demarc::cli {
namespace {

namespace dom = simdjson::dom;

constexpr std::int64_t kAnswerTokens = 96, kQuestionTokens = 64;  // the longest answer; what surrounds the text
constexpr std::array<std::int64_t, 9> kLengths = {512, 1'024, 2'048, 4'096, 8'192, 16'384, 32'768, 65'536, 131'072};

struct Order {
  std::string name;
  std::vector<std::int64_t> lengths;
  std::int64_t up_to = 8'192;
  std::uint64_t seed = 1;
  std::int64_t tasks = 2;  // of each kind
};

struct Measured {
  models::CurvePoint point;
  std::map<models::TaskKind, std::int64_t> solved;
};

std::string request_of(const models::Task& task) {
  std::string json;
  JsonWriter writer(json);
  writer.object([&] {
    writer.array("messages", [&] { writer.object([&] { writer.field("role", "user"), writer.field("content", task.prompt); }); });
    writer.field("temperature", 0), writer.field("seed", 1), writer.field("max_tokens", kAnswerTokens), writer.field("cache_prompt", false);
    writer.object("chat_template_kwargs", [&] { writer.field("enable_thinking", false); });  // templates that know nothing of it ignore it
  });
  return json;
}

struct Answered {
  std::string text;
  std::int64_t prompt_tokens = 0;
  double tokens_per_second = 0, first_token_ms = 0;
};

Result<Answered, std::string> ask(TrialEngine& engine, const models::Task& task) {
  const TrialReply reply = TRY(engine.post("/v1/chat/completions", request_of(task)));
  dom::parser parser;
  dom::element root;
  std::string_view text;
  Answered answered;
  if (parser.parse(reply.body).get(root) != simdjson::SUCCESS || root.at_pointer("/choices/0/message/content").get(text) != simdjson::SUCCESS ||
      root.at_pointer("/usage/prompt_tokens").get(answered.prompt_tokens) != simdjson::SUCCESS)
    return fail(std::string("the engine's answer has no text or no count"));
  answered.text = text;
  if (root.at_pointer("/timings/predicted_per_second").get(answered.tokens_per_second) != simdjson::SUCCESS ||
      root.at_pointer("/timings/prompt_ms").get(answered.first_token_ms) != simdjson::SUCCESS)
    return fail(std::string("the engine did not say how fast it was"));
  return answered;
}

// Bytes that make a token of this model, of a text like the tasks'.
Result<double, std::string> bytes_per_token(TrialEngine& engine, models::TaskKind kind) {
  const models::Task task = models::make_task(kind, {.text_bytes = 4'000});
  std::string json;
  JsonWriter writer(json);
  writer.object([&] { writer.field("content", task.prompt); });
  const TrialReply reply = TRY(engine.post("/tokenize", json));
  dom::parser parser;
  dom::array tokens;
  if (parser.parse(reply.body)["tokens"].get(tokens) != simdjson::SUCCESS || tokens.size() == 0)
    return fail(std::string("the engine did not count a text's tokens"));
  return static_cast<double>(task.prompt.size()) / static_cast<double>(tokens.size());
}

Result<Measured, std::string> measure_length(TrialEngine& engine, const Order& order, std::int64_t length, StatusLine& line) {
  Measured measured;
  std::int64_t tokens = 0;
  for (const models::TaskKind kind : models::kTaskKinds) {
    const double bytes = TRY(bytes_per_token(engine, kind));
    for (std::int64_t number = 0; number < order.tasks; ++number) {
      line.show(std::to_string(length) + " tokens: " + std::string(to_string(kind)) + " " + std::to_string(number + 1) + "/" +
                std::to_string(order.tasks));
      const auto text_bytes = static_cast<std::size_t>(static_cast<double>(length - kAnswerTokens - kQuestionTokens) * bytes);
      const models::Task task = models::make_task(kind, {.seed = order.seed, .number = static_cast<std::uint64_t>(number), .text_bytes = text_bytes});
      const Answered answered = TRY(ask(engine, task));
      const bool right = models::solved(task, answered.text);
      tokens += answered.prompt_tokens;
      ++measured.point.tasks, measured.point.solved += right ? 1 : 0, measured.solved[kind] += right ? 1 : 0;
      measured.point.tokens_per_second += answered.tokens_per_second, measured.point.first_token_ms += answered.first_token_ms;
    }
  }
  measured.point.context_tokens = tokens / measured.point.tasks;  // on average
  measured.point.tokens_per_second /= static_cast<double>(measured.point.tasks),
      measured.point.first_token_ms /= static_cast<double>(measured.point.tasks);
  return measured;
}

void print_table(const Order& order, const std::vector<Measured>& all) {
  std::printf("%-8s %7s %8s %12s %9s %9s %9s %8s\n", "CONTEXT", "QUALITY", "NEEDLE", "MULTI-NEEDLE", "MULTI-HOP", "CODE EDIT", "TOKENS/S", "FIRST S");
  for (const Measured& measured : all) {
    const auto share = [&](models::TaskKind kind) { return std::to_string(measured.solved.at(kind)) + "/" + std::to_string(order.tasks); };
    std::printf("%-8lld %7.2f %8s %12s %9s %9s %9.1f %8.1f\n", static_cast<long long>(measured.point.context_tokens),
                static_cast<double>(measured.point.solved) / static_cast<double>(measured.point.tasks), share(models::TaskKind::needle).c_str(),
                share(models::TaskKind::multi_needle).c_str(), share(models::TaskKind::multi_hop).c_str(), share(models::TaskKind::code_edit).c_str(),
                measured.point.tokens_per_second, measured.point.first_token_ms / 1000);
  }
  std::printf(
      "\nSolved of tasks with known answers from seed %llu; demarc weighs a workload's\nquality_floor against this curve at a request's length.\n",
      static_cast<unsigned long long>(order.seed));
}

std::string to_json(const Order& order, const models::Curve& curve, const std::vector<Measured>& all) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("model", order.name), json.field("digest", curve.digest), json.field("machine", curve.machine), json.field("time", curve.time);
    json.field("seed", order.seed), json.field("tasks_of_each_kind", order.tasks);
    json.array("points", [&] {
      for (const Measured& measured : all)
        json.object([&] {
          const models::CurvePoint& point = measured.point;
          json.field("context_tokens", point.context_tokens), json.field("tasks", point.tasks), json.field("solved", point.solved);
          json.field("quality", static_cast<double>(point.solved) / static_cast<double>(point.tasks));
          json.object("solved_by_kind", [&] {
            for (const auto& [kind, solved] : measured.solved) json.field(to_string(kind), solved);
          });
          json.field("tokens_per_second", point.tokens_per_second), json.field("first_token_ms", point.first_token_ms);
        });
    });
  });
  return out;
}

Result<std::vector<std::int64_t>, std::string> lengths_of(const Order& order, std::int64_t most) {
  std::vector<std::int64_t> lengths = order.lengths;
  if (lengths.empty())
    for (const std::int64_t length : kLengths)
      if (length <= std::min(order.up_to, most)) lengths.push_back(length);
  std::ranges::sort(lengths);
  lengths.erase(std::ranges::unique(lengths).begin(), lengths.end());
  if (lengths.empty() || lengths.back() > most) return fail("the model's context is " + std::to_string(most) + " tokens");
  return lengths;
}

Result<std::vector<Measured>, std::string> measure(const Place& place, const Order& order, models::Curve& curve) {
  const auto resolved = models::Store(place.data).resolve(order.name);
  if (!resolved) return fail(resolved.error().message + (resolved.error().hint.empty() ? "" : " (" + resolved.error().hint + ")"));
  if (std::ranges::find(resolved->locked.roles, models::Role::chat) == resolved->locked.roles.end()) return fail(order.name + " is no chat model");
  const auto most = static_cast<std::int64_t>(resolved->locked.context_tokens == 0 ? 8'192 : resolved->locked.context_tokens);
  const auto lengths = TRY(lengths_of(order, most));
  auto engine = TRY(TrialEngine::start(place, order.name, {.context_tokens = lengths.back() + 256}));
  curve.digest = engine->model().digest;
  StatusLine line(std::cerr, on_terminal());
  std::vector<Measured> all;
  for (const std::int64_t length : lengths) {
    all.push_back(TRY(measure_length(*engine, order, length, line)));
    line.say(std::to_string(length) + " tokens: " + std::to_string(all.back().point.solved) + " of " + std::to_string(all.back().point.tasks) +
             " solved");
    curve.points.push_back(all.back().point);
  }
  return all;
}

int run(const Shared& shared, const Place& place, const Order& order) {
  models::Curve curve{
      .digest = {}, .model = order.name, .machine = machine_name(), .time = format_rfc3339(system_clock().now()), .seed = order.seed, .points = {}};
  const auto all = measure(place, order, curve);
  if (!all) return std::cerr << "demarc bench context: " << all.error() << '\n', kFailed;
  models::Profiles profiles = models::read_profiles(place.data);
  profiles.put(curve);
  if (const auto written = models::write_profiles(place.data, profiles); !written)
    return std::cerr << "demarc bench context: not kept: " << written.error().message << '\n', kFailed;
  if (shared.json)
    std::cout << to_json(order, curve, *all) << '\n';
  else
    print_table(order, *all);
  return kOk;
}

}  // namespace

void add_bench_context(CLI::App& group, Shared& shared) {
  auto order = std::make_shared<Order>();
  CLI::App* command = add_command(group, shared, "context", "speed and right answers of a chat model as its context fills", [&shared, order] {
    const auto place = find_place(shared);
    if (!place) return std::cerr << "demarc bench: " << place.error() << '\n', static_cast<int>(kFailed);
    return static_cast<int>(run(shared, *place, *order));
  });
  command->add_option("model", order->name, "an installed chat model")->required();
  command->add_option("--lengths", order->lengths, "tokens of context to measure at")->check(CLI::Range(512, 1 << 20))->delimiter(',');
  command->add_option("--up-to", order->up_to, "without --lengths: 512, doubled up to this many (8192)")->check(CLI::Range(512, 1 << 20));
  command->add_option("--seed", order->seed, "what the tasks are made from (1)");
  command->add_option("--tasks", order->tasks, "tasks of each of the four kinds at each length (2)")->check(CLI::Range(1, 100));
}

}  // namespace demarc::cli
