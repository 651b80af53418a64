#include "dialect/transcript_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/strings.hpp"
#include "core/json/writer.hpp"
#include "core/voices.hpp"
#include "dialect/transcript_cues.hpp"
#include "dialect/transcript_markdown.hpp"

namespace demarc::dialect {
namespace {

constexpr std::array<std::string_view, 7> kNames = {"json", "text", "verbose_json", "srt", "vtt", "markdown", "diarized_json"};

constexpr std::string_view kDiarizedSegment = "transcript.text.segment";
constexpr std::int64_t kMostVoiceprints = 1'000'000;

void write_times(JsonWriter& json, std::int64_t start_ms, std::int64_t end_ms) {
  json.field("start", static_cast<double>(start_ms) / 1000.0);
  json.field("end", static_cast<double>(end_ms) / 1000.0);
}

void write_segments(JsonWriter& json, const Transcript& transcript) {
  json.array("segments", [&] {
    std::size_t id = 0;
    for (const TranscriptSegment& segment : transcript.segments) {
      json.object([&] {
        json.field("id", id++);
        write_times(json, segment.start_ms, segment.end_ms);
        json.field("text", segment.text);
        if (segment.avg_logprob) json.field("avg_logprob", *segment.avg_logprob);
        if (!segment.speaker.empty()) json.field("speaker", segment.speaker);
      });
    }
  });
}

// As OpenAI's gpt-4o-transcribe-diarize tells them.
void write_diarized_segments(JsonWriter& json, const Transcript& transcript) {
  json.array("segments", [&] {
    std::size_t id = 0;
    for (const TranscriptSegment& segment : transcript.segments) {
      json.object([&] {
        const std::string number = std::to_string(++id);
        json.field("type", kDiarizedSegment);
        json.field("id", "seg_" + std::string(number.size() < 3 ? 3 - number.size() : 0, '0') + number);
        write_times(json, segment.start_ms, segment.end_ms);
        json.field("text", segment.text);
        json.field("speaker", segment.speaker);
      });
    }
  });
}

void write_speakers(JsonWriter& json, const Transcript& transcript) {
  if (transcript.speakers.empty()) return;
  json.array("speakers", [&] {
    for (const TranscriptSpeaker& speaker : transcript.speakers) {
      json.object([&] {
        json.field("name", speaker.name);
        json.field("windows", speaker.voice.count);
        json.field("voice", print_voiceprint(speaker.voice));
      });
    }
  });
}

std::vector<TranscriptSpeaker> read_speakers(JsonNode root) {
  std::vector<TranscriptSpeaker> out;
  for (const JsonNode speaker : root["speakers"]) {
    const std::int64_t windows = speaker["windows"].integer().value_or(0);
    auto voice = read_voiceprint(speaker["voice"].text());
    const bool fits = out.empty() || (voice && voice->size() == out.front().voice.sum.size());
    if (!voice || !fits || windows < 1 || windows > kMostVoiceprints || out.size() == kMostSpeakers) return {};
    out.push_back({speaker["name"].text(), {.sum = std::move(*voice), .count = static_cast<std::uint32_t>(windows)}});
  }
  return out;
}

// A line for each turn, where somebody was asked who speaks.
std::string as_text(const Transcript& transcript) {
  if (!tells_speakers(transcript)) return transcript.clean_text.value_or(transcript.text) + "\n";
  std::string out;
  const std::string* before = nullptr;
  for (const TranscriptSegment& segment : transcript.segments) {
    const std::string_view said = trim(segment.text);
    if (said.empty()) continue;
    if (before != nullptr && *before == segment.speaker) {
      out += ' ';
    } else {
      if (!out.empty()) out += '\n';
      if (!segment.speaker.empty()) out += segment.speaker + ": ";
    }
    out += said;
    before = &segment.speaker;
  }
  return out + "\n";
}

void write_words(JsonWriter& json, const Transcript& transcript) {
  json.array("words", [&] {
    for (const TranscriptSegment& segment : transcript.segments)
      for (const TranscriptWord& word : segment.words) {
        json.object([&] {
          json.field("word", word.text);
          write_times(json, word.start_ms, word.end_ms);
          if (word.probability) json.field("probability", *word.probability);
          if (!word.speaker.empty()) json.field("speaker", word.speaker);
        });
      }
  });
}

// Code points before a byte, like everything that counts characters outside; counted from where it was asked last, since edits stand in order.
class CodePoints {
 public:
  explicit CodePoints(std::string_view text) : text_(text) {}
  std::size_t before(std::size_t byte) {
    const std::size_t from = std::min(byte, at_), between = count_code_points(text_.substr(from, std::max(byte, at_) - from));
    count_ = byte >= at_ ? count_ + between : count_ - between;
    at_ = byte;
    return count_;
  }

 private:
  const std::string_view text_;
  std::size_t at_ = 0, count_ = 0;
};

// The other way round; what lies behind the end is the end.
class Bytes {
 public:
  explicit Bytes(std::string_view text) : text_(text) {}
  std::size_t before(std::int64_t code_points) {
    const auto wanted = static_cast<std::size_t>(std::max<std::int64_t>(0, code_points));
    if (wanted < count_) at_ = 0, count_ = 0;
    const auto begins = [&] { return (static_cast<unsigned char>(text_[at_]) & 0xc0) != 0x80; };
    while (at_ < text_.size() && (count_ < wanted || !begins())) count_ += begins() ? 1 : 0, ++at_;
    return at_;
  }

 private:
  const std::string_view text_;
  std::size_t at_ = 0, count_ = 0;
};

void write_edit(JsonWriter& json, CodePoints& points, std::string_view text, const TranscriptEdit& edit, bool is_accepted) {
  json.object([&] {
    json.field("start", points.before(edit.begin));
    json.field("end", points.before(edit.end));
    json.field("from", text.substr(edit.begin, edit.end - edit.begin));
    json.field("with", edit.with);
    json.field("reason", edit.reason);
    json.field("accepted", is_accepted);
    if (edit.start_ms && edit.end_ms) json.object("seconds", [&] { write_times(json, *edit.start_ms, *edit.end_ms); });
  });
}

}  // namespace

void write_unread_from(JsonWriter& json, const Transcript& transcript) {
  if (transcript.unread_from) json.field("unread_from", count_code_points(std::string_view(transcript.text).substr(0, *transcript.unread_from)));
}

namespace {

void write_edits(JsonWriter& json, const Transcript& transcript) {
  if (!transcript.clean_text) return;
  json.field("raw_text", transcript.text);
  write_unread_from(json, transcript);
  json.array("edits", [&] {
    CodePoints points(transcript.text);
    auto reverted = transcript.reverted.begin();
    const auto write_reverted_before = [&](std::size_t at) {
      for (; reverted != transcript.reverted.end() && reverted->begin < at; ++reverted) write_edit(json, points, transcript.text, *reverted, false);
    };
    for (const TranscriptEdit& edit : transcript.edits) write_reverted_before(edit.begin), write_edit(json, points, transcript.text, edit, true);
    write_reverted_before(std::string::npos);
  });
  if (!transcript.cleaning) return;
  json.object("cleaning", [&] {
    json.field("pieces", transcript.cleaning->pieces);
    json.field("asked", transcript.cleaning->asked);
    json.field("answered", transcript.cleaning->answered);
    json.field("reverted", transcript.cleaning->reverted);
  });
}

void write_mutes(JsonWriter& json, const Transcript& transcript) {
  if (!transcript.mutes) return;
  json.array("mutes", [&] {
    for (const TranscriptMute& mute : *transcript.mutes) {
      json.object([&] {
        json.field("start", static_cast<double>(mute.start_ms) / 1000.0);
        if (mute.end_ms)
          json.field("end", static_cast<double>(*mute.end_ms) / 1000.0);
        else
          json.field("end", json_null);
        json.field("type", mute.types);
      });
    }
  });
}

TranscriptUnits all_of(const Transcript& transcript, TranscriptFormat format) {
  if (format != TranscriptFormat::verbose_json) return {};
  return {.segments = true, .words = std::ranges::any_of(transcript.segments, [](const auto& segment) { return !segment.words.empty(); })};
}

std::string as_json(const Transcript& transcript, TranscriptFormat format, const std::optional<Usage>& usage, TranscriptUnits units) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    if (format != TranscriptFormat::json) json.field("task", "transcribe");
    if (format == TranscriptFormat::verbose_json) json.field("language", transcript.language);
    if (format != TranscriptFormat::json) {
      if (transcript.duration_ms) json.field("duration", static_cast<double>(*transcript.duration_ms) / 1000.0);
    }
    if (transcript.next_ms) json.field("next", static_cast<double>(*transcript.next_ms) / 1000.0);
    json.field("text", transcript.clean_text.value_or(transcript.text));
    if (format == TranscriptFormat::diarized_json)
      write_diarized_segments(json, transcript);
    else if (units.segments)
      write_segments(json, transcript);
    if (units.words) write_words(json, transcript);
    write_edits(json, transcript);
    write_mutes(json, transcript);
    write_speakers(json, transcript);
    write_usage(json, usage);
  });
  return out;
}

std::int64_t ms_of(JsonNode seconds) {
  const double value = seconds.number().value_or(0);
  return value > 0 && value < 1e9 ? std::llround(value * 1000.0) : 0;
}

}  // namespace

void write_usage(JsonWriter& json, const std::optional<Usage>& usage) {
  if (!usage || !usage->audio_ms) return;
  json.object("usage", [&] {
    json.field("type", "duration");
    json.field("seconds", (*usage->audio_ms + 999) / 1000);  // OpenAI counts whole seconds, rounded up
  });
}

std::optional<std::vector<TranscriptMute>> read_mutes(JsonNode root) {
  if (!root["mutes"].is(JsonType::array)) return {};
  std::vector<TranscriptMute> out;
  for (const JsonNode mute : root["mutes"]) {
    if (!mute["start"].is(JsonType::number)) return {};
    TranscriptMute& one = out.emplace_back();
    one.start_ms = ms_of(mute["start"]);
    one.types = mute["type"].text();
    if (mute["end"].is(JsonType::null)) continue;
    one.end_ms = ms_of(mute["end"]);
    if (*one.end_ms <= one.start_ms) return {};
  }
  return out;
}

std::string_view to_string(TranscriptFormat format) { return kNames[static_cast<std::size_t>(format)]; }

std::optional<TranscriptFormat> parse_transcript_format(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (kNames[i] == name) return static_cast<TranscriptFormat>(i);
  return {};
}

std::string_view content_type_of(TranscriptFormat format) {
  switch (format) {
    case TranscriptFormat::json:
    case TranscriptFormat::verbose_json:
    case TranscriptFormat::diarized_json: return "application/json";
    case TranscriptFormat::text: return "text/plain; charset=utf-8";
    case TranscriptFormat::srt: return "application/x-subrip; charset=utf-8";
    case TranscriptFormat::vtt: return "text/vtt; charset=utf-8";
    case TranscriptFormat::markdown: return "text/markdown; charset=utf-8";
  }
  return "application/json";
}

bool tells_speakers(const Transcript& transcript) {
  return std::ranges::any_of(transcript.segments, [](const TranscriptSegment& segment) { return !segment.speaker.empty(); });
}

std::string print_transcript(const Transcript& transcript, TranscriptFormat format, const std::optional<Usage>& usage,
                             const std::optional<TranscriptUnits>& units) {
  switch (format) {
    case TranscriptFormat::json:
    case TranscriptFormat::verbose_json:
    case TranscriptFormat::diarized_json: return as_json(transcript, format, usage, units ? *units : all_of(transcript, format));
    case TranscriptFormat::text: return as_text(transcript);
    case TranscriptFormat::srt: return print_cues(transcript, CueFormat::srt);
    case TranscriptFormat::vtt: return print_cues(transcript, CueFormat::vtt);
    case TranscriptFormat::markdown: return print_markdown(transcript);
  }
  return {};
}

Transcript read_transcript(JsonNode root) {
  Transcript out{.text = root["text"].text()};
  out.language = root["language"].text();
  if (root["duration"].is(JsonType::number)) out.duration_ms = ms_of(root["duration"]);
  if (root["next"].is(JsonType::number)) out.next_ms = ms_of(root["next"]);
  for (const JsonNode segment : root["segments"]) {
    out.segments.push_back({.start_ms = ms_of(segment["start"]), .end_ms = ms_of(segment["end"]), .text = segment["text"].text()});
    out.segments.back().avg_logprob = segment["avg_logprob"].number();
    out.segments.back().speaker = segment["speaker"].text();
    out.is_diarized = out.is_diarized || segment["type"].text() == kDiarizedSegment;
  }
  const auto add_word = [](TranscriptSegment& segment, JsonNode word) {
    TranscriptWord& added = segment.words.emplace_back(TranscriptWord{ms_of(word["start"]), ms_of(word["end"]), word["word"].text()});
    if (word["probability"].is(JsonType::number)) added.probability = std::clamp(word["probability"].number().value_or(0), 0.0, 1.0);
    added.speaker = word["speaker"].text();
  };
  out.speakers = read_speakers(root);
  std::size_t at = 0;  // OpenAI lists words beside the segments, others within them
  for (const JsonNode word : root["words"]) {
    const std::int64_t middle_twice = ms_of(word["start"]) + ms_of(word["end"]);
    while (at + 1 < out.segments.size() && middle_twice > 2 * out.segments[at].end_ms) ++at;
    if (at < out.segments.size()) add_word(out.segments[at], word);
  }
  at = 0;
  for (const JsonNode segment : root["segments"]) {
    for (const JsonNode word : segment["words"]) add_word(out.segments[at], word);
    ++at;
  }
  return out;
}

Transcript read_own_transcript(JsonNode root) {
  Transcript out = read_transcript(root);
  out.mutes = read_mutes(root);
  if (!root["raw_text"].is(JsonType::string)) return out;
  out.clean_text = std::exchange(out.text, root["raw_text"].text());
  Bytes bytes(out.text);
  if (const auto unread = root["unread_from"].integer()) out.unread_from = Bytes(out.text).before(*unread);
  for (const JsonNode edit : root["edits"]) {
    auto& list = edit["accepted"].boolean().value_or(false) ? out.edits : out.reverted;
    TranscriptEdit& one = list.emplace_back();
    one.begin = bytes.before(edit["start"].integer().value_or(0)), one.end = bytes.before(edit["end"].integer().value_or(0));
    one.with = edit["with"].text(), one.reason = edit["reason"].text();
    if (const JsonNode seconds = edit["seconds"]) one.start_ms = ms_of(seconds["start"]), one.end_ms = ms_of(seconds["end"]);
  }
  if (const JsonNode cleaning = root["cleaning"]) {
    const auto count = [&](std::string_view name) {
      return static_cast<std::uint32_t>(std::max<std::int64_t>(0, cleaning[name].integer().value_or(0)));
    };
    out.cleaning = {.pieces = count("pieces"), .asked = count("asked"), .answered = count("answered"), .reverted = count("reverted")};
  }
  return out;
}

}  // namespace demarc::dialect
