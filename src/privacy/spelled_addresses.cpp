// Addresses as people say them: "ada (at) example (dot) org", "ada at example dot org", "ada @ example . org".
#include <string>

#include "base/strings.hpp"
#include "privacy/chars.hpp"
#include "privacy/stretch.hpp"

namespace demarc::privacy {
namespace {

struct Said {
  Span from{};
  std::string_view as{};
};
// "(at)", "[dot]", "{AT}", "<at>" at a bracket; with the blanks around it.
Said in_brackets(std::string_view text, std::size_t open) {
  constexpr std::string_view kOpen = "([{<", kClose = ")]}>";
  const std::size_t kind = kOpen.find(text[open]);
  if (kind == std::string_view::npos) return {};
  std::size_t first = open + 1;
  while (first < text.size() && text[first] == ' ') ++first;
  if (std::string_view("aAdDpP@.\xC3").find(after(text, first)) == std::string_view::npos) return {};
  const std::size_t close = text.substr(0, std::min(text.size(), open + 10)).find(kClose[kind], open);
  if (close == std::string_view::npos) return {};
  const std::string word = to_lower(trim(text.substr(open + 1, close - open - 1)));
  const std::string_view as = word == "at" || word == "ät" || word == "arroba" || word == "@"                         ? "@"
                              : word == "dot" || word == "punkt" || word == "point" || word == "punto" || word == "." ? "."
                                                                                                                      : "";
  if (as.empty()) return {};
  Span from{open, close + 1};
  while (from.begin > 0 && open - from.begin < 2 && text[from.begin - 1] == ' ') --from.begin;
  while (from.end < text.size() && from.end - close < 3 && text[from.end] == ' ') ++from.end;
  return {from, as};
}

constexpr std::string_view kDot = " dot ";
bool is_dot(std::string_view text, std::size_t at) {  // " dot ", in any case
  if (at + kDot.size() > text.size()) return false;
  for (std::size_t i = 0; i < kDot.size(); ++i)
    if (ascii_lower(text[at + i]) != kDot[i]) return false;
  return true;
}

constexpr std::size_t kLongestLabel = 64, kMostDots = 8;
bool in_label(char c) { return is_alnum(c) || c == '-' || c == '_'; }
std::size_t label_end(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && end - at < kLongestLabel && in_label(text[end])) ++end;
  return end;
}
std::size_t label_begin(std::string_view text, std::size_t end) {
  std::size_t begin = end;
  while (begin > 0 && end - begin < kLongestLabel && in_label(text[begin - 1])) --begin;
  return begin;
}

// " dot " behind each label, as far as it goes.
void take_dots_behind(std::string_view text, Stretch& stretch) {
  for (std::size_t dots = 0; dots < kMostDots; ++dots) {
    const std::size_t at = label_end(text, stretch.whole.end);
    if (at == stretch.whole.end || !is_dot(text, at)) return;
    stretch.whole.end = at + kDot.size();
    stretch.pieces.push_back({{at, stretch.whole.end}, "."});
  }
}

// One name or host follows the other: "ada (dot) lovelace (at) mail.example (dot) org".
bool follows(std::string_view text, std::size_t end, std::size_t next) {
  if (next < end || next - end > kLongestLabel) return false;
  for (std::size_t i = end; i < next; ++i)
    if (!in_label(text[i]) && text[i] != '.' && text[i] != '@' && text[i] != '+') return false;
  return true;
}

void find_bracketed(std::string_view text, const Signs& signs, std::vector<Stretch>& out) {
  bool open = false;  // whether the last stretch may go on
  for (std::size_t at = signs.next(Sign::bracket, 0); at < text.size(); at = signs.next(Sign::bracket, at + 1)) {
    const Said said = in_brackets(text, at);
    if (said.as.empty()) continue;
    if (!open || !follows(text, out.back().whole.end, said.from.begin) || out.back().pieces.size() >= kMostJoined) {
      if (open && said.from.begin < out.back().whole.end) continue;
      out.push_back({said.from, {}});
      open = true;
    }
    out.back().pieces.push_back({said.from, said.as});
    out.back().whole.end = said.from.end;
    take_dots_behind(text, out.back());
  }
}

std::size_t next_dot(std::string_view text, const Signs& signs, std::size_t at) {
  for (std::size_t word = signs.next(Sign::dot, at + 1); word < text.size(); word = signs.next(Sign::dot, word + 1))
    if (is_dot(text, word - 1)) return word - 1;
  return std::string_view::npos;
}

// "NAME at DOMAIN dot TLD", "NAME@DOMAIN dot TLD": nothing else than one word stands between two of them.
Stretch said_address(std::string_view text, std::size_t at) {
  Stretch stretch{{at, at + kDot.size()}, {{{at, at + kDot.size()}, "."}}};
  const auto take_before = [&](std::size_t begin) {  // "mail dot example dot org"
    for (std::size_t dots = 0; dots < kMostDots && begin >= kDot.size() && is_dot(text, begin - kDot.size()); ++dots) {
      stretch.pieces.insert(stretch.pieces.begin(), {{begin - kDot.size(), begin}, "."});
      stretch.whole.begin = begin - kDot.size();
      begin = label_begin(text, stretch.whole.begin);
    }
    return begin;
  };
  const std::size_t begin = take_before(label_begin(text, at));
  if (before(text, begin) == '@') {
    stretch.whole.begin = begin - 1;
  } else if (begin >= 4 && to_lower(text.substr(begin - 4, 4)) == " at ") {
    stretch.pieces.insert(stretch.pieces.begin(), {{begin - 4, begin}, "@"});
    stretch.whole.begin = begin - 4;
    take_before(label_begin(text, stretch.whole.begin));
  } else {
    return {};
  }
  take_dots_behind(text, stretch);
  return stretch;
}

void find_said(std::string_view text, const Signs& signs, std::vector<Stretch>& out) {
  for (std::size_t at = next_dot(text, signs, 0); at != std::string_view::npos;) {
    Stretch stretch = said_address(text, at);
    at = next_dot(text, signs, std::max(at + 1, stretch.whole.end));
    if (!stretch.pieces.empty()) out.push_back(std::move(stretch));
  }
}

// "ada @ example . org", "ada@ example.org". A blank before the @ alone begins a mention: "thanks @example.org".
Stretch spaced_address(std::string_view text, std::size_t at) {
  Span sign{at > 0 && text[at - 1] == ' ' ? at - 1 : at, at + 2};
  if (after(text, at + 1) != ' ' || !in_label(before(text, sign.begin))) return {};
  Stretch stretch{sign, {{sign, "@"}}};
  std::size_t dots = 0;
  for (; dots < kMostDots; ++dots) {
    const std::size_t end = label_end(text, stretch.whole.end);
    if (end == stretch.whole.end) return {};
    const bool apart = text.substr(end, 3) == " . ";
    const std::size_t next = end + (apart ? 3 : 1);
    stretch.whole.end = end;
    if ((!apart && after(text, end) != '.') || !in_label(after(text, next))) break;
    if (apart) stretch.pieces.push_back({{end, next}, "."});
    stretch.whole.end = next;
  }
  return dots > 0 ? std::move(stretch) : Stretch{};
}

void find_spaced(std::string_view text, std::vector<Stretch>& out) {
  for (std::size_t at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1))
    if (Stretch stretch = spaced_address(text, at); !stretch.pieces.empty()) out.push_back(std::move(stretch));
}

}  // namespace

void find_addresses(std::string_view text, const Signs& signs, std::vector<Stretch>& out) {
  find_bracketed(text, signs, out);
  find_said(text, signs, out);
  find_spaced(text, out);
}

}  // namespace demarc::privacy
