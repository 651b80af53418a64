#include "speech/worker/segments.hpp"

#include "base/check.hpp"

namespace demarc::speech::worker {
namespace {

constexpr std::int64_t kMsPerFrame = 10;
constexpr std::int64_t kFramesPerTimestamp = kMsPerTimestamp / kMsPerFrame;

}  // namespace

Cut cut_window(std::span<const std::size_t> said, const Tokens& tokens, std::int64_t first_frame, std::int64_t frames) {
  CHECK(frames > 0);
  const std::int64_t start_ms = first_frame * kMsPerFrame;
  const auto steps = [&](std::size_t token) { return tokens.is_timestamp(token) ? static_cast<std::int64_t>(token - tokens.first_timestamp) : 0; };
  const bool ends_in_one = said.size() >= 2 && !tokens.is_timestamp(said[said.size() - 2]) && tokens.is_timestamp(said.back());

  std::vector<std::size_t> ends;
  for (std::size_t i = 1; i < said.size(); ++i)
    if (tokens.is_timestamp(said[i]) && tokens.is_timestamp(said[i - 1])) ends.push_back(i);

  Cut cut{.next_frame = first_frame + frames};
  if (ends.empty()) {  // one segment, up to its last timestamp if there is one
    std::int64_t length_ms = frames * kMsPerFrame;
    for (const std::size_t token : said)
      if (steps(token) > 0) length_ms = steps(token) * kMsPerTimestamp;
    cut.pieces.push_back({start_ms, start_ms + length_ms, {said.begin(), said.end()}});
    return cut;
  }
  if (ends_in_one) ends.push_back(said.size());
  std::size_t begin = 0;
  for (const std::size_t end : ends) {
    cut.pieces.push_back({start_ms + steps(said[begin]) * kMsPerTimestamp,
                          start_ms + steps(said[end - 1]) * kMsPerTimestamp,
                          {said.begin() + static_cast<std::ptrdiff_t>(begin), said.begin() + static_cast<std::ptrdiff_t>(end)}});
    begin = end;
  }
  const std::int64_t spoken_frames = steps(said[begin - 1]) * kFramesPerTimestamp;
  if (!ends_in_one && spoken_frames > 0) cut.next_frame = first_frame + spoken_frames;  // 0 would be the same window for ever
  return cut;
}

}  // namespace demarc::speech::worker
