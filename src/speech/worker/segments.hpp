// Cuts what the model said about one window into segments, by the timestamps in it.
//
//   Cut cut = cut_window(said.tokens, tokens, first_frame, frames);
//
// The rules are Whisper's: two timestamps in a row end one segment and begin the next; text after the last pair is unfinished and is decoded again
// with the next window; a single timestamp at the end says that nothing follows. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "speech/worker/tokens.hpp"

namespace demarc::speech::worker {

struct Piece {
  std::int64_t start_ms = 0;
  std::int64_t end_ms = 0;
  std::vector<std::size_t> tokens;
};

struct Cut {
  std::vector<Piece> pieces;
  std::int64_t next_frame = 0;  // where the next window begins; always after first_frame
};

// first_frame and frames: in hundredths of a second, of the window within the file and of the sound within the window.
Cut cut_window(std::span<const std::size_t> said, const Tokens& tokens, std::int64_t first_frame, std::int64_t frames);

}  // namespace demarc::speech::worker
