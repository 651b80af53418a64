// Whisper: the model itself, run by CTranslate2. Its exceptions end here.
//
//   std::unique_ptr<Whisper> whisper = TRY(Whisper::load({.folder = path, .threads = 2, .slots = 1}));
//   Window window = TRY(whisper->encode(features));                      // one window of 30 s
//   Hypothesis said = TRY(whisper->decode(window, prompt, seconds, temperature));
//
// load() takes seconds; everything else may be called from any thread, `slots` calls at once run side by side.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace demarc::speech::worker {

inline constexpr int kWindowFrames = 3'000;
inline constexpr std::size_t kMaxTokensPerWindow = 448;  // the decoder's positions

struct WhisperSettings {
  std::string folder;  // model.bin, config.json, vocabulary
  std::size_t threads = 1;
  std::size_t slots = 1;
  std::size_t spare = 0;  // calls more, now and then: beside the others, on as many threads as they
};

struct Hypothesis {
  std::vector<std::size_t> tokens;
  double average_log_probability = 0;
  double no_speech_probability = 0;
  double temperature = 0;
};

struct EngineFailure {
  std::string message;  // for the worker's log: the library's words, which do not quote content
};

class Whisper {
 public:
  class Window;  // what the encoder made of 30 s

  static Result<std::unique_ptr<Whisper>, EngineFailure> load(const WhisperSettings& settings);
  ~Whisper();

  [[nodiscard]] int mel_bands() const;
  [[nodiscard]] bool is_multilingual() const;

  // features: mel_bands() × kWindowFrames.
  Result<std::shared_ptr<const Window>, EngineFailure> encode(const std::vector<float>& features);
  // Code of the likeliest language, "en".
  Result<std::string, EngineFailure> detect_language(const Window& window);
  // At temperature 0 by beam search, above it the best of a few samples. `seconds` of sound in the window bound how much can have been said.
  Result<Hypothesis, EngineFailure> decode(const Window& window, const std::vector<std::size_t>& prompt, double seconds, double temperature);

 private:
  struct Pool;
  explicit Whisper(std::unique_ptr<Pool> pool);

  std::unique_ptr<Pool> pool_;
};

}  // namespace demarc::speech::worker
