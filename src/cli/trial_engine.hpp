// TrialEngine: an engine with one installed model, started for a measurement as `demarc serve` would start it, and ended with this object.
//
//   auto engine = TrialEngine::start(place, "qwen3-4b", {.context_tokens = 8'192});
//   const auto reply = engine->post("/v1/chat/completions", json);
//   reply->body, reply->first_byte_ms, reply->total_ms
//
// Blocks; one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "cli/place.hpp"
#include "core/operation.hpp"
#include "engine/command.hpp"
#include "engine/engine.hpp"

namespace demarc::cli {

struct TrialSettings {
  std::int64_t context_tokens = 4'096;
  std::uint32_t threads = 0;  // 0: as many as there are cores
  bool embeddings = false;
};

struct TrialReply {
  long status = 0;
  std::string body;
  double first_byte_ms = 0, total_ms = 0;  // of the body, from when the request was sent
};

class TrialEngine {
 public:
  static Result<std::unique_ptr<TrialEngine>, std::string> start(const Place& place, const std::string& model, const TrialSettings& settings);
  ~TrialEngine();
  TrialEngine(const TrialEngine&) = delete;
  TrialEngine& operator=(const TrialEngine&) = delete;

  Result<TrialReply, std::string> post(const std::string& path, const std::string& json);
  // A form with one file and fields, as the transcription endpoints take it.
  Result<TrialReply, std::string> post_file(const std::string& path, const std::string& file, const std::string& field, const std::string& value);

  [[nodiscard]] EngineKind kind() const { return kind_; }
  [[nodiscard]] const engine::ModelFile& model() const { return model_; }
  [[nodiscard]] const std::string& settings() const { return settings_; }  // "threads 2, slots 1, context 4096"

 private:
  TrialEngine() = default;
  struct Request;
  Result<TrialReply, std::string> perform(Request& request);
  engine::ModelFile model_;
  EngineKind kind_ = EngineKind::llama;
  std::string settings_, folder_, socket_;
  std::unique_ptr<engine::Engine> engine_;
};

}  // namespace demarc::cli
