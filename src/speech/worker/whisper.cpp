#include "speech/worker/whisper.hpp"

#include <ctranslate2/models/whisper.h>

#include <algorithm>
#include <exception>

#include "base/check.hpp"

namespace demarc::speech::worker {
namespace {

// As faster-whisper sets them.
constexpr std::size_t kBeamSize = 5, kBestOf = 5;
constexpr std::size_t kMaxInitialTimestamp = 50;  // 1 s

// More than anyone says, also in scripts whose letters are several tokens: noise that makes the model babble must not cost a full window's time.
constexpr double kMaxTokensPerSecond = 30, kTokensBesides = 32;

// Runs `body` and turns what it throws into a value.
template <class Body>
auto guarded(Body&& body) -> Result<decltype(body()), EngineFailure> {
  try {
    return body();
  } catch (const std::exception& error) {
    return fail(EngineFailure{error.what()});
  }
}

}  // namespace

class Whisper::Window {
 public:
  ctranslate2::StorageView encoded;
};

struct Whisper::Pool {
  ctranslate2::models::Whisper whisper;
};

Whisper::Whisper(std::unique_ptr<Pool> pool) : pool_(std::move(pool)) {}
Whisper::~Whisper() = default;

Result<std::unique_ptr<Whisper>, EngineFailure> Whisper::load(const WhisperSettings& settings) {
  CHECK(settings.slots >= 1 && settings.threads >= 1);
  return guarded([&] {
    ctranslate2::models::ModelLoader loader(settings.folder);
    loader.compute_type = ctranslate2::ComputeType::INT8;
    loader.num_replicas_per_device = settings.slots + settings.spare;  // they share the weights
    const ctranslate2::ReplicaPoolConfig config{.num_threads_per_replica = std::max<std::size_t>(settings.threads / settings.slots, 1)};
    // NOLINTNEXTLINE(modernize-make-unique): ctranslate2's Whisper cannot be moved, so it must be made in place
    return std::unique_ptr<Whisper>(new Whisper(std::unique_ptr<Pool>(new Pool{ctranslate2::models::Whisper(loader, config)})));
  });
}

int Whisper::mel_bands() const { return static_cast<int>(pool_->whisper.n_mels()); }
bool Whisper::is_multilingual() const { return pool_->whisper.is_multilingual(); }

Result<std::shared_ptr<const Whisper::Window>, EngineFailure> Whisper::encode(const std::vector<float>& features) {
  CHECK(features.size() == static_cast<std::size_t>(mel_bands()) * kWindowFrames);
  return guarded([&]() -> std::shared_ptr<const Window> {
    const ctranslate2::StorageView view({1, mel_bands(), kWindowFrames}, const_cast<float*>(features.data()));
    return std::make_shared<const Window>(Window{pool_->whisper.encode(view, false).get()});
  });
}

Result<std::string, EngineFailure> Whisper::detect_language(const Window& window) {
  return guarded([&]() -> std::string {
    const std::string mark = pool_->whisper.detect_language(window.encoded).at(0).get().at(0).first;  // "<|en|>"
    return mark.size() > 4 ? mark.substr(2, mark.size() - 4) : mark;
  });
}

Result<Hypothesis, EngineFailure> Whisper::decode(const Window& window, const std::vector<std::size_t>& prompt, double seconds, double temperature) {
  ctranslate2::models::WhisperOptions options;
  options.beam_size = temperature > 0 ? 1 : kBeamSize;
  if (temperature > 0) options.num_hypotheses = kBestOf, options.sampling_topk = 0, options.sampling_temperature = static_cast<float>(temperature);
  const auto enough = static_cast<std::size_t>(kTokensBesides + seconds * kMaxTokensPerSecond);
  options.max_length = std::min(kMaxTokensPerWindow, std::max(2 * enough, prompt.size() + enough));  // half of it is for new tokens
  options.return_scores = true;
  options.return_no_speech_prob = true;
  options.max_initial_timestamp_index = kMaxInitialTimestamp;
  return guarded([&]() -> Hypothesis {
    ctranslate2::models::WhisperGenerationResult result =
        pool_->whisper.generate(window.encoded, std::vector<std::vector<std::size_t>>{prompt}, options).at(0).get();
    const auto count = static_cast<double>(result.sequences_ids.at(0).size());
    return {.tokens = std::move(result.sequences_ids[0]),
            .average_log_probability = result.scores.at(0) * count / (count + 1),  // the end mark counts too
            .no_speech_probability = result.no_speech_prob,
            .temperature = temperature};
  });
}

}  // namespace demarc::speech::worker
