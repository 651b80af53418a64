// Windows: what of a recording is handed to Whisper. Stretches with speech, packed one behind the other into windows of at most 30 s; silence and
// noise between them are left out, and every place in a window maps back to its place in the recording, to the sample.
//
//   Windows windows([&](auto step) { return track.next(step); });
//   TRY(windows.add(samples));                            // as they are decoded
//   TRY(windows.finish());                                // no more follow
//   while (auto window = windows.next()) …                // each as soon as it is full
//
// A stretch begins and ends kMarginMs before and after what Silero's model hears as speech, and goes on over pauses shorter than kMostPauseMs. A
// window that is full is cut in a pause, the longest of its last part; only where nobody pauses for half a window, where speech is least likely. So
// every window stands alone: it can be worked at in any order, and no more than two windows of samples are held however long the recording is. One
// thread.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "speech/worker/voice.hpp"

namespace demarc::speech::worker {

inline constexpr std::int64_t kMarginMs = 400, kMostPauseMs = 2'000, kLeastSpeechMs = 96;

struct SpeechWindow {
  struct Stretch {
    std::size_t at = 0;             // of samples: where it begins in the window
    std::int64_t in_recording = 0;  // and in the recording
  };
  std::vector<std::int16_t> samples;
  std::vector<Stretch> stretches;  // in order; the first at 0
  std::vector<bool> is_speech;     // of each kVoiceStep of the samples; empty in what from() gives

  // Places in the window in the recording's milliseconds. Where two stretches meet, something begins with the second or ends with the first.
  [[nodiscard]] std::int64_t begins_ms(std::int64_t ms_in_window) const;
  [[nodiscard]] std::int64_t ends_ms(std::int64_t ms_in_window) const;
  // Of something short, a word: the stretch that holds its middle, and both ends within that.
  [[nodiscard]] std::size_t stretch_of(std::int64_t start_ms, std::int64_t end_ms) const;
  [[nodiscard]] std::pair<std::int64_t, std::int64_t> spans_ms(std::int64_t start_ms, std::int64_t end_ms) const;
  // What is left of it from that sample on.
  [[nodiscard]] SpeechWindow from(std::size_t sample) const;
  [[nodiscard]] std::int64_t end_in_recording() const {
    return stretches.back().in_recording + static_cast<std::int64_t>(samples.size() - stretches.back().at);
  }
};

class Windows {
 public:
  using Probability = std::function<Result<float, std::string>(std::span<const std::int16_t, kVoiceStep>)>;
  // `first`: of the samples to come, its place in the recording.
  explicit Windows(Probability probability, std::int64_t first = 0) : probability_(std::move(probability)), heard_(first) {}

  Result<void, std::string> add(std::span<const std::int16_t> samples);
  Result<void, std::string> finish();
  std::optional<SpeechWindow> next();

  [[nodiscard]] std::int64_t heard_to() const { return heard_; }  // a sample of the recording

 private:
  struct Step {  // 32 ms
    std::array<std::int16_t, kVoiceStep> samples{};
    std::int64_t in_recording = 0;
    std::size_t count = kVoiceStep;  // of samples: fewer in a recording's last step
    float probability = 0;
    bool is_speech = false;
  };

  Result<void, std::string> take(Step step);
  void keep(const Step& step);
  void end_stretch();
  void cut();
  [[nodiscard]] std::size_t best_cut() const;
  void emit(std::size_t steps);

  Probability probability_;
  std::vector<std::int16_t> rest_;  // less than a step
  std::int64_t heard_ = 0;
  bool in_speech_ = false;  // Silero's hysteresis
  bool in_stretch_ = false;
  std::size_t stretch_begin_ = 0, speech_steps_ = 0;  // of the stretch that is open: its first step of window_, its steps with speech
  bool stretch_is_cut_ = false;                       // a part of it is in an earlier window
  std::deque<Step> quiet_;                            // since the last speech
  std::vector<Step> window_;
  std::deque<SpeechWindow> ready_;
};

}  // namespace demarc::speech::worker
