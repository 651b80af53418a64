// Subtitles of a transcript, as SubRip or WebVTT.
//
//   std::string body = print_cues(transcript, CueFormat::srt);
//
// A cue has at most two lines of kCueLine characters and stands for at most kMostCueMs, as broadcasters' rules have it (BBC Subtitle Guidelines,
// Netflix Timed Text Style Guide); a longer segment becomes several, cut between words, if it can be behind a mark of punctuation. Their times are
// those of the words where there are some, else in proportion to the text. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>

#include "core/transcript.hpp"

namespace demarc::dialect {

inline constexpr std::size_t kCueLine = 42;
inline constexpr std::int64_t kMostCueMs = 7'000;

enum class CueFormat : std::uint8_t { srt, vtt };
std::string print_cues(const Transcript& transcript, CueFormat format);

std::string clock_time(std::int64_t ms, char before_fraction);  // 00:01:02,345

}  // namespace demarc::dialect
