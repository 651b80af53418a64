// Mute: a recording with stretches of it silenced, as WAV of 16 bits with the rate and channels it came in.
//
//   demarc-speech --mute IN OUT 1200-3400 9000-         milliseconds; without an end: to the end of the recording
//
// For a recording that is 16-bit PCM already every sample outside the stretches is the one that came, and the file is as long. Started by
// `demarc transcribe --mute` as engines are, in their sandbox: this, too, parses media from strangers. Reads the file whole, writes as it decodes.
#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string_view>
#include <vector>

#include "speech/worker/audio.hpp"

namespace demarc::speech::worker {

struct Quiet {
  std::int64_t start_ms = 0;
  std::optional<std::int64_t> end_ms;  // nullopt: to the end
};

enum class MuteError { decode, too_long, write };

// `quiet`: in order, none overlapping another. A sample that is partly within a stretch is silent. `out` can seek; its bytes are of no use if this
// fails.
struct MuteFailure {
  MuteError kind = MuteError::decode;
  AudioError audio = AudioError::not_audio;  // of `decode`
};
inline constexpr std::uint64_t kMaxWavBytes = 0xffff'ffff;  // its header holds no more
Result<void, MuteFailure> mute_audio(std::string_view file, const std::vector<Quiet>& quiet, std::ostream& out,
                                     std::uint64_t max_bytes = kMaxWavBytes);

// The program's main() with --mute; an exit status.
int run_mute(int argc, char** argv);

}  // namespace demarc::speech::worker
