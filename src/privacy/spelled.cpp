#include "privacy/spelled.hpp"

#include <algorithm>
#include <utility>

#include "privacy/stretch.hpp"
#include "privacy/utf8.hpp"

namespace demarc::privacy {
namespace {

constexpr std::size_t kBefore = 64, kAfter = 24;  // bytes of context that are said around a stretch

// Stretches that do not overlap, in order: they are said in one go, text between near ones as it is, so that the reading grows no faster than the
// text.
struct Track {
  std::vector<const Stretch*> stretches{};
  [[nodiscard]] bool takes(const Stretch& stretch) const {
    return stretches.empty() || (stretches.back()->whole.end <= stretch.whole.begin && stretches.back()->beside == stretch.beside);
  }
};

// Other ways to read the same place go to other tracks; the finders see to it that these are few.
std::vector<Track> tracks_of(const std::vector<Stretch>& stretches) {
  std::vector<Track> tracks;
  for (const Stretch& stretch : stretches) {
    const auto free = std::ranges::find_if(tracks, [&](const Track& track) { return track.takes(stretch); });
    (free == tracks.end() ? tracks.emplace_back() : *free).stretches.push_back(&stretch);
  }
  return tracks;
}

void say(std::string_view text, const Track& track, Mapped& out) {
  std::size_t said = 0;  // up to here
  const auto say_to = [&](std::size_t end) {
    if (end > said) out.copy(text, {said, end}), said = end;
  };
  const auto finish = [&] {
    say_to(cut_before(text, said + kAfter, said));
    out.part({said, said});
  };
  for (const Stretch* stretch : track.stretches) {
    const std::size_t begin = stretch->whole.begin;
    if (begin > said + kBefore + kAfter) {
      if (said > 0) finish();
      said = cut_behind(text, begin - kBefore, begin);
    }
    for (const Piece& piece : stretch->pieces) {
      say_to(piece.from.begin);
      out.put(piece.as, piece.from);
      said = std::max(said, piece.from.end);
    }
    say_to(stretch->whole.end);
  }
  finish();
}

}  // namespace

std::optional<Mapped> spelled(std::string_view text, const Signs& signs) {
  std::vector<Stretch> stretches;
  find_chains(text, signs, stretches);
  find_digit_gaps(text, signs, stretches);
  find_digit_words(text, signs, stretches);
  find_addresses(text, signs, stretches);
  find_breaks(text, signs, stretches);
  find_pluses(text, signs, stretches);
  find_tags(text, signs, stretches);
  if (stretches.empty()) return std::nullopt;
  std::ranges::sort(stretches, {}, [](const Stretch& stretch) { return std::pair(stretch.whole.begin, stretch.whole.end); });
  Mapped out;
  for (const Track& track : tracks_of(stretches)) say(text, track, out);
  return out;
}

}  // namespace demarc::privacy
