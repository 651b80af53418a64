// From sound to a transcript: windows of speech (windows.hpp), each decoded into segments with their times, and where asked for words with theirs.
//
//   Result<Transcript, TranscribeError> done = transcribe({*whisper, tokens, *voice}, file, wish, listener);
//
// The steps and thresholds are Whisper's own (OpenAI whisper/transcribe.py, faster-whisper 1.2.1): a window that comes out improbable or repeats
// itself is decoded again at a higher temperature, one in which the model hears no speech is passed over. Text before a window does not steer it: an
// error must not spread. The file is decoded as it is transcribed, so that a day of sound takes no more memory than a minute. Any thread; takes as
// long as the sound is, times the machine's factor, and asks `proceed` between windows.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "speech/worker/audio.hpp"
#include "speech/worker/speaker_encoder.hpp"
#include "speech/worker/tokens.hpp"
#include "speech/worker/transcript.hpp"
#include "speech/worker/voice.hpp"
#include "speech/worker/whisper.hpp"

namespace demarc::speech::worker {

struct Wish {
  std::string language;               // empty: found out from the first window
  std::string prompt;                 // names and spellings to expect
  std::optional<double> temperature;  // fixed; else from 0 upwards as needed
  bool words = false;
  std::optional<std::size_t> speakers;  // who says what, of at most so many
  std::int64_t from_ms = 0;             // a range of the recording: from there on
  std::optional<std::int64_t> for_ms;   // to the end of the window in which it is that long; nullopt: to the end
  std::size_t windows_at_once = 1;      // in one call of the model: faster, and longer before anything of it is known
};

struct Listener {
  std::function<bool()> proceed;                                // false: stop
  std::function<void(double done_s, double total_s)> progress;  // the total is an estimate until the end
  std::function<void(const Segment&, std::string_view language)> piece;
  // Called before each use of the model; what it gives is kept until that is done. So others get in between.
  std::function<std::shared_ptr<void>(std::size_t windows_left)> turn;
};

struct TranscribeError {
  enum class Kind { stopped, unknown_language, audio, engine } kind;
  std::string message;
  AudioError audio = AudioError::stopped;  // of `audio`
};

struct Models {
  Whisper& whisper;
  const Tokens& tokens;
  const Voice& voice;
  const SpeakerEncoder* speakers = nullptr;  // needed where a wish names speakers
};

Result<Transcript, TranscribeError> transcribe(const Models& models, std::string_view file, const Wish& wish, const Listener& listener,
                                               const AudioLimits& limits = {});

}  // namespace demarc::speech::worker
