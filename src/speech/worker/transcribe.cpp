#include "speech/worker/transcribe.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <span>

#include "speech/worker/mel.hpp"
#include "speech/worker/segments.hpp"

namespace demarc::speech::worker {
namespace {

constexpr std::array kTemperatures = {0.0, 0.2, 0.4, 0.6, 0.8, 1.0};
constexpr double kMaxCompressionRatio = 2.4;      // above: it repeats itself
constexpr double kMinAverageLogProbability = -1;  // below: it guesses
constexpr double kNoSpeechProbability = 0.6;
constexpr int kQuietestPeak = 16;  // of 32768, -66 dB: what stays below is nothing, in which Whisper would hear "you" or "thank you"
constexpr std::size_t kMaxPromptTokens = kMaxTokensPerWindow / 2 - 1;

TranscribeError broken(EngineFailure&& failure) { return {TranscribeError::Kind::engine, std::move(failure.message)}; }

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

class Session {
 public:
  Session(Whisper& whisper, const Tokens& tokens, const Audio& audio, const Wish& wish, const Listener& listener)
      : whisper_(whisper), tokens_(tokens), audio_(audio), wish_(wish), listener_(listener), mel_(whisper.mel_bands()) {}

  Result<Transcript, TranscribeError> run() {
    transcript_.duration_s = audio_.duration_s();
    TRY(choose_known_language());
    const std::int64_t frames = std::max<std::int64_t>(count_frames(audio_.samples.size()), 1);
    const float floor = mel_.floor_of(audio_.samples);
    std::vector<float> features(static_cast<std::size_t>(mel_.bands()) * kWindowFrames);
    for (std::int64_t first = 0; first < frames;) {
      TRY(proceed());
      if (is_nothing(first)) {
        first += kWindowFrames;
        continue;
      }
      mel_.window(audio_.samples, first, kWindowFrames, floor, features);
      windows_left_ = static_cast<std::size_t>((frames - first + kWindowFrames - 1) / kWindowFrames);
      const auto window = TRY(encode(features));
      const std::int64_t length = std::min<std::int64_t>(kWindowFrames, frames - first);
      const Said said = TRY(decode(*window, static_cast<double>(length) / kFramesPerSecond));
      first = take(said, first, length);
      if (listener_.progress)
        listener_.progress(std::min(static_cast<double>(first) / kFramesPerSecond, transcript_.duration_s), transcript_.duration_s);
    }
    return std::move(transcript_);
  }

 private:
  Result<void, TranscribeError> proceed() const {
    if (listener_.proceed && !listener_.proceed()) return fail(TranscribeError{TranscribeError::Kind::stopped, {}});
    return {};
  }

  Result<std::shared_ptr<const Whisper::Window>, TranscribeError> encode(const std::vector<float>& features) {
    const auto turn = take_turn();
    TRY(proceed());  // it may have been a long wait
    auto window = TRY(whisper_.encode(features).map_error(broken));
    if (transcript_.language.empty()) transcript_.language = TRY(whisper_.detect_language(*window).map_error(broken));
    return window;
  }

  [[nodiscard]] std::shared_ptr<void> take_turn() const { return listener_.turn ? listener_.turn(windows_left_) : nullptr; }

  [[nodiscard]] bool is_nothing(std::int64_t first) const {
    const std::size_t begin = std::min(static_cast<std::size_t>(first) * kHopSamples, audio_.samples.size());
    const auto window =
        std::span(audio_.samples).subspan(begin).first(std::min<std::size_t>(kWindowFrames * kHopSamples, audio_.samples.size() - begin));
    return std::ranges::all_of(window, [](int sample) { return std::abs(sample) < kQuietestPeak; });
  }

  Result<void, TranscribeError> choose_known_language() {
    transcript_.language = wish_.language;
    if (!whisper_.is_multilingual()) {
      if (!wish_.language.empty() && wish_.language != "en")
        return fail(TranscribeError{TranscribeError::Kind::unknown_language, "This model knows English only."});
      transcript_.language = "en";
    } else if (!wish_.language.empty() && !tokens_.language(wish_.language)) {
      return fail(
          TranscribeError{TranscribeError::Kind::unknown_language, "The language is not one this model knows; give its ISO 639-1 code, such as en."});
    }
    return {};
  }

  [[nodiscard]] std::vector<std::size_t> prompt() const {
    std::vector<std::size_t> prompt;
    if (!wish_.prompt.empty()) {
      prompt = tokens_.encode(wish_.prompt, kMaxPromptTokens);
      prompt.insert(prompt.begin(), tokens_.start_of_previous);
    }
    prompt.push_back(tokens_.start_of_transcript);
    if (whisper_.is_multilingual()) {
      if (const auto language = tokens_.language(transcript_.language)) prompt.push_back(*language);
      prompt.push_back(tokens_.transcribe);
    }
    return prompt;
  }

  Result<Said, TranscribeError> decode(const Whisper::Window& window, double seconds) {
    if (wish_.temperature.value_or(0) > 0) return decode_at(window, seconds, *wish_.temperature);
    std::optional<Said> best;
    for (const double temperature : kTemperatures) {
      if (best) TRY(proceed());
      Said said = TRY(decode_at(window, seconds, temperature));
      if (said.will_do()) return said;
      if (!best || said.beats(*best)) best = std::move(said);
    }
    return std::move(*best);
  }

  Result<Said, TranscribeError> decode_at(const Whisper::Window& window, double seconds, double temperature) {
    const auto turn = take_turn();
    Said said{.hypothesis = TRY(whisper_.decode(window, prompt(), seconds, temperature).map_error(broken))};
    said.compression_ratio = compression_ratio(std::string(trim(tokens_.text(said.hypothesis.tokens))));
    return said;
  }

  // Adds the window's segments; the frame at which the next one begins.
  std::int64_t take(const Said& said, std::int64_t first, std::int64_t frames) {
    if (said.is_silence()) return first + frames;
    const Cut cut = cut_window(said.hypothesis.tokens, tokens_, first, frames);
    const auto end_ms = static_cast<std::int64_t>(std::ceil(transcript_.duration_s * 1000));
    for (const Piece& piece : cut.pieces) {
      Segment segment{.index = transcript_.segments.size(),
                      .start_ms = std::min(piece.start_ms, end_ms),
                      .end_ms = std::min(piece.end_ms, end_ms),
                      .text = tokens_.text(piece.tokens),
                      .average_log_probability = said.hypothesis.average_log_probability,
                      .no_speech_probability = said.hypothesis.no_speech_probability,
                      .compression_ratio = said.compression_ratio,
                      .temperature = said.hypothesis.temperature};
      if (segment.start_ms >= segment.end_ms || trim(segment.text).empty()) continue;
      if (listener_.piece) listener_.piece(segment);
      transcript_.segments.push_back(std::move(segment));
    }
    return cut.next_frame;
  }

  Whisper& whisper_;
  const Tokens& tokens_;
  const Audio& audio_;
  const Wish& wish_;
  const Listener& listener_;
  LogMel mel_;
  std::size_t windows_left_ = 1;
  Transcript transcript_;
};

}  // namespace

std::string Transcript::text() const {
  std::string text;
  for (const Segment& segment : segments) text += segment.text;
  return std::string(trim(text));
}

Result<Transcript, TranscribeError> transcribe(Whisper& whisper, const Tokens& tokens, const Audio& audio, const Wish& wish,
                                               const Listener& listener) {
  return Session(whisper, tokens, audio, wish, listener).run();
}

}  // namespace demarc::speech::worker
