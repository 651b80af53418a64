#include "privacy/decode.hpp"

#include <algorithm>
#include <array>

#include "privacy/chars.hpp"

namespace demarc::privacy {
namespace {

constexpr std::size_t kShortestRun = 16;  // characters of base64; of hexadecimal twice as many
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

// Pairs of hexadecimal digits with something between, sixteen of them: 47 bytes, so one in 24 is looked at.
std::size_t next_pairs(std::string_view text, std::size_t at) {
  for (std::size_t probe = at + 24; probe < text.size(); probe += 24) {
    std::size_t pair = probe;
    if (!is_pair(text, pair) && !(pair > 0 && is_pair(text, --pair)) && !(pair > 0 && is_pair(text, --pair))) continue;
    std::size_t begin = pair, count = 1;
    while (begin >= at + 3 && parts_pairs(text[begin - 1]) && is_pair(text, begin - 3)) begin -= 3, ++count;
    for (std::size_t next = pair + 3; count < kShortestRun && is_pair(text, next) && parts_pairs(text[next - 1]); next += 3) ++count;
    if (count >= kShortestRun) return begin;
  }
  return text.size();
}

std::size_t next_escape(std::string_view text, std::size_t at, char sign) {
  const std::size_t found = text.find(sign, at);
  return found == std::string_view::npos ? text.size() : found;
}

// Where each kind of thing stands next; looked for again only once that place is behind.
struct Next {
  std::string_view text;
  std::array<std::size_t, 6> places{};  // % & \ = run pairs
  static constexpr std::array<char, 4> kSigns = {'%', '&', '\\', '='};

  void find(std::size_t kind, std::size_t at) {
    places[kind] = kind < kSigns.size() ? next_escape(text, at, kSigns[kind]) : kind == 4 ? next_run_of_letters(text, at) : next_pairs(text, at);
  }
  explicit Next(std::string_view text_in) : text(text_in) {
    for (std::size_t kind = 0; kind < places.size(); ++kind) find(kind, 0);
  }
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

}  // namespace

std::optional<Mapped> decode(std::string_view text) {
  Next next(text);
  std::optional<Mapped> out;
  std::size_t kept = 0;
  for (;;) {
    const auto nearest = std::ranges::min_element(next.places);
    std::size_t at = *nearest;
    const auto kind = static_cast<std::size_t>(nearest - next.places.begin());
    if (at >= text.size()) break;
    Decoded decoded;
    std::size_t passed = at + 1;
    if (kind < Next::kSigns.size()) {
      decoded = decode_escape(text, at);
    } else if (kind == 5) {
      decoded = decode_hex_run(text, at);
    } else {
      passed = run_end(text, at);
      Run run = decode_run(text, at, passed);
      if (run.decoded.size > 0) at = run.begin, decoded = std::move(run.decoded);
    }
    if (decoded.size > 0) {
      if (!out) out.emplace();
      out->copy(text, {kept, at});
      kept = passed = at + decoded.size;
      out->put(decoded.text, {at, kept});
    }
    for (std::size_t k = 0; k < next.places.size(); ++k)
      if (next.places[k] < passed) next.find(k, passed);
  }
  if (out) out->copy(text, {kept, text.size()});
  return out;
}

}  // namespace demarc::privacy
