// Whisper: the model itself, run by CTranslate2. Its exceptions end here.
//
//   std::unique_ptr<Whisper> whisper = TRY(Whisper::load({.folder = path, .threads = 2, .slots = 1}));
//   auto heard = TRY(whisper->encode(Lane::quick, features, 1));         // windows of 30 s, several in one call
//   std::vector<Hypothesis> said = TRY(whisper->decode(Lane::quick, *heard, prompt, seconds));
//
// load() takes seconds; everything else may be called from any thread. In each lane `slots` calls run side by side; the patient lane's threads have a
// lower priority, so that a short recording in the quick one gets the processor while a long one is worked at. The weights are there once.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace demarc::speech::worker {

inline constexpr int kWindowFrames = 3'000;
inline constexpr std::size_t kMaxTokensPerWindow = 448;  // the decoder's positions

struct WhisperSettings {
  std::string folder;  // model.bin, config.json, vocabulary
  std::size_t threads = 1;
  std::size_t slots = 1;
  std::size_t spare = 0;  // calls more in the quick lane, now and then: beside the others, on as many threads as they
};

enum class Lane : std::uint8_t { quick, patient };

struct Hypothesis {
  std::vector<std::size_t> tokens;
  double average_log_probability = 0;
  double no_speech_probability = 0;
  double temperature = 0;
};

// Which token is spoken when: `path` are pairs of a token and a step of 20 ms, both rising; the tokens are those asked about and the end mark.
struct Alignment {
  std::vector<std::pair<std::int64_t, std::int64_t>> path;
  std::vector<float> probabilities;  // by token
};

struct EngineFailure {
  std::string message;  // for the worker's log: the library's words, which do not quote content
};

class Whisper {
 public:
  class Heard;  // what the encoder made of one or more windows

  static Result<std::unique_ptr<Whisper>, EngineFailure> load(const WhisperSettings& settings);
  ~Whisper();

  [[nodiscard]] int mel_bands() const;
  [[nodiscard]] bool is_multilingual() const;

  // features: windows × mel_bands() × kWindowFrames.
  Result<std::shared_ptr<const Heard>, EngineFailure> encode(Lane lane, const std::vector<float>& features, std::size_t windows);
  // Code of the likeliest language of the first window, "en".
  Result<std::string, EngineFailure> detect_language(Lane lane, const Heard& heard);
  // Of all windows, by beam search. `seconds` of sound in the longest window bound how much can have been said.
  Result<std::vector<Hypothesis>, EngineFailure> decode(Lane lane, const Heard& heard, const std::vector<std::size_t>& prompt, double seconds);
  // One window again, at a temperature above 0: the best of a few samples.
  Result<Hypothesis, EngineFailure> decode_again(Lane lane, const Heard& heard, std::size_t window, const std::vector<std::size_t>& prompt,
                                                 double seconds, double temperature);
  // When the tokens of a window were said; `start`: as in the prompt, from the start of the transcript on. `frames`: of sound, each 10 ms.
  Result<Alignment, EngineFailure> align(Lane lane, const Heard& heard, std::size_t window, const std::vector<std::size_t>& start,
                                         const std::vector<std::size_t>& tokens, std::size_t frames);

 private:
  struct Pools;
  explicit Whisper(std::unique_ptr<Pools> pools);

  std::unique_ptr<Pools> pools_;
};

}  // namespace demarc::speech::worker
