#include "speech/worker/windows.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"

namespace demarc::speech::worker {
namespace {

constexpr std::int64_t kSamplesPerMs = 16;
constexpr std::size_t kMostSteps = std::size_t{30} * 16'000 / kVoiceStep;
constexpr float kBeginsAt = 0.5F, kEndsBelow = 0.35F;  // as Silero's own and faster-whisper's settings

constexpr std::size_t steps_of(std::int64_t ms) { return static_cast<std::size_t>(ms * kSamplesPerMs / static_cast<std::int64_t>(kVoiceStep)); }
constexpr std::size_t kMarginSteps = steps_of(kMarginMs), kPauseSteps = steps_of(kMostPauseMs), kLeastSteps = steps_of(kLeastSpeechMs);
// A good place to cut is a pause of this length in the last quarter, else one of that in the last half.
constexpr std::size_t kGoodPause = steps_of(300), kAnyPause = steps_of(96);

std::int64_t at_ms(const SpeechWindow::Stretch& stretch, std::int64_t sample_in_window) {
  return (stretch.in_recording + sample_in_window - static_cast<std::int64_t>(stretch.at)) / kSamplesPerMs;
}

}  // namespace

std::int64_t SpeechWindow::begins_ms(std::int64_t ms_in_window) const {
  const std::int64_t at = ms_in_window * kSamplesPerMs;
  const auto after = std::ranges::upper_bound(stretches, at, {}, [](const Stretch& stretch) { return static_cast<std::int64_t>(stretch.at); });
  CHECK(after != stretches.begin());
  return at_ms(*std::prev(after), at);
}

std::int64_t SpeechWindow::ends_ms(std::int64_t ms_in_window) const {
  const std::int64_t at = std::min(ms_in_window * kSamplesPerMs, static_cast<std::int64_t>(samples.size()));
  const auto after = std::ranges::lower_bound(stretches, at, {}, [](const Stretch& stretch) { return static_cast<std::int64_t>(stretch.at); });
  return at_ms(after == stretches.begin() ? *after : *std::prev(after), at);
}

std::size_t SpeechWindow::stretch_of(std::int64_t start_ms, std::int64_t end_ms) const {
  const std::int64_t middle = (start_ms + end_ms) / 2 * kSamplesPerMs;
  const auto after = std::ranges::upper_bound(stretches, middle, {}, [](const Stretch& stretch) { return static_cast<std::int64_t>(stretch.at); });
  CHECK(after != stretches.begin());
  return static_cast<std::size_t>(after - stretches.begin()) - 1;
}

std::pair<std::int64_t, std::int64_t> SpeechWindow::spans_ms(std::int64_t start_ms, std::int64_t end_ms) const {
  const std::size_t index = stretch_of(start_ms, end_ms);
  const Stretch& stretch = stretches[index];
  const auto first = static_cast<std::int64_t>(stretch.at);
  const auto last = static_cast<std::int64_t>(index + 1 < stretches.size() ? stretches[index + 1].at : samples.size());
  return {at_ms(stretch, std::clamp(start_ms * kSamplesPerMs, first, last)), at_ms(stretch, std::clamp(end_ms * kSamplesPerMs, first, last))};
}

SpeechWindow SpeechWindow::from(std::size_t sample) const {
  CHECK(sample < samples.size());
  SpeechWindow rest{.samples = {samples.begin() + static_cast<std::ptrdiff_t>(sample), samples.end()}};
  for (std::size_t i = 0; i < stretches.size(); ++i) {
    const std::size_t end = i + 1 < stretches.size() ? stretches[i + 1].at : samples.size();
    if (end <= sample) continue;
    const std::size_t skipped = sample > stretches[i].at ? sample - stretches[i].at : 0;
    rest.stretches.push_back({stretches[i].at + skipped - sample, stretches[i].in_recording + static_cast<std::int64_t>(skipped)});
  }
  return rest;
}

Result<void, std::string> Windows::add(std::span<const std::int16_t> samples) {
  while (!samples.empty()) {
    const std::size_t count = std::min(kVoiceStep - rest_.size(), samples.size());
    rest_.insert(rest_.end(), samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(count));
    samples = samples.subspan(count);
    if (rest_.size() < kVoiceStep) break;
    Step step{.in_recording = heard_};
    std::ranges::copy(rest_, step.samples.begin());
    rest_.clear();
    TRY(take(step));
  }
  return {};
}

Result<void, std::string> Windows::finish() {
  if (!rest_.empty()) {
    Step step{.in_recording = heard_, .count = rest_.size()};
    std::ranges::copy(rest_, step.samples.begin());
    rest_.clear();
    TRY(take(step));
  }
  if (in_stretch_) end_stretch();
  emit(window_.size());
  return {};
}

std::optional<SpeechWindow> Windows::next() {
  if (ready_.empty()) return {};
  SpeechWindow window = std::move(ready_.front());
  ready_.pop_front();
  return window;
}

Result<void, std::string> Windows::take(Step step) {
  heard_ += static_cast<std::int64_t>(step.count);
  step.probability = TRY(probability_(step.samples));
  in_speech_ = step.probability >= (in_speech_ ? kEndsBelow : kBeginsAt);
  step.is_speech = in_speech_;
  if (!step.is_speech) {
    quiet_.push_back(step);
    if (in_stretch_ && quiet_.size() >= kPauseSteps) end_stretch();
    if (!in_stretch_)
      while (quiet_.size() > kMarginSteps) quiet_.pop_front();
    return {};
  }
  if (!std::exchange(in_stretch_, true)) stretch_begin_ = window_.size(), speech_steps_ = 0, stretch_is_cut_ = false;
  for (const Step& quiet : quiet_) keep(quiet);  // a pause within the stretch, or the margin before it
  quiet_.clear();
  keep(step);
  ++speech_steps_;
  return {};
}

void Windows::keep(const Step& step) {
  if (window_.size() == kMostSteps) cut();
  window_.push_back(step);
}

// What is longer than the margin behind it may still be the margin before the next one.
void Windows::end_stretch() {
  in_stretch_ = false;
  if (!stretch_is_cut_ && speech_steps_ < kLeastSteps) {
    window_.resize(stretch_begin_);
    return;
  }
  for (std::size_t i = 0; i < kMarginSteps && !quiet_.empty(); ++i) {
    keep(quiet_.front());
    quiet_.pop_front();
  }
}

void Windows::cut() {
  const std::size_t steps = best_cut();
  emit(steps);
  if (in_stretch_) stretch_is_cut_ = stretch_is_cut_ || stretch_begin_ < steps;
  stretch_begin_ -= std::min(stretch_begin_, steps);
}

std::size_t Windows::best_cut() const {
  const auto longest = [&](std::size_t from, std::size_t least) {
    std::size_t best = 0, best_length = least - 1, length = 0;
    for (std::size_t i = from; i <= window_.size(); ++i) {
      if (i < window_.size() && !window_[i].is_speech) {
        ++length;
        continue;
      }
      if (length > best_length) best = i - length + (length + 1) / 2, best_length = length;
      length = 0;
    }
    return best;
  };
  if (const std::size_t good = longest(window_.size() * 3 / 4, kGoodPause)) return good;
  if (const std::size_t some = longest(window_.size() / 2, kAnyPause)) return some;
  const auto last = window_.begin() + static_cast<std::ptrdiff_t>(window_.size() * 3 / 4);
  return static_cast<std::size_t>(std::ranges::min_element(last, window_.end(), {}, &Step::probability) - window_.begin());
}

// The first `steps` of window_ become a window of their own.
void Windows::emit(std::size_t steps) {
  if (steps == 0) return;
  SpeechWindow window;
  window.samples.reserve(steps * kVoiceStep);
  for (std::size_t i = 0; i < steps; ++i) {
    const Step& step = window_[i];
    const bool goes_on = !window.stretches.empty() && window.end_in_recording() == step.in_recording;
    if (!goes_on) window.stretches.push_back({window.samples.size(), step.in_recording});
    window.is_speech.push_back(step.is_speech);
    window.samples.insert(window.samples.end(), step.samples.begin(), step.samples.begin() + static_cast<std::ptrdiff_t>(step.count));
  }
  window_.erase(window_.begin(), window_.begin() + static_cast<std::ptrdiff_t>(steps));
  ready_.push_back(std::move(window));
}

}  // namespace demarc::speech::worker
