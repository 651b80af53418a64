// A transcript in the formats of OpenAI's transcription API.
//
//   std::string body = print(transcript, Format::verbose_json);
//
// Field names are OpenAI's; `language` is a code ("en"), not a name. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/json/writer.hpp"
#include "speech/worker/transcribe.hpp"

namespace demarc::speech::worker {

enum class Format { json, text, verbose_json, srt, vtt };

std::optional<Format> parse_format(std::string_view name);
std::string_view content_type(Format format);

std::string print(const Transcript& transcript, Format format);
void print_segment(JsonWriter& json, const Segment& segment);  // fields only, for the caller's object

}  // namespace demarc::speech::worker
