// A transcript for reading: paragraphs where the speaker pauses, each with the time at which it begins.
//
//   std::string body = print_markdown(transcript);      // **[0:01:02]** What was said.
//
// A paragraph ends at a pause of kParagraphPauseMs, or with the sentence in which it reaches kParagraphCharacters. What the text has of markdown's
// own characters is escaped. A transcript without times is one paragraph without one. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>

#include "core/transcript.hpp"

namespace demarc::dialect {

inline constexpr std::int64_t kParagraphPauseMs = 1'500;
inline constexpr std::size_t kParagraphCharacters = 600;

std::string print_markdown(const Transcript& transcript);

}  // namespace demarc::dialect
