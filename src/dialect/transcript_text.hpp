// A Transcript in the forms that /v1/audio/transcriptions knows. Sources: OpenAI API reference "Audio"; SubRip as SubRip 1.5 writes it; WebVTT, W3C
// Candidate Recommendation; markdown is ours, for reading. Pure; any thread.
//
//   std::string body = print_transcript(transcript, TranscriptFormat::srt);
//
// json and verbose_json of a cleaned transcript have the clean text as `text`, and beside it `raw_text` and `edits`, so a reader sees what changed.
// One whose values are hidden has `mutes`: where in the recording they are said. Where speakers are known every form tells them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/json/writer.hpp"
#include "core/transcript.hpp"
#include "core/usage.hpp"
#include "dialect/json/tree.hpp"

namespace demarc::dialect {

enum class TranscriptFormat : std::uint8_t { json, text, verbose_json, srt, vtt, markdown, diarized_json };

// What of a transcript's times json and verbose_json tell (OpenAI's timestamp_granularities); without it json tells none, verbose_json all there are.
struct TranscriptUnits {
  bool segments = false, words = false;
};

std::string_view to_string(TranscriptFormat format);
std::optional<TranscriptFormat> parse_transcript_format(std::string_view name);
std::string_view content_type_of(TranscriptFormat format);

std::string print_transcript(const Transcript& transcript, TranscriptFormat format, const std::optional<Usage>& usage = {},
                             const std::optional<TranscriptUnits>& units = {});
bool tells_speakers(const Transcript& transcript);
void write_usage(JsonWriter& json, const std::optional<Usage>& usage);   // the field "usage", if there is anything to say
void write_unread_from(JsonWriter& json, const Transcript& transcript);  // the field "unread_from", if a model left something unread
Transcript read_transcript(JsonNode root);                               // of a json or verbose_json answer
Transcript read_own_transcript(JsonNode root);                           // of one that print_transcript() wrote: with its edits, mutes and all
std::optional<std::vector<TranscriptMute>> read_mutes(JsonNode root);    // of one of ours; nullopt: it has none, or they make no sense

}  // namespace demarc::dialect
