// Transcript: what the worker heard, as its steps hand it on. Values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/voiceprint.hpp"

namespace demarc::speech::worker {

struct SpokenWord {
  std::int64_t start_ms = 0, end_ms = 0;
  std::string text;
  double probability = 0;
  std::string speaker{};  // if asked for, and if somebody's voice was heard
};

struct Segment {
  std::size_t index = 0;
  std::int64_t start_ms = 0;
  std::int64_t end_ms = 0;
  std::string text;  // begins with a space where the language writes one
  double average_log_probability = 0;
  double no_speech_probability = 0;
  double compression_ratio = 0;
  double temperature = 0;
  std::vector<SpokenWord> words;  // if asked for
  std::string speaker{};
};

struct Speaker {
  std::string name;  // "A"
  Voiceprint voice;  // the sum of its windows'
};

struct Transcript {
  std::string language;   // ISO 639-1 as Whisper knows it, "en"
  double duration_s = 0;  // that was listened to
  std::vector<Segment> segments;
  std::optional<std::int64_t> next_ms{};  // where a range that was asked for ended; nullopt: with the recording
  std::vector<Speaker> speakers{};        // if asked for, in the order of their names

  [[nodiscard]] std::string text() const;
};

}  // namespace demarc::speech::worker
