// demarc bench engine [MODEL…]: tokens per second, time to the first token, real-time factor, watts; kept in DATA/models/profiles.json.
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>

#include "cli/bench_commands.hpp"
#include "cli/cli.hpp"
#include "cli/installed.hpp"
#include "cli/machine.hpp"
#include "cli/power.hpp"
#include "cli/trial_engine.hpp"
#include "core/io/loop.hpp"
#include "core/json/writer.hpp"
#include "models/profiles.hpp"
#include "models/store.hpp"

namespace demarc::cli {
namespace {

namespace dom = simdjson::dom;

struct Order {
  std::vector<std::string> names;
  std::string audio;
  std::int64_t prompt_tokens = 512, output_tokens = 64, runs = 3;
  std::uint32_t threads = 0;
};

// So many words that a prompt of that many tokens comes out, by the tokenizers that are usual; what it really was, the engine says.
std::string prompt_of(std::int64_t tokens, std::int64_t run) {
  std::string text = "Run " + std::to_string(run) + ".";  // no two alike, so that no cache answers
  constexpr std::array<std::string_view, 8> kWords = {" the", " river", " carries", " small", " boats", " under", " old", " bridges"};
  for (std::int64_t i = 4; i < tokens; ++i) text += kWords[static_cast<std::size_t>(i * 7 + run) % kWords.size()];
  return text;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

std::optional<double> number_in(dom::element root, std::string_view pointer) {
  double number = 0;
  return root.at_pointer(pointer).get(number) == simdjson::SUCCESS ? std::optional(number) : std::nullopt;
}

// The last event of a stream of llama-server's has the counts and times.
Result<std::pair<double, double>, std::string> speeds_in(const std::string& stream) {
  const std::size_t at = stream.rfind("data: {");
  dom::parser parser;
  dom::element root;
  if (at == std::string::npos || parser.parse(stream.substr(at + 6)).get(root) != simdjson::SUCCESS)
    return fail(std::string("the engine's stream has no last event"));
  const auto prompt = number_in(root, "/timings/prompt_per_second"), output = number_in(root, "/timings/predicted_per_second");
  if (!prompt || !output) return fail(std::string("the engine did not say how fast it was"));
  return std::pair(*prompt, *output);
}

Result<void, std::string> measure_text(TrialEngine& engine, const Order& order, models::Speed& speed) {
  std::vector<double> prompt, output, first;
  for (std::int64_t run = 0; run <= order.runs; ++run) {
    std::string json;
    JsonWriter writer(json);
    writer.object([&] {
      writer.field("prompt", prompt_of(run == 0 ? 16 : order.prompt_tokens, run)), writer.field("n_predict", run == 0 ? 4 : order.output_tokens);
      writer.field("temperature", 0), writer.field("ignore_eos", true), writer.field("cache_prompt", false), writer.field("stream", true);
    });
    const TrialReply reply = TRY(engine.post("/completion", json));
    if (run == 0) continue;  // warms up
    const auto [prompt_speed, output_speed] = TRY(speeds_in(reply.body));
    prompt.push_back(prompt_speed), output.push_back(output_speed), first.push_back(reply.first_byte_ms);
  }
  speed.prompt_tokens_per_second = median(prompt), speed.tokens_per_second = median(output), speed.first_token_ms = median(first);
  return {};
}

Result<void, std::string> measure_embedding(TrialEngine& engine, const Order& order, std::int64_t most_tokens, models::Speed& speed) {
  std::vector<double> prompt;
  for (std::int64_t run = 0; run <= order.runs; ++run) {
    std::string json;
    JsonWriter writer(json);
    writer.object([&] { writer.field("input", prompt_of(std::min(order.prompt_tokens, most_tokens * 3 / 4), run)); });
    const TrialReply reply = TRY(engine.post("/v1/embeddings", json));
    dom::parser parser;
    dom::element root;
    const auto tokens = parser.parse(reply.body).get(root) == simdjson::SUCCESS ? number_in(root, "/usage/prompt_tokens") : std::nullopt;
    if (!tokens) return fail(std::string("the engine did not say how many tokens it read"));
    if (run > 0) prompt.push_back(*tokens / reply.total_ms * 1000);
  }
  speed.prompt_tokens_per_second = median(prompt);
  return {};
}

Result<void, std::string> measure_speech(TrialEngine& engine, const Order& order, models::Speed& speed) {
  if (order.audio.empty()) return fail(std::string("a speech model is measured with speech: give a recording with --audio FILE"));
  std::vector<double> factors;
  for (std::int64_t run = 0; run <= order.runs; ++run) {
    const TrialReply reply = TRY(engine.post_file("/v1/audio/transcriptions", order.audio, "response_format", "verbose_json"));
    dom::parser parser;
    dom::element root;
    const auto seconds = parser.parse(reply.body).get(root) == simdjson::SUCCESS ? number_in(root, "/duration") : std::nullopt;
    if (!seconds || *seconds <= 0) return fail(std::string("the engine did not say how long the recording is"));
    if (run > 0) factors.push_back(reply.total_ms / 1000 / *seconds);
  }
  speed.real_time_factor = median(factors);
  return {};
}

Result<models::Speed, std::string> measure(const Place& place, const std::string& name, const Order& order) {
  const auto resolved = models::Store(place.data).resolve(name);
  if (!resolved) return fail(resolved.error().message + (resolved.error().hint.empty() ? "" : " (" + resolved.error().hint + ")"));
  const bool embeds = std::ranges::find(resolved->locked.roles, models::Role::embedding) != resolved->locked.roles.end();
  const auto most_tokens = static_cast<std::int64_t>(resolved->locked.context_tokens == 0 ? 4'096 : resolved->locked.context_tokens);
  const std::int64_t context = embeds ? most_tokens : std::min(most_tokens, (order.prompt_tokens + order.output_tokens) * 3 / 2 + 64);
  auto engine = TRY(TrialEngine::start(place, name, {.context_tokens = context, .threads = order.threads, .embeddings = embeds}));
  models::Speed speed{.digest = engine->model().digest,
                      .model = name,
                      .engine = std::string(to_string(engine->kind())),
                      .machine = machine_name(),
                      .settings = engine->settings(),
                      .time = format_rfc3339(system_clock().now()),
                      .watts_of = {}};
  Power power;
  switch (engine->kind()) {
    case EngineKind::llama:
      if (embeds)
        TRY(measure_embedding(*engine, order, most_tokens, speed));
      else
        TRY(measure_text(*engine, order, speed));
      break;
    case EngineKind::speech: TRY(measure_speech(*engine, order, speed)); break;
    case EngineKind::tensor:
    case EngineKind::document: return fail(std::string("its engine has no measure here: bench/names_speed.py measures detectors"));
  }
  if (const auto drawn = power.drawn()) speed.watts = drawn->watts, speed.watts_of = drawn->of;
  return speed;
}

void print_json(std::string& out, const std::vector<models::Speed>& speeds) {
  JsonWriter json(out);
  json.object([&] {
    json.array("speeds", [&] {
      for (const models::Speed& speed : speeds) {
        const auto known = [&](const char* key, double value) {
          json.name(key);
          if (value > 0)
            json.value(value);
          else
            json.value(json_null);
        };
        json.object([&] {
          json.field("model", speed.model), json.field("digest", speed.digest), json.field("engine", speed.engine),
              json.field("machine", speed.machine);
          json.field("settings", speed.settings), json.field("time", speed.time);
          known("tokens_per_second", speed.tokens_per_second), known("prompt_tokens_per_second", speed.prompt_tokens_per_second);
          known("first_token_ms", speed.first_token_ms), known("real_time_factor", speed.real_time_factor), known("watts", speed.watts);
        });
      }
    });
  });
}

std::string cell(double value, const char* format) {
  if (value <= 0) return "-";
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

int run(const Shared& shared, const Place& place, const Order& order) {
  std::vector<std::string> names = order.names;
  if (names.empty()) {
    const auto lock = models::read_lock(models::Store(place.data).lock_file());
    if (lock)
      for (const models::LockedModel& model : lock->models)
        if (engine_of(model.engine) == EngineKind::llama || (engine_of(model.engine) == EngineKind::speech && !order.audio.empty()))
          names.push_back(model.name);
  }
  if (names.empty()) return std::cerr << "demarc bench engine: no model is installed\nTry: demarc models pull --starter\n", kFailed;
  std::vector<models::Speed> speeds;
  bool failed = false;
  for (const std::string& name : names) {
    std::cerr << name << ": " << order.runs << " runs\n";
    auto speed = measure(place, name, order);
    if (!speed) {
      std::cerr << "demarc bench engine: " << name << ": " << speed.error() << '\n', failed = true;
      continue;
    }
    models::Profiles profiles = models::read_profiles(place.data);  // anew each time: another bench may have written
    profiles.put(*speed);
    if (const auto written = models::write_profiles(place.data, profiles); !written)
      std::cerr << "demarc bench engine: not kept: " << written.error().message << '\n', failed = true;
    speeds.push_back(std::move(*speed));
  }
  if (shared.json) {
    std::string out;
    print_json(out, speeds);
    std::cout << out << '\n';
    return failed ? kFailed : kOk;
  }
  if (!speeds.empty()) std::printf("%-30s %9s %9s %9s %9s %8s\n", "MODEL", "PROMPT/S", "TOKENS/S", "FIRST MS", "RTF", "WATTS");
  for (const models::Speed& speed : speeds)
    std::printf("%-30.30s %9s %9s %9s %9s %8s\n", speed.model.c_str(), cell(speed.prompt_tokens_per_second, "%.1f").c_str(),
                cell(speed.tokens_per_second, "%.1f").c_str(), cell(speed.first_token_ms, "%.0f").c_str(),
                cell(speed.real_time_factor, "%.3f").c_str(), cell(speed.watts, "%.1f").c_str());
  if (!speeds.empty())
    std::printf("\nMedians of %lld runs after one to warm up, %lld tokens in and %lld out, on\n%s. Kept in %s/models/profiles.json.\n",
                static_cast<long long>(order.runs), static_cast<long long>(order.prompt_tokens), static_cast<long long>(order.output_tokens),
                speeds.front().machine.c_str(), place.data.c_str());
  return failed ? kFailed : kOk;
}

}  // namespace

void add_bench_engine(CLI::App& group, Shared& shared) {
  auto order = std::make_shared<Order>();
  CLI::App* command = add_command(group, shared, "engine", "tokens per second, time to the first token, real-time factor, watts", [&shared, order] {
    const auto place = find_place(shared);
    if (!place) return std::cerr << "demarc bench: " << place.error() << '\n', static_cast<int>(kFailed);
    return static_cast<int>(run(shared, *place, *order));
  });
  command->add_option("models", order->names, "installed models (all)");
  command->add_option("--audio", order->audio, "a recording of speech, for speech models")->check(CLI::ExistingFile);
  command->add_option("--prompt", order->prompt_tokens, "tokens of the prompt (512)")->check(CLI::Range(16, 65'536));
  command->add_option("--output", order->output_tokens, "tokens to generate (64)")->check(CLI::Range(8, 4'096));
  command->add_option("--runs", order->runs, "runs whose median counts (3)")->check(CLI::Range(1, 100));
  command->add_option("--threads", order->threads, "threads of the engine (all cores)")->check(CLI::Range(1, 1'024));
}

}  // namespace demarc::cli
