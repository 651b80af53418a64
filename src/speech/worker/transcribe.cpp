#include "speech/worker/transcribe.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <iterator>
#include <span>
#include <utility>

#include "speech/worker/mel.hpp"
#include "speech/worker/segments.hpp"
#include "speech/worker/speakers.hpp"
#include "speech/worker/windows.hpp"
#include "speech/worker/words.hpp"

namespace demarc::speech::worker {
namespace {

constexpr std::array kHigherTemperatures = {0.2, 0.4, 0.6, 0.8, 1.0};
constexpr double kMaxCompressionRatio = 2.4;      // above: it repeats itself
constexpr double kMinAverageLogProbability = -1;  // below: it guesses
constexpr double kNoSpeechProbability = 0.6;
constexpr std::size_t kMaxPromptTokens = kMaxTokensPerWindow / 2 - 1;

TranscribeError broken(EngineFailure&& failure) { return {.kind = TranscribeError::Kind::engine, .message = std::move(failure.message)}; }

double compression_ratio(const std::string& text) {
  uLongf size = compressBound(text.size());
  std::string packed(size, '\0');
  CHECK(compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(text.data()), text.size()) == Z_OK);
  return static_cast<double>(text.size()) / static_cast<double>(size);
}

struct Said {
  Hypothesis hypothesis;
  double compression_ratio = 0;

  [[nodiscard]] bool is_improbable() const { return hypothesis.average_log_probability < kMinAverageLogProbability; }
  [[nodiscard]] bool is_repetitive() const { return compression_ratio > kMaxCompressionRatio; }
  [[nodiscard]] bool is_silence() const { return hypothesis.no_speech_probability > kNoSpeechProbability && is_improbable(); }
  [[nodiscard]] bool will_do() const { return is_silence() || (!is_improbable() && !is_repetitive()); }
  // Of several that will not do: what does not repeat itself, then what is likeliest.
  [[nodiscard]] bool beats(const Said& other) const {
    if (is_repetitive() != other.is_repetitive()) return other.is_repetitive();
    return hypothesis.average_log_probability > other.hypothesis.average_log_probability;
  }
};

constexpr double kSamplesPerSecond = kSampleRateHz;
// Of a window that the model left: what is less is nothing. Where it says that nothing follows it is asked again only if somebody speaks there: a
// stretch is quiet for no longer than a pause and its margin. (Whisper leaves out what it takes for a repetition.)
constexpr std::size_t kLeastRest = kSampleRateHz, kLeastUnheard = std::size_t{3} * kSampleRateHz;
constexpr std::size_t kQuickWindows = 2;  // what is as short goes in the quick lane

class Session {
 public:
  Session(const Models& models, const Wish& wish, const Listener& listener)
      : whisper_(models.whisper),
        tokens_(models.tokens),
        encoder_(models.speakers),
        wish_(wish),
        listener_(listener),
        track_(models.voice),
        windows_([this](auto step) { return track_.next(step); }, wish.from_ms * kSampleRateHz / 1000),
        mel_(whisper_.mel_bands()) {}

  Result<Transcript, TranscribeError> run(std::string_view file, AudioLimits limits) {
    limits.from_ms = wish_.from_ms;
    TRY(choose_known_language());
    std::optional<TranscribeError> failure;  // of ours, behind the decoder that it ends
    const auto heard = decode_speech(
        file, limits,
        [&](std::span<const std::int16_t> samples, double part_of_file) -> Result<void, AudioError> {
          part_of_file_ = part_of_file;
          if (auto taken = take_samples(samples); !taken) failure = std::move(taken).error();
          return failure || transcript_.next_ms ? Result<void, AudioError>(fail(AudioError::stopped)) : Result<void, AudioError>{};
        },
        listener_.proceed);
    if (failure) return fail(std::move(*failure));
    if (transcript_.next_ms) {
      transcript_.duration_s = static_cast<double>(*transcript_.next_ms - wish_.from_ms) / 1000;
      return finished();
    }
    if (!heard && heard.error() == AudioError::stopped) return fail(TranscribeError{.kind = TranscribeError::Kind::stopped});
    if (!heard) return fail(TranscribeError{.kind = TranscribeError::Kind::audio, .audio = heard.error()});
    part_of_file_ = 1, is_decoded_ = true;
    TRY(windows_.finish().map_error(deaf));
    TRY(work(1));
    const double to_s = transcript_.next_ms ? static_cast<double>(*transcript_.next_ms) / 1000 : heard_s();
    transcript_.duration_s = std::max(0.0, to_s - static_cast<double>(wish_.from_ms) / 1000);
    tell_progress(to_s);
    return finished();
  }

 private:
  using Failed = Result<void, TranscribeError>;

  Transcript finished() {
    if (wish_.speakers) transcript_.speakers = tell_speakers(voices_, *wish_.speakers, transcript_.segments);
    if (!wish_.words)
      for (Segment& segment : transcript_.segments) segment.words.clear();
    return std::move(transcript_);
  }

  static TranscribeError deaf(std::string&& message) { return {.kind = TranscribeError::Kind::engine, .message = std::move(message)}; }

  [[nodiscard]] double heard_s() const { return static_cast<double>(windows_.heard_to()) / kSamplesPerSecond; }
  [[nodiscard]] double total_s() const { return heard_s() / std::clamp(part_of_file_, 1e-6, 1.0); }

  Failed proceed() const {
    if (listener_.proceed && !listener_.proceed()) return fail(TranscribeError{.kind = TranscribeError::Kind::stopped});
    return {};
  }

  Failed take_samples(std::span<const std::int16_t> samples) {
    TRY(windows_.add(samples).map_error(deaf));
    return work(wish_.windows_at_once);
  }

  // Once so many windows wait.
  Failed work(std::size_t least) {
    while (auto window = windows_.next()) waiting_.push_back(std::move(*window));
    while (!waiting_.empty() && waiting_.size() >= least) {
      const std::size_t count = std::min(waiting_.size(), wish_.windows_at_once);
      std::vector<SpeechWindow> windows(std::make_move_iterator(waiting_.begin()),
                                        std::make_move_iterator(waiting_.begin() + static_cast<std::ptrdiff_t>(count)));
      waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
      const double done_s = static_cast<double>(windows.back().end_in_recording()) / kSamplesPerSecond;
      windows_left_ = count + static_cast<std::size_t>(std::max(0.0, total_s() - done_s) * kFramesPerSecond / kWindowFrames);
      lane_ = windows_left_ > kQuickWindows ? Lane::patient : Lane::quick;
      TRY(transcribe_windows(windows));
      if (wish_.speakers) TRY(hear_voices(windows));
      tell_progress(done_s);
      const std::int64_t done_ms = to_ms(done_s);
      if (wish_.for_ms && done_ms >= wish_.from_ms + *wish_.for_ms && !(is_decoded_ && waiting_.empty())) {
        transcript_.next_ms = done_ms;
        return {};
      }
    }
    return {};
  }

  void tell_progress(double done_s) const {
    if (listener_.progress) listener_.progress(done_s, std::max(total_s(), done_s));
  }

  Failed transcribe_windows(const std::vector<SpeechWindow>& windows) {
    TRY(proceed());
    const auto heard = TRY(encode(windows));
    std::size_t longest = 0;
    for (const SpeechWindow& window : windows) longest = std::max(longest, window.samples.size());
    std::vector<Said> said = TRY(decode(*heard, windows.size(), static_cast<double>(longest) / kSamplesPerSecond));
    for (std::size_t i = 0; i < windows.size(); ++i) {
      TRY(proceed());
      if (said[i].is_silence()) continue;
      const std::size_t rest = TRY(take(said[i], *heard, i, windows[i]));
      if (rest < windows[i].samples.size()) TRY(transcribe_windows({windows[i].from(rest)}));
    }
    return {};
  }

  Failed hear_voices(const std::vector<SpeechWindow>& windows) {
    CHECK(encoder_ != nullptr);
    for (const SpeechWindow& window : windows) {
      const std::vector<VoicePlace> places = voice_places(window);
      for (std::size_t at = 0; at < places.size(); at += kMostSpeakerWindows) {
        const auto turn = take_turn();
        TRY(proceed());
        TRY(voices_.hear(*encoder_, window, std::span(places).subspan(at, std::min(kMostSpeakerWindows, places.size() - at))).map_error(deaf));
      }
    }
    return {};
  }

  Result<std::shared_ptr<const Whisper::Heard>, TranscribeError> encode(const std::vector<SpeechWindow>& windows) {
    const std::size_t size = static_cast<std::size_t>(mel_.bands()) * kWindowFrames;
    std::vector<float> features(size * windows.size());
    for (std::size_t i = 0; i < windows.size(); ++i)
      mel_.window(windows[i].samples, 0, kWindowFrames, mel_.floor_of(windows[i].samples), std::span(features).subspan(i * size, size));
    const auto turn = take_turn();
    TRY(proceed());  // it may have been a long wait
    auto heard = TRY(whisper_.encode(lane_, features, windows.size()).map_error(broken));
    if (transcript_.language.empty()) transcript_.language = TRY(whisper_.detect_language(lane_, *heard).map_error(broken));
    return heard;
  }

  [[nodiscard]] std::shared_ptr<void> take_turn() const { return listener_.turn ? listener_.turn(windows_left_) : nullptr; }

  Failed choose_known_language() {
    transcript_.language = wish_.language;
    if (!whisper_.is_multilingual()) {
      if (!wish_.language.empty() && wish_.language != "en")
        return fail(TranscribeError{.kind = TranscribeError::Kind::unknown_language, .message = "This model knows English only."});
      transcript_.language = "en";
    } else if (!wish_.language.empty() && !tokens_.language(wish_.language)) {
      return fail(TranscribeError{.kind = TranscribeError::Kind::unknown_language,
                                  .message = "The language is not one this model knows; give its ISO 639-1 code, such as en."});
    }
    return {};
  }

  // From the start of the transcript on.
  [[nodiscard]] std::vector<std::size_t> start() const {
    std::vector<std::size_t> start{tokens_.start_of_transcript};
    if (!whisper_.is_multilingual()) return start;
    if (const auto language = tokens_.language(transcript_.language)) start.push_back(*language);
    start.push_back(tokens_.transcribe);
    return start;
  }

  [[nodiscard]] std::vector<std::size_t> prompt() const {
    std::vector<std::size_t> prompt;
    if (!wish_.prompt.empty()) {
      prompt = tokens_.encode(wish_.prompt, kMaxPromptTokens);
      prompt.insert(prompt.begin(), tokens_.start_of_previous);
    }
    const std::vector<std::size_t> rest = start();
    prompt.insert(prompt.end(), rest.begin(), rest.end());
    return prompt;
  }

  Result<std::vector<Said>, TranscribeError> decode(const Whisper::Heard& heard, std::size_t windows, double seconds) {
    std::vector<Said> out;
    if (wish_.temperature.value_or(0) > 0) {
      for (std::size_t i = 0; i < windows; ++i) out.push_back(TRY(decode_again(heard, i, seconds, *wish_.temperature)));
      return out;
    }
    {
      const auto turn = take_turn();
      for (Hypothesis& hypothesis : TRY(whisper_.decode(lane_, heard, prompt(), seconds).map_error(broken)))
        out.push_back(said(std::move(hypothesis)));
    }
    for (std::size_t i = 0; i < windows; ++i)
      for (const double temperature : kHigherTemperatures) {
        if (out[i].will_do()) break;
        TRY(proceed());
        Said again = TRY(decode_again(heard, i, seconds, temperature));
        if (again.will_do() || again.beats(out[i])) out[i] = std::move(again);
      }
    return out;
  }

  Result<Said, TranscribeError> decode_again(const Whisper::Heard& heard, std::size_t window, double seconds, double temperature) {
    const auto turn = take_turn();
    return said(TRY(whisper_.decode_again(lane_, heard, window, prompt(), seconds, temperature).map_error(broken)));
  }

  [[nodiscard]] Said said(Hypothesis&& hypothesis) const {
    const double ratio = compression_ratio(std::string(trim(tokens_.text(hypothesis.tokens))));
    return {.hypothesis = std::move(hypothesis), .compression_ratio = ratio};
  }

  // Adds the window's segments; the sample at which the model stopped.
  Result<std::size_t, TranscribeError> take(const Said& said, const Whisper::Heard& heard, std::size_t index, const SpeechWindow& window) {
    const auto frames = std::max<std::int64_t>(count_frames(window.samples.size()), 1);
    const Cut cut = cut_window(said.hypothesis.tokens, tokens_, 0, frames);
    std::vector<Timed> timed;
    for (const Piece& piece : cut.pieces) timed.push_back({static_cast<double>(piece.start_ms) / 1000, static_cast<double>(piece.end_ms) / 1000, {}});
    if (wish_.words || wish_.speakers || window.stretches.size() > 1) TRY(add_words(cut, heard, index, static_cast<std::size_t>(frames), timed));
    for (std::size_t i = 0; i < timed.size(); ++i) add_segments(said, cut.pieces[i], timed[i], window);
    return rest_of(cut.next_frame, timed, window.samples.size());
  }

  // The sample from which on the model is asked again; `samples` for nowhere.
  static std::size_t rest_of(std::int64_t next_frame, std::span<const Timed> timed, std::size_t samples) {
    const std::size_t next = static_cast<std::size_t>(next_frame) * kHopSamples;
    if (next >= kLeastRest && next + kLeastRest <= samples) return next;
    if (timed.empty()) return samples;
    const auto heard = static_cast<std::size_t>(timed.back().end_s * kSamplesPerSecond);
    return heard >= kLeastRest && heard + kLeastUnheard <= samples ? heard : samples;
  }

  Failed add_words(const Cut& cut, const Whisper::Heard& heard, std::size_t index, std::size_t frames, std::span<Timed> timed) {
    std::vector<std::size_t> text, counts;
    for (const Piece& piece : cut.pieces) {
      const std::size_t before = text.size();
      std::ranges::copy_if(piece.tokens, std::back_inserter(text), [&](std::size_t token) { return token < tokens_.end_of_text; });
      counts.push_back(text.size() - before);
    }
    if (text.empty()) return {};
    const auto turn = take_turn();
    const Alignment alignment = TRY(whisper_.align(lane_, heard, index, start(), text, frames).map_error(broken));
    give_words(words_of(tokens_, text, alignment, transcript_.language), counts, timed);
    return {};
  }

  // As many segments as it has stretches: nobody reads a line that stands on the screen through a pause which is not even in the window.
  void add_segments(const Said& said, const Piece& piece, const Timed& timed, const SpeechWindow& window) {
    if (timed.words.empty())
      return add_segment(
          said,
          {.start_ms = window.begins_ms(to_ms(timed.start_s)), .end_ms = window.ends_ms(to_ms(timed.end_s)), .text = tokens_.text(piece.tokens)});
    Segment segment;
    std::optional<std::size_t> stretch;
    for (const Word& word : timed.words) {
      const std::size_t its = window.stretch_of(to_ms(word.start_s), to_ms(word.end_s));
      if (stretch && its != *stretch) add_segment(said, std::exchange(segment, {}));
      stretch = its;
      const auto [start_ms, end_ms] = window.spans_ms(to_ms(word.start_s), to_ms(word.end_s));
      if (segment.words.empty()) segment.start_ms = start_ms;
      segment.end_ms = end_ms;
      segment.text += word.text;
      add_word(segment, {start_ms, end_ms, word.text, word.probability});
    }
    add_segment(said, std::move(segment));
  }

  // "ill" and "-disposed", which the model's tokens tell apart, are one word of the text.
  void add_word(Segment& segment, SpokenWord&& word) const {
    if (segment.words.empty() || word.text.starts_with(' ') || !writes_spaces(transcript_.language)) {
      segment.words.push_back(std::move(word));
      return;
    }
    SpokenWord& last = segment.words.back();
    last.end_ms = word.end_ms;
    last.text += word.text;
    last.probability = std::min(last.probability, word.probability);
  }

  void add_segment(const Said& said, Segment&& segment) {
    if (segment.start_ms >= segment.end_ms || trim(segment.text).empty()) return;
    segment.index = transcript_.segments.size();
    segment.average_log_probability = said.hypothesis.average_log_probability;
    segment.no_speech_probability = said.hypothesis.no_speech_probability;
    segment.compression_ratio = said.compression_ratio;
    segment.temperature = said.hypothesis.temperature;
    if (!wish_.words && !wish_.speakers) segment.words.clear();
    if (listener_.piece) listener_.piece(segment, transcript_.language);
    transcript_.segments.push_back(std::move(segment));
  }

  static std::int64_t to_ms(double seconds) { return std::llround(seconds * 1000); }

  Whisper& whisper_;
  const Tokens& tokens_;
  const SpeakerEncoder* encoder_;
  const Wish& wish_;
  const Listener& listener_;
  VoiceTrack track_;
  Windows windows_;
  std::deque<SpeechWindow> waiting_;
  LogMel mel_;
  double part_of_file_ = 1;  // that is decoded
  bool is_decoded_ = false;  // all of it
  std::size_t windows_left_ = 1;
  Lane lane_ = Lane::quick;
  Voices voices_;
  Transcript transcript_;
};

}  // namespace

std::string Transcript::text() const {
  std::string text;
  for (const Segment& segment : segments) text += segment.text;
  return std::string(trim(text));
}

Result<Transcript, TranscribeError> transcribe(const Models& models, std::string_view file, const Wish& wish, const Listener& listener,
                                               const AudioLimits& limits) {
  return Session(models, wish, listener).run(file, limits);
}

}  // namespace demarc::speech::worker
