#include "speech/worker/whisper.hpp"

#include <ctranslate2/models/whisper.h>
#include <sys/resource.h>

#include <algorithm>
#include <barrier>
#include <exception>

#include "base/check.hpp"

namespace demarc::speech::worker {
namespace {

// As faster-whisper sets them.
constexpr std::size_t kBeamSize = 5, kBestOf = 5;
constexpr std::size_t kMaxInitialTimestamp = 50;  // 1 s
constexpr ctranslate2::dim_t kMedianFilter = 7;

// More than anyone says, also in scripts whose letters are several tokens: noise that makes the model babble must not cost a full window's time.
constexpr double kMaxTokensPerSecond = 30, kTokensBesides = 32;

// Nine tenths of the processor are the quick lane's while both are at work.
constexpr int kPatientNice = 15;

// Runs `body` and turns what it throws into a value.
template <class Body>
auto guarded(Body&& body) -> Result<decltype(body()), EngineFailure> {
  try {
    return body();
  } catch (const std::exception& error) {
    return fail(EngineFailure{error.what()});
  }
}

using Pool = ctranslate2::models::Whisper;

// Each thread of the pool, before it first computes: the threads that OpenMP makes for it inherit its priority.
void lower_priority(Pool& pool) {
  const auto threads = static_cast<std::ptrdiff_t>(pool.num_replicas());
  const auto all_are_here = std::make_shared<std::barrier<>>(threads);  // so that no thread takes two of the jobs
  std::vector<std::future<int>> done;
  for (std::ptrdiff_t i = 0; i < threads; ++i)
    done.push_back(pool.post<int>([all_are_here](ctranslate2::models::WhisperReplica&) {
      all_are_here->arrive_and_wait();
      return setpriority(PRIO_PROCESS, 0, kPatientNice);
    }));
  for (std::future<int>& one : done) one.get();  // where it is not allowed, all are equal
}

ctranslate2::models::WhisperOptions options_for(double seconds, std::size_t prompt_tokens) {
  ctranslate2::models::WhisperOptions options;
  const auto enough = static_cast<std::size_t>(kTokensBesides + seconds * kMaxTokensPerSecond);
  options.max_length = std::min(kMaxTokensPerWindow, std::max(2 * enough, prompt_tokens + enough));  // half of it is for new tokens
  options.beam_size = kBeamSize;
  options.return_scores = true;
  options.return_no_speech_prob = true;
  options.max_initial_timestamp_index = kMaxInitialTimestamp;
  return options;
}

Hypothesis hypothesis_of(ctranslate2::models::WhisperGenerationResult&& result, double temperature) {
  const auto count = static_cast<double>(result.sequences_ids.at(0).size());
  return {.tokens = std::move(result.sequences_ids[0]),
          .average_log_probability = result.scores.at(0) * count / (count + 1),  // the end mark counts too
          .no_speech_probability = result.no_speech_prob,
          .temperature = temperature};
}

}  // namespace

class Whisper::Heard {
 public:
  explicit Heard(ctranslate2::StorageView made) : encoded(std::move(made)) {}
  ctranslate2::StorageView encoded;  // windows × steps × width

  // A view; alive as long as this.
  [[nodiscard]] ctranslate2::StorageView window(std::size_t index) const {
    const ctranslate2::dim_t steps = encoded.dim(1), width = encoded.dim(2);
    CHECK(static_cast<ctranslate2::dim_t>(index) < encoded.dim(0));
    return {{1, steps, width}, const_cast<float*>(encoded.data<float>()) + static_cast<ctranslate2::dim_t>(index) * steps * width};
  }
};

struct Whisper::Pools {
  Pool quick, patient;

  Pool& of(Lane lane) { return lane == Lane::quick ? quick : patient; }
};

Whisper::Whisper(std::unique_ptr<Pools> pools) : pools_(std::move(pools)) {}
Whisper::~Whisper() = default;

Result<std::unique_ptr<Whisper>, EngineFailure> Whisper::load(const WhisperSettings& settings) {
  CHECK(settings.slots >= 1 && settings.threads >= 1);
  return guarded([&] {
    ctranslate2::models::ModelLoader loader(settings.folder);
    loader.compute_type = ctranslate2::ComputeType::INT8;
    const ctranslate2::ReplicaPoolConfig config{.num_threads_per_replica = std::max<std::size_t>(settings.threads / settings.slots, 1)};
    ctranslate2::set_num_threads(config.num_threads_per_replica);  // for loading
    const std::shared_ptr<const ctranslate2::models::Model> model = loader.load().at(0);
    const std::vector quick(settings.slots + settings.spare, model), patient(settings.slots, model);
    // NOLINTNEXTLINE(modernize-make-unique): ctranslate2's Whisper cannot be moved, so it must be made in place
    std::unique_ptr<Pools> pools(new Pools{.quick = Pool(quick, config), .patient = Pool(patient, config)});
    lower_priority(pools->patient);
    return std::unique_ptr<Whisper>(new Whisper(std::move(pools)));
  });
}

int Whisper::mel_bands() const { return static_cast<int>(pools_->quick.n_mels()); }
bool Whisper::is_multilingual() const { return pools_->quick.is_multilingual(); }

Result<std::shared_ptr<const Whisper::Heard>, EngineFailure> Whisper::encode(Lane lane, const std::vector<float>& features, std::size_t windows) {
  CHECK(features.size() == windows * static_cast<std::size_t>(mel_bands()) * kWindowFrames);
  return guarded([&]() -> std::shared_ptr<const Heard> {
    const ctranslate2::StorageView view({static_cast<ctranslate2::dim_t>(windows), mel_bands(), kWindowFrames}, const_cast<float*>(features.data()));
    return std::make_shared<const Heard>(pools_->of(lane).encode(view, false).get());
  });
}

Result<std::string, EngineFailure> Whisper::detect_language(Lane lane, const Heard& heard) {
  return guarded([&]() -> std::string {
    const std::string mark = pools_->of(lane).detect_language(heard.window(0)).at(0).get().at(0).first;  // "<|en|>"
    return mark.size() > 4 ? mark.substr(2, mark.size() - 4) : mark;
  });
}

Result<std::vector<Hypothesis>, EngineFailure> Whisper::decode(Lane lane, const Heard& heard, const std::vector<std::size_t>& prompt,
                                                               double seconds) {
  return guarded([&] {
    const std::vector<std::vector<std::size_t>> prompts(static_cast<std::size_t>(heard.encoded.dim(0)), prompt);
    std::vector<Hypothesis> said;
    for (auto& result : pools_->of(lane).generate(heard.encoded, prompts, options_for(seconds, prompt.size())))
      said.push_back(hypothesis_of(result.get(), 0));
    return said;
  });
}

Result<Hypothesis, EngineFailure> Whisper::decode_again(Lane lane, const Heard& heard, std::size_t window, const std::vector<std::size_t>& prompt,
                                                        double seconds, double temperature) {
  CHECK(temperature > 0);
  ctranslate2::models::WhisperOptions options = options_for(seconds, prompt.size());
  options.beam_size = 1, options.num_hypotheses = kBestOf, options.sampling_topk = 0, options.sampling_temperature = static_cast<float>(temperature);
  return guarded([&] {
    const std::vector<std::vector<std::size_t>> prompts{prompt};
    return hypothesis_of(pools_->of(lane).generate(heard.window(window), prompts, options).at(0).get(), temperature);
  });
}

Result<Alignment, EngineFailure> Whisper::align(Lane lane, const Heard& heard, std::size_t window, const std::vector<std::size_t>& start,
                                                const std::vector<std::size_t>& tokens, std::size_t frames) {
  return guarded([&] {
    ctranslate2::models::WhisperAlignmentResult result =
        pools_->of(lane).align(heard.window(window), start, {tokens}, {frames}, kMedianFilter).at(0).get();
    return Alignment{{result.alignments.begin(), result.alignments.end()}, std::move(result.text_token_probs)};
  });
}

}  // namespace demarc::speech::worker
