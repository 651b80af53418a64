// From sound to a transcript: windows of 30 s, each decoded into segments with their times, the next beginning where the last word ended.
//
//   Result<Transcript, TranscribeError> done = transcribe(whisper, tokens, audio, wish, listener);
//
// The steps and thresholds are Whisper's own (OpenAI whisper/transcribe.py, faster-whisper 1.2.1): a window that comes out improbable or repeats
// itself is decoded again at a higher temperature, one without speech is passed over. Text before a window does not steer it: an error must not
// spread. Any thread; takes as long as the sound is, times the machine's factor, and asks `proceed` between windows.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "speech/worker/audio.hpp"
#include "speech/worker/tokens.hpp"
#include "speech/worker/whisper.hpp"

namespace demarc::speech::worker {

struct Segment {
  std::size_t index = 0;
  std::int64_t start_ms = 0;
  std::int64_t end_ms = 0;
  std::string text;  // begins with a space where the language writes one
  double average_log_probability = 0;
  double no_speech_probability = 0;
  double compression_ratio = 0;
  double temperature = 0;
};

struct Transcript {
  std::string language;  // ISO 639-1 as Whisper knows it, "en"
  double duration_s = 0;
  std::vector<Segment> segments;

  [[nodiscard]] std::string text() const;
};

struct Wish {
  std::string language;               // empty: found out from the first window
  std::string prompt;                 // names and spellings to expect
  std::optional<double> temperature;  // fixed; else from 0 upwards as needed
};

struct Listener {
  std::function<bool()> proceed;  // false: stop
  std::function<void(double done_s, double total_s)> progress;
  std::function<void(const Segment&)> piece;
  // Called before each use of the model; what it gives is kept until that is done. So others get in between.
  std::function<std::shared_ptr<void>(std::size_t windows_left)> turn;
};

struct TranscribeError {
  enum class Kind { stopped, unknown_language, engine } kind;
  std::string message;
};

Result<Transcript, TranscribeError> transcribe(Whisper& whisper, const Tokens& tokens, const Audio& audio, const Wish& wish,
                                               const Listener& listener);

}  // namespace demarc::speech::worker
