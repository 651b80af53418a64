#include "speech/worker/print.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "core/voices.hpp"

namespace demarc::speech::worker {
namespace {

std::string clock_time(std::int64_t ms, char before_fraction) {  // 00:00:01,500
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%02lld:%02lld:%02lld%c%03lld", static_cast<long long>(ms / 3'600'000),
                static_cast<long long>(ms / 60'000 % 60), static_cast<long long>(ms / 1'000 % 60), before_fraction,
                static_cast<long long>(ms % 1'000));
  return text.data();
}

std::string print_subtitles(const Transcript& transcript, Format format) {
  const char before_fraction = format == Format::srt ? ',' : '.';
  std::string out = format == Format::vtt ? "WEBVTT\n\n" : "";
  for (const Segment& segment : transcript.segments) {
    if (format == Format::srt) out += std::to_string(segment.index + 1) + "\n";
    out += clock_time(segment.start_ms, before_fraction) + " --> " + clock_time(segment.end_ms, before_fraction) + "\n";
    std::string line(trim(segment.text));
    for (std::size_t at = 0; (at = line.find("-->", at)) != std::string::npos;) line.replace(at, 3, "->");  // would read as a time
    out += line + "\n\n";
  }
  return out;
}

void print_words(JsonWriter& json, const Transcript& transcript) {
  json.array("words", [&] {
    for (const Segment& segment : transcript.segments)
      for (const SpokenWord& word : segment.words) {
        json.object([&] {
          json.field("word", trim(word.text));
          json.field("start", static_cast<double>(word.start_ms) / 1000);
          json.field("end", static_cast<double>(word.end_ms) / 1000);
          json.field("probability", word.probability);
          if (!word.speaker.empty()) json.field("speaker", word.speaker);
        });
      }
  });
}

void print_speakers(JsonWriter& json, const Transcript& transcript) {
  json.array("speakers", [&] {
    for (const Speaker& speaker : transcript.speakers) {
      json.object([&] {
        json.field("name", speaker.name);
        json.field("windows", speaker.voice.count);
        json.field("voice", print_voiceprint(speaker.voice));
      });
    }
  });
}

std::string print_verbose(const Transcript& transcript) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("task", "transcribe");
    json.field("language", transcript.language);
    json.field("duration", transcript.duration_s);
    if (transcript.next_ms) json.field("next", static_cast<double>(*transcript.next_ms) / 1000);
    json.field("text", transcript.text());
    json.array("segments", [&] {
      for (const Segment& segment : transcript.segments) json.object([&] { print_segment(json, segment); });
    });
    if (std::ranges::any_of(transcript.segments, [](const Segment& segment) { return !segment.words.empty(); })) print_words(json, transcript);
    if (!transcript.speakers.empty()) print_speakers(json, transcript);
  });
  return out;
}

}  // namespace

std::optional<Format> parse_format(std::string_view name) {
  if (name == "json") return Format::json;
  if (name == "text") return Format::text;
  if (name == "verbose_json") return Format::verbose_json;
  if (name == "srt") return Format::srt;
  if (name == "vtt") return Format::vtt;
  return {};
}

std::string_view content_type(Format format) {
  switch (format) {
    case Format::json:
    case Format::verbose_json: return "application/json";
    case Format::text:
    case Format::srt: return "text/plain; charset=utf-8";
    case Format::vtt: return "text/vtt; charset=utf-8";
  }
  CHECK(false);
  return {};
}

void print_segment(JsonWriter& json, const Segment& segment) {
  json.field("id", segment.index);
  json.field("start", static_cast<double>(segment.start_ms) / 1000);
  json.field("end", static_cast<double>(segment.end_ms) / 1000);
  json.field("text", segment.text);
  json.field("avg_logprob", segment.average_log_probability);
  json.field("no_speech_prob", segment.no_speech_probability);
  json.field("compression_ratio", segment.compression_ratio);
  json.field("temperature", segment.temperature);
  if (!segment.speaker.empty()) json.field("speaker", segment.speaker);
}

std::string print(const Transcript& transcript, Format format) {
  switch (format) {
    case Format::json: return "{\"text\":" + json_string(transcript.text()) + "}";
    case Format::text: return transcript.text() + "\n";
    case Format::verbose_json: return print_verbose(transcript);
    case Format::srt:
    case Format::vtt: return print_subtitles(transcript, format);
  }
  CHECK(false);
  return {};
}

}  // namespace demarc::speech::worker
