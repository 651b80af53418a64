#include "speech/worker/speakers.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/check.hpp"
#include "base/strings.hpp"

namespace demarc::speech::worker {
namespace {

constexpr std::size_t kHop = kSpeakerWindow / 2;
constexpr std::size_t kBridgedSteps = 5;                                      // 160 ms: a stop within a word
constexpr std::size_t kLeastPlace = 5'600, kLeastRest = kHop / 2;             // samples: 0.35 s and 0.4 s
constexpr std::int64_t kPauseMs = 300, kNearMs = 2'000, kLeastInWordMs = 60;  // a voice further from a word than that says nothing of it
constexpr double kChange = 0.4, kChangeInPause = 0.05, kSureS = 0.1;          // the unit is that of cosines times seconds

std::vector<VoicePlace> places_of_run(std::size_t begin, std::size_t end) {
  if (end - begin < kLeastPlace) return {};
  if (end - begin <= kSpeakerWindow) return {{begin, end}};
  std::vector<VoicePlace> places;
  for (std::size_t at = begin; at + kSpeakerWindow <= end; at += kHop) places.push_back({at, at + kSpeakerWindow});
  if (end - places.back().end >= kLeastRest) places.push_back({end - kSpeakerWindow, end});
  return places;
}

struct TimedWord {
  SpokenWord* word;
  bool after_pause;  // or the first of a sentence: somebody else may well begin here
};

std::vector<TimedWord> words_of(std::vector<Segment>& segments) {
  std::vector<TimedWord> words;
  for (Segment& segment : segments)
    for (SpokenWord& word : segment.words) {
      const bool is_first = words.empty();
      const std::string_view before = is_first ? std::string_view() : trim(words.back().word->text);
      const bool ends_sentence = before.ends_with('.') || before.ends_with('?') || before.ends_with('!') || before.ends_with("。");
      words.push_back({&word, is_first || ends_sentence || word.start_ms - words.back().word->end_ms >= kPauseMs});
    }
  return words;
}

// How much each speaker's voice is in the sound around each word.
class Likeness {
 public:
  Likeness(const Voices& voices, const std::vector<Voiceprint>& speakers) : times_(voices.times()), speakers_(speakers.size()) {
    for (const Voiceprint& voice : voices.all())
      for (const Voiceprint& speaker : speakers) likeness_.push_back(cosine(voice, speaker));
    for (std::size_t i = 1; i < times_.size(); ++i)
      if (times_[i].start_ms > times_[i - 1].end_ms) pauses_.push_back({times_[i - 1].end_ms, times_[i].start_ms});
  }

  // Words must be asked about in order.
  std::vector<double> of(const SpokenWord& word) {
    const std::int64_t at_ms = place_of(word);
    while (first_ < times_.size() && times_[first_].end_ms < at_ms - kNearMs) ++first_;
    std::vector<double> sums(speakers_, 0.0);
    double weights = 0;
    std::optional<std::size_t> nearest;
    std::int64_t nearest_ms = kNearMs;
    for (std::size_t i = first_; i < times_.size() && times_[i].start_ms <= at_ms + kNearMs; ++i) {
      const std::int64_t half_ms = (times_[i].end_ms - times_[i].start_ms) / 2,
                         away_ms = std::abs((times_[i].start_ms + times_[i].end_ms) / 2 - at_ms);
      if (away_ms - half_ms < nearest_ms) nearest_ms = away_ms - half_ms, nearest = i;
      if (away_ms >= half_ms) continue;
      const double weight = 1.0 - static_cast<double>(away_ms) / static_cast<double>(half_ms);
      weights += weight;
      for (std::size_t k = 0; k < speakers_; ++k) sums[k] += weight * likeness_[i * speakers_ + k];
    }
    if (weights > 0)
      for (double& sum : sums) sum /= weights;
    else if (nearest)
      for (std::size_t k = 0; k < speakers_; ++k) sums[k] = likeness_[*nearest * speakers_ + k];
    return sums;
  }

 private:
  // Where it is said: its middle, or that of what follows the last pause in it. A word after a pause is often heard from somewhere before the pause
  // on.
  [[nodiscard]] std::int64_t place_of(const SpokenWord& word) const {
    std::int64_t from_ms = word.start_ms;
    auto pause = std::ranges::upper_bound(pauses_, word.start_ms, {}, &Voices::Time::start_ms);
    for (; pause != pauses_.end() && pause->end_ms <= word.end_ms - kLeastInWordMs; ++pause) from_ms = pause->end_ms;
    return (from_ms + word.end_ms) / 2;
  }

  const std::vector<Voices::Time>& times_;
  const std::size_t speakers_;
  std::vector<double> likeness_;  // by voice, then speaker
  std::vector<Voices::Time> pauses_;
  std::size_t first_ = 0;
};

// The likeliest sequence (Viterbi): for each word one of the speakers.
std::vector<std::size_t> best_sequence(const std::vector<TimedWord>& words, const Voices& voices, const std::vector<Voiceprint>& speakers) {
  Likeness likeness(voices, speakers);
  std::vector<double> score(speakers.size(), 0.0);
  std::vector<std::uint8_t> from(words.size() * speakers.size());
  for (std::size_t i = 0; i < words.size(); ++i) {
    const SpokenWord& word = *words[i].word;
    const std::vector<double> alike = likeness.of(word);
    const double seconds = std::clamp(static_cast<double>(word.end_ms - word.start_ms) / 1000, kSureS, 1.0);
    const auto best = static_cast<std::size_t>(std::ranges::max_element(score) - score.begin());
    const double after_change = score[best] - (words[i].after_pause ? kChangeInPause : kChange);
    for (std::size_t k = 0; k < speakers.size(); ++k) {
      const bool stays = score[k] >= after_change;
      from[i * speakers.size() + k] = static_cast<std::uint8_t>(stays ? k : best);
      score[k] = (stays ? score[k] : after_change) + seconds * alike[k];
    }
  }
  std::vector<std::size_t> out(words.size());
  auto at = static_cast<std::size_t>(std::ranges::max_element(score) - score.begin());
  for (std::size_t i = words.size(); i-- > 0;) {
    out[i] = at;
    at = from[i * speakers.size() + at];
  }
  return out;
}

// Each part of a segment that one speaker says is a segment.
std::vector<Segment> cut_by_speaker(std::vector<Segment>&& segments) {
  std::vector<Segment> out;
  const auto add = [&](Segment&& part) {
    part.index = out.size();
    out.push_back(std::move(part));
  };
  for (Segment& segment : segments) {
    if (segment.words.empty()) {
      add(std::move(segment));
      continue;
    }
    std::vector<SpokenWord> words = std::exchange(segment.words, {});
    std::optional<Segment> part;
    for (SpokenWord& word : words) {
      if (part && part->speaker != word.speaker) add(std::exchange(part, std::nullopt).value());
      if (!part) {
        part = segment;
        part->text.clear(), part->start_ms = word.start_ms, part->speaker = word.speaker;
      }
      part->end_ms = word.end_ms, part->text += word.text;
      part->words.push_back(std::move(word));
    }
    add(std::move(*part));
  }
  return out;
}

}  // namespace

std::vector<VoicePlace> voice_places(const SpeechWindow& window) {
  std::vector<VoicePlace> places;
  std::size_t begin = 0, end = 0;  // of the run, in steps
  VoicePlace longest;
  auto stretch = window.stretches.begin();
  const auto finish = [&] {
    const VoicePlace run{begin * kVoiceStep, std::min(end * kVoiceStep, window.samples.size())};
    if (run.end - run.begin > longest.end - longest.begin) longest = run;
    const std::vector<VoicePlace> more = places_of_run(run.begin, run.end);
    places.insert(places.end(), more.begin(), more.end());
    begin = end = 0;
  };
  for (std::size_t step = 0; step < window.is_speech.size(); ++step) {
    const bool begins_stretch = stretch != window.stretches.end() && stretch->at == step * kVoiceStep;
    if (begins_stretch) ++stretch;
    if (begin < end && (begins_stretch || step > end + kBridgedSteps)) finish();
    if (!window.is_speech[step]) continue;
    if (begin == end) begin = step;
    end = step + 1;
  }
  if (begin < end) finish();
  // Whoever says one short word all by himself is somebody, too.
  if (places.empty() && longest.begin < longest.end) places.push_back(longest);
  return places;
}

Result<void, std::string> Voices::hear(const SpeakerEncoder& encoder, const SpeechWindow& window, std::span<const VoicePlace> places) {
  if (places.empty()) return {};
  std::vector<float> samples;
  samples.reserve(places.size() * kSpeakerWindow);
  for (const VoicePlace& place : places)
    for (std::size_t i = 0; i < kSpeakerWindow; ++i)
      samples.push_back(static_cast<float>(window.samples[place.begin + i % (place.end - place.begin)]) / 32768.0F);
  std::vector<std::vector<float>> vectors = TRY(encoder.encode(samples));
  constexpr std::size_t kSamplesPerMs = 16;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto [start_ms, end_ms] =
        window.spans_ms(static_cast<std::int64_t>(places[i].begin / kSamplesPerMs), static_cast<std::int64_t>(places[i].end / kSamplesPerMs));
    add(start_ms, end_ms, std::move(vectors[i]));
  }
  return {};
}

void Voices::add(std::int64_t start_ms, std::int64_t end_ms, std::vector<float> vector) {
  times_.push_back({start_ms, end_ms});
  voices_.push_back({.sum = std::move(vector)});
}

std::vector<Speaker> tell_speakers(const Voices& voices, std::size_t most, std::vector<Segment>& segments) {
  const std::vector<TimedWord> words = words_of(segments);
  if (voices.all().empty() || words.empty()) return {};
  const std::vector<std::size_t> labels = group_voices(voices.all(), {.most = most, .least = kLeastVoiceprints});
  std::vector<Voiceprint> sums(*std::ranges::max_element(labels) + 1);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    Voiceprint& sum = sums[labels[i]];
    if (sum.sum.empty())
      sum = voices.all()[i];
    else
      add_voice(sum, voices.all()[i]);
  }
  const std::vector<std::size_t> who = best_sequence(words, voices, sums);
  std::vector<Speaker> speakers;
  std::vector<std::size_t> named(sums.size(), sums.size());
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::size_t& name = named[who[i]];
    if (name == sums.size()) {
      name = speakers.size();
      speakers.push_back({speaker_name(name), sums[who[i]]});
    }
    words[i].word->speaker = speakers[name].name;
  }
  segments = cut_by_speaker(std::move(segments));
  return speakers;
}

}  // namespace demarc::speech::worker
