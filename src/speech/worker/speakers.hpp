// Speakers: who says what, in three steps.
//
//   std::vector<VoicePlace> places = voice_places(window);                  // where in a window somebody speaks, in pieces for the encoder
//   TRY(voices.hear(encoder, window, places));                              // their vectors, with their times in the recording
//   std::vector<Speaker> speakers = tell_speakers(voices, most, segments);  // groups of them; each word gets one, segments are cut where it changes
//
// A place is 1.6 s of speech, the next begins 0.8 s later; what is shorter is repeated to that length. Pauses are in none. Two who speak at once are
// one voice of no certain place: one of them is told, or somebody else. A word's speaker is that of the voices around it, where a change costs
// something: less in a pause and at the end of a sentence, more within one. Of a recording of a day this holds 85 MB. One thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/voices.hpp"
#include "speech/worker/speaker_encoder.hpp"
#include "speech/worker/transcript.hpp"
#include "speech/worker/windows.hpp"

namespace demarc::speech::worker {

struct VoicePlace {
  std::size_t begin = 0, end = 0;  // samples of the window
};
std::vector<VoicePlace> voice_places(const SpeechWindow& window);

class Voices {
 public:
  // At most kMostSpeakerWindows places.
  Result<void, std::string> hear(const SpeakerEncoder& encoder, const SpeechWindow& window, std::span<const VoicePlace> places);
  void add(std::int64_t start_ms, std::int64_t end_ms, std::vector<float> vector);  // in order

  struct Time {
    std::int64_t start_ms, end_ms;
  };
  [[nodiscard]] const std::vector<Time>& times() const { return times_; }
  [[nodiscard]] const std::vector<Voiceprint>& all() const { return voices_; }

 private:
  std::vector<Time> times_;
  std::vector<Voiceprint> voices_;
};

// The segments must have words. Speakers that are told, named in the order in which they are first heard; at most `most` of them.
std::vector<Speaker> tell_speakers(const Voices& voices, std::size_t most, std::vector<Segment>& segments);

}  // namespace demarc::speech::worker
