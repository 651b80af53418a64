// Covers: what is hidden of a transcript, in all the places where it is told at once: the text as heard and as cleaned, the list of edits, the
// segments, the words; and the stretches of the recording in which it is said.
//
//   make_agree(transcript);                                                // its segments say what its text says, or there is one segment
//   std::vector<std::string> readings = readings_of(transcript);           // look for values in each of these …
//   std::vector<Cover> covers = covers_of(transcript, findings_of_each);   // … and each value is one Cover, wherever it was seen
//   for (Cover& cover : covers) cover.with = "[" + cover.type + "]";
//   transcript.mutes = mutes_of(transcript, covers);
//   apply_covers(transcript, covers);
//
// A value may begin in one segment and end in the next, may be seen only with its fillers gone, or only without; it is covered whole. What cannot be
// matched (words that are not those of the text) is left out of the transcript rather than shown. Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/finding.hpp"
#include "core/transcript.hpp"

namespace demarc::speech {

struct Cover {
  std::size_t begin = 0, end = 0;  // bytes of Transcript::text, end exclusive
  std::string type{};
  std::string value{};  // as the reader would see it
  DetectorTier tier = DetectorTier::structured;
  std::string with{};  // what stands there instead; the caller's choice
};

// Afterwards the segments, one behind the other, are the text that is shown, but for white space; and all words are those of the text as heard, or
// there are none. Segments that disagree become one. Edits that were proposed and not done are left out.
void make_agree(Transcript& transcript);

// The texts in which somebody could read a value: as heard, as cleaned (if it was), then each segment alone.
std::vector<std::string> readings_of(const Transcript& transcript);

// `found`: the findings in each of readings_of(), by their bytes. Sorted, none touching another.
std::vector<Cover> covers_of(const Transcript& transcript, std::span<const std::vector<Finding>> found);

// Times are those of all words that a value touches, from the words as heard; without words, those of the segments it touches; without times, all of
// the recording. Each is longer by kMutePadMs at both ends, since engines are not exact.
inline constexpr std::int64_t kMutePadMs = 250;
std::vector<TranscriptMute> mutes_of(const Transcript& transcript, std::span<const Cover> covers);

// After mutes_of(): the words are hidden as well. `covers` as covers_of() gives them.
void apply_covers(Transcript& transcript, std::span<const Cover> covers);

}  // namespace demarc::speech
