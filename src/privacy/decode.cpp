#include "privacy/decode.hpp"

#include <algorithm>

#include "privacy/chars.hpp"
#include "privacy/text_so_far.hpp"
#include "privacy/utf8.hpp"

namespace demarc::privacy {
namespace {

constexpr std::size_t kShortestRun = 12;  // characters: nine bytes of base64
constexpr std::size_t kFewestPairs = 9;

bool in_run(char c) { return is_alnum(c) || c == '+' || c == '/' || c == '-' || c == '_'; }  // either alphabet of base64; hexadecimal is among them

bool is_pair(std::string_view text, std::size_t at) {
  return at + 2 <= text.size() && is_hex(text[at]) && is_hex(text[at + 1]) && !is_alnum(before(text, at)) && !is_alnum(after(text, at + 2));
}
bool parts_pairs(char c) { return c == ' ' || c == ':' || c == '-' || c == ',' || c == '\n'; }

// The begin of nine pairs of hexadecimal digits with something between.
std::size_t next_pairs(std::string_view text, const Signs& signs, std::size_t at) {
  for (std::size_t found = signs.next(Sign::pairs, at); found < text.size(); found = signs.next(Sign::pairs, found + 1)) {
    std::size_t count = 0;
    for (std::size_t next = found; count < kFewestPairs && is_pair(text, next) && (count == 0 || parts_pairs(text[next - 1])); next += 3) ++count;
    if (count >= kFewestPairs) return found;
  }
  return text.size();
}

std::size_t run_end(std::string_view text, std::size_t at) {
  while (at < text.size() && in_run(text[at])) ++at;
  return at;
}

struct Run {
  std::size_t begin = 0;
  Decoded decoded{};
};

// A long word of prose may be a few bytes of Windows-1252: what is only possible and short must look as if a value stood in it.
bool is_worth(const Decoded& decoded, Encodings as) {
  constexpr std::ptrdiff_t kFewestDigits = 5;
  return as == Encodings::likely || decoded.text.size() >= TextSoFar::kSure || decoded.text.find('@') != std::string::npos ||
         std::ranges::count_if(decoded.text, is_digit) >= kFewestDigits;
}

// A value may stand behind a path's segments ("/f/QWRh…"), a prefix ("v1_QWRh…") or letters that shift it by up to three.
Run decode_run(std::string_view text, std::size_t begin, std::size_t end, Encodings as) {
  constexpr int kTries = 8;
  std::size_t from = begin;
  for (int tried = 0; tried < kTries && from + kShortestRun <= end; ++tried) {
    Decoded decoded = decode_hex_run(text, from, as);
    const bool base64 = decoded.size == 0 && may_be_base64(text, from, as);
    if (base64) decoded = decode_base64_run(text, from, Lines::wrapped, as);
    if (base64 && decoded.size == 0) decoded = decode_base64_run(text, from, Lines::one, as);
    if (base64 && decoded.size == 0) {  // up to the end of a path's segment; of a long one its begin has been read
      constexpr std::size_t kLongSegment = 48;
      std::size_t segment = from;
      while (segment < end && segment - from < kLongSegment && is_alnum(text[segment])) ++segment;
      if (segment < end) decoded = decode_base64_run(text.substr(0, segment), from, Lines::one, as);
    }
    if (decoded.size > 0 && is_worth(decoded, as)) return {from, std::move(decoded)};
    if (tried < 3) {
      ++from;
      continue;
    }
    while (from < end && is_alnum(text[from])) ++from;
    while (from < end && !is_alnum(text[from])) ++from;
  }
  return {};
}

// Whether letters are mixed as in base64, or all are hexadecimal digits: most words, names in code and paths of URLs are neither.
bool looks_encoded(std::string_view run) {
  constexpr std::size_t kSample = 24;
  constexpr std::ptrdiff_t kCapitals = 3;
  run = run.substr(0, kSample);
  const auto capitals = std::ranges::count_if(run, [](char c) { return c >= 'A' && c <= 'Z'; });
  return (capitals >= kCapitals && std::ranges::any_of(run, [](char c) { return c >= 'a' && c <= 'z'; })) || std::ranges::all_of(run, is_hex);
}

// What is only possible where nothing likely is.
Run decode_run(std::string_view text, std::size_t begin, std::size_t end) {
  Run run = decode_run(text, begin, end, Encodings::likely);
  if (run.decoded.size == 0 && looks_encoded(text.substr(begin, end - begin))) run = decode_run(text, begin, end, Encodings::possible);
  return run;
}
Decoded decode_pairs(std::string_view text, std::size_t at) {
  Decoded decoded = decode_hex_run(text, at, Encodings::likely);
  if (decoded.size > 0) return decoded;
  decoded = decode_hex_run(text, at, Encodings::possible);
  return is_worth(decoded, Encodings::possible) ? std::move(decoded) : Decoded{};
}

// What was decoded, with the text around it as it is; text far from anything decoded has been searched already.
constexpr std::size_t kAround = 1024;  // more than any finding and its context, but for keys of many lines
struct Copy {
  std::string_view text;
  std::size_t around = kAround;
  std::optional<Mapped> out{};
  std::size_t kept = 0;
  void put(const Decoded& decoded, std::size_t at) {
    if (!out) {
      out.emplace();
      kept = at < around ? 0 : cut_behind(text, at - around, at);
    } else if (at - kept > 2 * around) {
      const Span between{cut_before(text, kept + around, kept), cut_behind(text, at - around, at)};
      out->copy(text, {kept, between.begin});
      out->part(between);
      kept = between.end;
    }
    out->copy(text, {kept, at});
    kept = at + decoded.size;
    out->put(decoded.text, {at, kept});
  }
  std::optional<Mapped> finish() {
    if (out) out->copy(text, {kept, cut_before(text, kept + around, kept)});
    return std::move(out);
  }
};

std::optional<Mapped> without_escapes(std::string_view text, const Signs& signs, std::size_t around) {
  Copy copy{text, around};
  for (std::size_t at = signs.next(Sign::escape, 0); at < text.size();) {
    const Decoded decoded = decode_escape(text, at);
    if (decoded.size > 0) copy.put(decoded, at);
    at = signs.next(Sign::escape, at + std::max<std::size_t>(1, decoded.size));
  }
  return copy.finish();
}

}  // namespace

std::optional<Mapped> decode_escapes(std::string_view text, const Signs& signs) {
  std::optional<Mapped> near = without_escapes(text, signs, kAround);
  return near && text.size() > kAround && decode_runs(text, signs) ? without_escapes(text, signs, text.size()) : std::move(near);
}

std::optional<Mapped> decode_runs(std::string_view text, const Signs& signs) {
  Copy copy{text};
  std::size_t run_at = signs.next(Sign::run, 0), pairs_at = next_pairs(text, signs, 0), end = 0;
  while (run_at < text.size() || pairs_at < text.size()) {
    const bool run_first = run_at <= pairs_at;
    const std::size_t at = run_first ? run_at : pairs_at;
    if (run_first && end <= at) end = run_end(text, at);  // of a run that is read piece by piece it is known
    const Run run = run_first ? decode_run(text, at, end) : Run{at, decode_pairs(text, at)};
    if (run.decoded.size > 0) copy.put(run.decoded, run.begin);
    const std::size_t passed = run.decoded.size > 0 ? run.begin + run.decoded.size : run_first ? end : at + 1;
    if (run_at < passed) run_at = signs.next(Sign::run, passed);
    if (pairs_at < passed) pairs_at = next_pairs(text, signs, passed);
  }
  return copy.finish();
}

}  // namespace demarc::privacy
