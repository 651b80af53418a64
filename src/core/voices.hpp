// Voices: which of many vectors of voices are one person's. Speech engines make such a vector of every stretch of speech; ranges of one recording
// bring those of their speakers together.
//
//   std::vector<Voiceprint> heard = …;                                   // in the order in which they are heard
//   std::vector<std::size_t> who = group_voices(heard, {});         // who[i]: 0 for whoever is heard first, then 1, …
//
// Agglomerative, by the mean cosine between all of two groups (average linkage), until no two are more alike than `alike`. Of more than kVoiceBlock
// voices those of each block are put together first, then what came out of the blocks: time grows with the number of voices and not with its square,
// and the same voices give the same groups on every machine of a kind. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/voiceprint.hpp"

namespace demarc {

inline constexpr std::size_t kVoiceBlock = 1'000;
inline constexpr std::size_t kMostSpeakers = 26;       // A to Z
inline constexpr std::uint32_t kLeastVoiceprints = 3;  // of a speaker: what is less is a mixture of others, or too little to tell
// Mean cosine above which two groups are one voice, of CAM++: chosen by tools/voices/choose.py (docs/measured.md).
inline constexpr double kAlike = 0.30;

struct Grouping {
  double alike = kAlike;
  std::size_t most = kMostSpeakers;  // groups, at least 1
  std::uint32_t least = 1;           // vectors in a group: a smaller one goes to the group that is most like it, if there is one that is large enough
};
// All vectors must have one length. As many numbers as voices, each below `most`.
std::vector<std::size_t> group_voices(std::span<const Voiceprint> voices, const Grouping& grouping);

void add_voice(Voiceprint& to, const Voiceprint& other);
double cosine(const Voiceprint& a, const Voiceprint& b);  // 0 where one has no length

std::string speaker_name(std::size_t index);  // "A" … "Z"

// For answers that other programs of demarc read: base64 of 32-bit numbers, lowest byte first. Nothing that is no vector of at most 4,096 numbers is
// read.
std::string print_voiceprint(const Voiceprint& voice);
std::optional<std::vector<float>> read_voiceprint(std::string_view text);

}  // namespace demarc
