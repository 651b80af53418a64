#include "privacy/decode.hpp"

#include <algorithm>
#include <array>
#include <functional>

#include "privacy/chars.hpp"

namespace demarc::privacy {
namespace {

constexpr std::size_t kShortestRun = 16;  // characters
constexpr std::size_t kFewestPairs = 9;
constexpr std::size_t kStride = 16;

constexpr std::array<bool, 256> kRun = [] {  // characters of either alphabet of base64; hexadecimal is among them
  std::array<bool, 256> is{};
  for (int c = 0; c < 256; ++c) is[static_cast<std::size_t>(c)] = is_alnum(static_cast<char>(c)) || c == '+' || c == '/' || c == '-' || c == '_';
  return is;
}();
bool in_run(char c) { return kRun[static_cast<unsigned char>(c)]; }

// The begin of the next run of at least kShortestRun characters that ends behind `at`: only every sixteenth byte is looked at where there is none.
std::size_t next_run_of_letters(std::string_view text, std::size_t at) {
  for (std::size_t probe = at + kStride - 1; probe < text.size();) {
    if (!in_run(text[probe])) {
      at = probe + 1, probe += kStride;
      continue;
    }
    std::size_t begin = probe;
    while (begin > at && in_run(text[begin - 1])) --begin;
    if (probe - begin + 1 >= kStride) return begin;
    std::size_t end = probe + 1;
    while (end < text.size() && end - begin < kStride && in_run(text[end])) ++end;
    if (end - begin >= kShortestRun) return begin;
    at = end, probe = end + kStride - 1;
  }
  return text.size();
}

bool is_pair(std::string_view text, std::size_t at) {
  return at + 2 <= text.size() && is_hex(text[at]) && is_hex(text[at + 1]) && !is_alnum(before(text, at)) && !is_alnum(after(text, at + 2));
}
bool parts_pairs(char c) { return c == ' ' || c == ':' || c == '-' || c == ',' || c == '\n'; }

// Pairs of hexadecimal digits with something between, nine of them: 26 bytes, so one in 12 is looked at.
std::size_t next_pairs(std::string_view text, std::size_t at) {
  for (std::size_t probe = at + 12; probe < text.size(); probe += 12) {
    std::size_t pair = probe;
    if (!is_pair(text, pair) && !(pair > 0 && is_pair(text, --pair)) && !(pair > 0 && is_pair(text, --pair))) continue;
    std::size_t begin = pair, count = 1;
    while (begin >= at + 3 && parts_pairs(text[begin - 1]) && is_pair(text, begin - 3)) begin -= 3, ++count;
    for (std::size_t next = pair + 3; count < kFewestPairs && is_pair(text, next) && parts_pairs(text[next - 1]); next += 3) ++count;
    if (count >= kFewestPairs) return begin;
  }
  return text.size();
}

std::size_t next_escape(std::string_view text, std::size_t at, char sign) {
  const std::size_t found = text.find(sign, at);
  return found == std::string_view::npos ? text.size() : found;
}

// Where each of some kinds of thing stands next; looked for again only once that place is behind.
template <std::size_t N, typename Find>
struct Next {
  std::string_view text;
  Find find;  // (kind, at) → place
  std::array<std::size_t, N> places{};
  Next(std::string_view text_in, Find find_in) : text(text_in), find(find_in) { pass(0, true); }
  void pass(std::size_t at, bool all = false) {
    for (std::size_t kind = 0; kind < N; ++kind)
      if (all || places[kind] < at) places[kind] = find(kind, at);
  }
  [[nodiscard]] std::size_t nearest() const { return static_cast<std::size_t>(std::ranges::min_element(places) - places.begin()); }
};

std::size_t run_end(std::string_view text, std::size_t at) {
  while (at < text.size() && in_run(text[at])) ++at;
  return at;
}

struct Run {
  std::size_t begin = 0;
  Decoded decoded{};
};

// A value may stand behind a path's segments ("/f/QWRh…"), a prefix ("v1_QWRh…") or letters that shift it by up to three.
Run decode_run(std::string_view text, std::size_t begin, std::size_t end) {
  constexpr int kTries = 8;
  std::size_t from = begin;
  for (int tried = 0; tried < kTries && from + kShortestRun <= end; ++tried) {
    Decoded decoded = decode_hex_run(text, from);
    if (decoded.size == 0) decoded = decode_base64_run(text, from);
    if (decoded.size == 0) {  // up to the end of a path's segment
      std::size_t segment = from;
      while (segment < end && is_alnum(text[segment])) ++segment;
      if (segment < end) decoded = decode_base64_run(text.substr(0, segment), from);
    }
    if (decoded.size > 0) return {from, std::move(decoded)};
    if (tried < 3) {
      ++from;
      continue;
    }
    while (from < end && is_alnum(text[from])) ++from;
    while (from < end && !is_alnum(text[from])) ++from;
  }
  return {};
}

// Puts what was decoded into the copy, what lies between as it is.
struct Copy {
  std::string_view text;
  std::optional<Mapped> out{};
  std::size_t kept = 0;
  void put(const Decoded& decoded, std::size_t at) {
    if (!out) out.emplace();
    out->copy(text, {kept, at});
    kept = at + decoded.size;
    out->put(decoded.text, {at, kept});
  }
  std::optional<Mapped> finish() {
    if (out) out->copy(text, {kept, text.size()});
    return std::move(out);
  }
};

std::optional<Mapped> without_escapes(std::string_view text) {
  constexpr std::array<char, 4> kSigns = {'%', '&', '\\', '='};
  Copy copy{text};
  Next<kSigns.size(), std::function<std::size_t(std::size_t, std::size_t)>> next(
      text, [&](std::size_t kind, std::size_t at) { return next_escape(text, at, kSigns[kind]); });
  for (;;) {
    const std::size_t at = next.places[next.nearest()];
    if (at >= text.size()) break;
    const Decoded decoded = decode_escape(text, at);
    if (decoded.size > 0) copy.put(decoded, at);
    next.pass(at + std::max<std::size_t>(1, decoded.size));
  }
  return copy.finish();
}

std::optional<Mapped> without_runs(std::string_view text) {
  Copy copy{text};
  Next<2, std::function<std::size_t(std::size_t, std::size_t)>> next(
      text, [&](std::size_t kind, std::size_t at) { return kind == 0 ? next_run_of_letters(text, at) : next_pairs(text, at); });
  for (;;) {
    const std::size_t kind = next.nearest(), at = next.places[kind];
    if (at >= text.size()) break;
    const std::size_t end = kind == 0 ? run_end(text, at) : at + 1;
    const Run run = kind == 0 ? decode_run(text, at, end) : Run{at, decode_hex_run(text, at)};
    if (run.decoded.size > 0) copy.put(run.decoded, run.begin);
    next.pass(run.decoded.size > 0 ? run.begin + run.decoded.size : end);
  }
  return copy.finish();
}

}  // namespace

// Escapes first: those inside a run would cut it in pieces that decode to something else.
std::optional<Mapped> decode(std::string_view text) {
  auto out = without_escapes(text);
  return out ? std::move(out) : without_runs(text);
}

}  // namespace demarc::privacy
