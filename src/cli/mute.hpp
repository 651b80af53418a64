// mute_file(): a recording with stretches of it silenced, written as WAV. The work is done by `demarc-speech --mute` in the sandbox that engines
// have: this process parses no media.
//
//   if (auto done = mute_file("call.m4a", "call.muted.wav", mutes); !done) std::cerr << done.error();
//
// Blocking; one thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/transcript.hpp"

namespace demarc::cli {

// Where the silenced copy of `recording` goes: `target`, or a file below it if it is a folder. Never the recording itself.
Result<std::filesystem::path, std::string> muted_path(const std::filesystem::path& target, const std::filesystem::path& recording);

// What stood at `to` is replaced only by a whole file.
Result<void, std::string> mute_file(const std::filesystem::path& recording, const std::filesystem::path& to,
                                    const std::vector<TranscriptMute>& mutes);

}  // namespace demarc::cli
