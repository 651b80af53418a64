#include "engine/command.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "core/json/writer.hpp"

namespace demarc::engine {
namespace {

constexpr std::uint64_t kMinimumMemoryBytes = std::uint64_t{1} << 30;
// On processors of Intel's, Intel's mathematics in the speech engine reserves 820 MB for a model of 145 MB and touches a tenth of it (measured).
constexpr std::uint64_t kReservedBySpeechBytes = std::uint64_t{1} << 30;

bool serves(const UpstreamSpec& upstream, Operation operation) {
  return std::ranges::any_of(upstream.models,
                             [&](const ModelSpec& model) { return std::ranges::find(model.serves, operation) != model.serves.end(); });
}

// Room for the weights again (engines may repack them), the attention cache and buffers; generous, since it only has to stop a runaway.
std::uint64_t memory_limit_bytes(const EnginePlan& plan) {
  if (plan.upstream.memory_limit_bytes != 0) return plan.upstream.memory_limit_bytes;
  const std::uint64_t cache_bytes = plan.upstream.engine == EngineKind::llama ? plan.upstream.prompt_cache_bytes : 0;
  const std::uint64_t reserved_bytes = plan.upstream.engine == EngineKind::speech ? kReservedBySpeechBytes : 0;
  const std::uint64_t own_bytes = std::max(kMinimumMemoryBytes, plan.model.size_bytes * 3 + kMinimumMemoryBytes) + cache_bytes + reserved_bytes;
  // A reader's own limit is within its engine's: it begins with the models in memory.
  return plan.upstream.engine == EngineKind::document ? std::max(own_bytes, plan.model.size_bytes * 3 + reader_bytes(plan)) : own_bytes;
}

std::vector<std::string> llama_argv(const EnginePlan& plan, const std::string& socket_path, std::uint32_t threads) {
  const UpstreamSpec& upstream = plan.upstream;
  const std::int64_t context_tokens = upstream.models[0].context_tokens.value_or(kDefaultContextTokens);
  std::vector<std::string> argv = {plan.programs + "/llama-server", "--model", plan.model.path, "--alias", upstream.models[0].name, "--host",
                                   socket_path, "--threads", std::to_string(threads), "--parallel", std::to_string(upstream.slots),
                                   // the context is shared out among the slots, so that each has what the config promises
                                   "--ctx-size", std::to_string(context_tokens * upstream.slots), "--offline", "--no-ui", "--metrics", "--no-slots",
                                   "--cache-ram", std::to_string(upstream.prompt_cache_bytes >> 20),
                                   // names its memory while it loads (measure.hpp); what it says while it serves is not shown
                                   "--log-verbosity", "4"};
  if (serves(upstream, Operation::embedding))
    argv.insert(argv.end(), {"--embeddings", "--ubatch-size", std::to_string(std::clamp<std::int64_t>(context_tokens, 512, 8'192))});
  return argv;
}

// The settings file of the worker protocol (ARCHITECTURE.md): no secret, readable by us alone.
Result<std::string, std::string> write_settings(const EnginePlan& plan, const std::string& socket_path, std::uint32_t threads,
                                                std::uint64_t memory_bytes) {
  std::string json;
  JsonWriter writer(json);
  writer.object([&] {
    writer.field("socket", socket_path);
    writer.object("model", [&] {
      writer.field("path", plan.model.path);
      writer.field("name", plan.model.name);
      writer.field("digest", plan.model.digest);
    });
    writer.field("threads", threads);
    writer.field("slots", plan.upstream.slots);
    writer.field("beside", places_beside(plan.upstream));
    writer.array("serves", [&] {
      for (const Operation operation : plan.upstream.models[0].serves) writer.value(to_string(operation));
    });
    writer.field("context_tokens", plan.upstream.models[0].context_tokens.value_or(kDefaultContextTokens));
    writer.field("memory_limit_bytes", memory_bytes);
    if (!plan.upstream.speakers.empty()) writer.field("speakers", plan.upstream.speakers);
    writer.field("role", to_string(*plan.upstream.engine));
    if (plan.upstream.engine == EngineKind::document) write_document_limits(writer, plan.document_limits);
  });
  const std::string path = plan.run_folder + "/" + plan.upstream.name + "-" + std::to_string(plan.generation) + ".json";
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return fail(path + ": " + std::strerror(errno));
  const ssize_t written = write(fd, json.data(), json.size());
  close(fd);
  if (written != static_cast<ssize_t>(json.size())) return fail(path + ": could not be written");
  return path;
}

}  // namespace

std::uint32_t places_beside(const UpstreamSpec& upstream) {
  constexpr std::uint32_t kOfSpeech = 3, kOfDocuments = 3, kOfVectors = 14;
  CHECK(upstream.engine.has_value() && upstream.models.size() == 1);
  switch (*upstream.engine) {
    case EngineKind::speech: return kOfSpeech;
    case EngineKind::tensor: return upstream.models[0].serves.empty() ? 0 : kOfVectors;  // a detector serves nothing that can be asked for
    case EngineKind::document: return kOfDocuments;
    case EngineKind::llama: return 0;
  }
  return 0;
}

std::uint64_t reader_bytes(const EnginePlan& plan) {
  if (plan.upstream.engine != EngineKind::document) return 0;
  constexpr std::int64_t kTimesItsFile = 3;  // base64, and once more for its reader
  return static_cast<std::uint64_t>(plan.document_limits.document_memory_mib + kTimesItsFile * plan.document_limits.document_mib) << 20;
}

bool EnginePlan::same_engine(const EnginePlan& other) const {
  const UpstreamSpec &a = upstream, &b = other.upstream;
  return a.name == b.name && a.engine == b.engine && a.models[0].name == b.models[0].name &&
         a.models[0].context_tokens == b.models[0].context_tokens && a.models[0].serves == b.models[0].serves && a.slots == b.slots &&
         a.threads == b.threads && a.memory_limit_bytes == b.memory_limit_bytes && a.prompt_cache_bytes == b.prompt_cache_bytes &&
         a.speakers == b.speakers && (a.engine != EngineKind::document || document_limits == other.document_limits) &&
         model.path == other.model.path && model.digest == other.model.digest && cores == other.cores;
}

Result<EngineSpec, std::string> engine_spec(const EnginePlan& plan) {
  CHECK(plan.upstream.engine.has_value() && plan.upstream.models.size() == 1);
  const std::string socket_path = plan.run_folder + "/" + plan.upstream.name + "-" + std::to_string(plan.generation) + ".sock";
  if (socket_path.size() > 100) return fail(socket_path + ": longer than a Unix socket's path may be (100 bytes); choose a shorter data folder");
  const std::uint32_t threads = plan.upstream.threads != 0 ? plan.upstream.threads : std::max(1U, plan.cores);
  EngineSpec spec{.name = plan.upstream.name,
                  .kind = *plan.upstream.engine,
                  .socket_path = socket_path,
                  .memory_limit_bytes = memory_limit_bytes(plan),
                  .start_timeout_ms = plan.start_timeout_ms,
                  .hang_timeout_ms = plan.hang_timeout_ms,
                  .stuck_timeout_ms = plan.stuck_timeout_ms};
  std::string program;
  switch (spec.kind) {
    case EngineKind::llama: spec.argv = llama_argv(plan, socket_path, threads); return spec;
    case EngineKind::speech: program = "demarc-speech"; break;
    case EngineKind::tensor: program = "demarc-tensor"; break;
    case EngineKind::document: program = "demarc-document"; break;
  }
  spec.argv = {plan.programs + "/" + program, TRY(write_settings(plan, socket_path, threads, spec.memory_limit_bytes))};
  return spec;
}

std::vector<std::string> placement_arguments(const std::vector<std::uint64_t>& bytes, std::uint32_t gpu_layers) {
  if (bytes.size() < 2) return {};
  std::string devices, split;
  for (std::size_t gpu = 1; gpu < bytes.size(); ++gpu) {
    if (bytes[gpu] == 0) continue;
    const char* comma = devices.empty() ? "" : ",";
    devices += comma + ("CUDA" + std::to_string(gpu - 1));
    split += comma + std::to_string(bytes[gpu] >> 20);
  }
  if (gpu_layers == 0 || devices.empty()) return {"--device", "none"};
  return {"--device", devices, "--tensor-split", split, "--gpu-layers", std::to_string(gpu_layers)};
}

std::size_t count_cuda_devices(const std::string& llama_server) {
  constexpr int kTime_ms = 20'000;
  auto child = start_child({.argv = {llama_server, "--list-devices"}});
  if (!child) return 0;
  std::string text;
  std::array<char, 4096> piece{};
  bool ended = false;
  for (int waited_ms = 0; waited_ms < kTime_ms && !ended; waited_ms += 100) {
    ended = child->wait(100).has_value();
    for (ssize_t got = 0; (got = read(child->output_fd(), piece.data(), piece.size())) > 0 && text.size() < (64U << 10);)
      text.append(piece.data(), static_cast<std::size_t>(got));
  }
  std::size_t count = 0;
  while (ended && text.find("CUDA" + std::to_string(count) + ":") != std::string::npos) ++count;
  return count;
}

}  // namespace demarc::engine
