// Values that line breaks cut: "4111 1111\n1111 1111", "ada@exam\nple.org", wrapped keys.
#include <algorithm>
#include <array>

#include "base/strings.hpp"
#include "privacy/chars.hpp"
#include "privacy/number_rules.hpp"
#include "privacy/stretch.hpp"

namespace demarc::privacy {
namespace {

constexpr std::array<bool, 256> set_of(std::string_view extra, bool letters) {
  std::array<bool, 256> out{};
  for (int c = 0; c < 128; ++c) out[static_cast<std::size_t>(c)] = is_digit(static_cast<char>(c)) || (letters && is_letter(static_cast<char>(c)));
  for (const char c : extra) out[static_cast<unsigned char>(c)] = true;
  return out;
}
constexpr auto kNumber = set_of(" -.", false), kValue = set_of("@._-+/=%:", true);
bool in_number(char c) { return kNumber[static_cast<unsigned char>(c)]; }

// What the breaks before have joined already.
struct Seen {
  std::size_t numbers = 0, lines = 0;  // up to here
};

// Digits on either side of a break: the whole of it, over further breaks, must be as long as a number can be; a column of numbers is longer.
void break_in_number(std::string_view text, Span gap, Seen& seen, std::vector<Stretch>& out) {
  constexpr std::size_t kMost = 34, kLeast = 7, kReach = 80;
  if (gap.begin < seen.numbers) return;
  std::size_t begin = gap.begin, end = gap.end, digits = 0;
  while (begin > 0 && gap.begin - begin < kReach && in_number(text[begin - 1])) digits += is_digit(text[--begin]) ? 1U : 0U;
  Stretch bare{{begin, end}, {{gap, {}}}};
  while (end < text.size() && end - gap.end < kReach) {
    const char c = text[end];
    if (in_number(c)) {
      digits += is_digit(c) ? 1U : 0U;
      ++end;
    } else if ((c == '\n' || c == '\r') && end + 1 < text.size() && (is_digit(text[end + 1]) || text[end + 1] == '\n')) {
      std::size_t behind = end + 1;
      while (behind < text.size() && behind - end < kReach && is_blank(text[behind])) ++behind;
      bare.pieces.push_back({{end, behind}, {}});
      end = behind;
    } else {
      break;
    }
  }
  // One that goes on beyond what is read here is read again from its middle.
  seen.numbers = end - gap.end < kReach ? end : gap.end + kReach / 2;
  if (digits < kLeast || digits > kMost) return;
  bare.whole.end = end;
  Stretch spaced = bare;
  for (Piece& piece : spaced.pieces) piece.as = text[piece.from.begin] == '-' ? "-" : " ";
  out.push_back(std::move(bare));
  out.push_back(std::move(spaced));
}

bool in_value(char c) { return kValue[static_cast<unsigned char>(c)]; }

// What stands on one side of a break as part of a value, and which bytes are in it.
struct Token {
  Span span{};
  bool digit = false, at = false;
  std::size_t colons = 0;
  void take(char c) { digit = digit || is_digit(c), at = at || c == '@', colons += c == ':' ? 1U : 0U; }
  // Half an address, a long word with digits (keys and IBANs), or pairs (MAC addresses).
  [[nodiscard]] bool is_half() const { return at || (digit && (span.size() >= 10 || colons >= 2)); }
};

constexpr std::size_t kLongestMonth = 12;  // "septiembre" and what two lines can have of it
constexpr std::size_t kReach = 128;        // bytes of a line that are part of a value
Token token_before(std::string_view text, std::size_t end) {
  Token out{{end, end}};
  while (out.span.begin > 0 && end - out.span.begin < kReach && in_value(text[out.span.begin - 1])) out.take(text[--out.span.begin]);
  return out;
}
Token token_behind(std::string_view text, std::size_t begin) {
  Token out{{begin, begin}};
  while (out.span.end < text.size() && out.span.end - begin < kReach && in_value(text[out.span.end])) out.take(text[out.span.end++]);
  return out;
}

// "RSSMRA85\nT10A562S": two shorter words with digits.
bool are_halves(const Token& left, const Token& right) {
  constexpr std::size_t kShortest = 4;
  return left.digit && right.digit && left.span.size() >= kShortest && right.span.size() >= kShortest;
}

// "650R Q\nT9O BDCX", "5696 7M31\nAUVF U229": a group of four, or a break between two of them.
bool are_of_groups(std::string_view left, std::string_view right) {
  const auto fits = [](char c) { return is_digit(c) || (c >= 'A' && c <= 'Z'); };
  return std::ranges::all_of(left, fits) && std::ranges::all_of(right, fits) &&
         (std::ranges::any_of(left, is_digit) || std::ranges::any_of(right, is_digit));
}
bool cuts_group(std::string_view left, std::string_view right) { return left.size() + right.size() == 4 && are_of_groups(left, right); }
bool parts_groups(std::string_view left, std::string_view right) { return left.size() == 4 && right.size() <= 4 && are_of_groups(left, right); }

// "521-44\n-9382", "00:1b:f2\n:ba:cf:fe": a mark at the break, digits near it on both sides.
bool breaks_at_mark(std::string_view text, Span gap) {
  constexpr std::string_view kMarks = "-.:/";
  if (kMarks.find(text[gap.begin - 1]) == std::string_view::npos && kMarks.find(text[gap.end]) == std::string_view::npos) return false;
  const std::string_view left = text.substr(gap.begin < 4 ? 0 : gap.begin - 4, gap.begin < 4 ? gap.begin : 4), right = text.substr(gap.end, 4);
  return std::ranges::any_of(left, is_digit) && std::ranges::any_of(right, is_hex);
}

// A line break with what people put around one: blanks, a backslash, a quotation's signs. Empty: nothing of a value on one side of it.
Span gap_at(std::string_view text, std::size_t at) {
  Span gap{at, at + 1};
  while (gap.begin > 0 && at - gap.begin < 3 && (text[gap.begin - 1] == '\r' || text[gap.begin - 1] == ' ' || text[gap.begin - 1] == '\\'))
    --gap.begin;
  while (gap.end < text.size() && gap.end - at < 9 && (text[gap.end] == ' ' || text[gap.end] == '\t' || text[gap.end] == '>')) ++gap.end;
  const bool inside = gap.begin > 0 && gap.end < text.size() && in_value(text[gap.begin - 1]) && in_value(text[gap.end]);
  return inside ? gap : Span{};
}

// A key over more than two lines, of which two are known with the gap between: lines of nothing else, and what begins the last one.
void join_lines(std::string_view text, Span two, Span first_gap, Seen& seen, std::vector<Stretch>& out) {
  constexpr std::size_t kMostBytes = 4096;
  if (two.begin < seen.lines) return;
  Stretch lines{two, {}};
  while (lines.whole.end - lines.whole.begin < kMostBytes) {
    std::size_t at = lines.whole.end;
    while (at < text.size() && at - lines.whole.end < 3 && (text[at] == '\r' || text[at] == ' ' || text[at] == '\\')) ++at;
    const Span gap = at < text.size() && text[at] == '\n' ? gap_at(text, at) : Span{};
    if (gap.size() == 0 || gap.begin < lines.whole.end) break;
    if (lines.pieces.empty()) lines.pieces.push_back({first_gap, {}});
    lines.pieces.push_back({gap, {}});
    lines.whole.end = token_behind(text, gap.end).span.end;
  }
  if (lines.pieces.empty()) return;
  seen.lines = lines.whole.end;
  out.push_back(std::move(lines));
}

void look_at_break(std::string_view text, std::size_t at, Seen& seen, std::vector<Stretch>& out) {
  const Span gap = gap_at(text, at);
  if (gap.size() == 0) return;
  const char left = text[gap.begin - 1], right = text[gap.end];
  const std::size_t known = out.size();
  if ((is_digit(left) || (left == '-' && is_digit(before(text, gap.begin - 1)))) && is_digit(right))
    break_in_number(text, left == '-' ? Span{gap.begin - 1, gap.end} : gap, seen, out);
  const Token before_break = token_before(text, gap.begin), behind_break = token_behind(text, gap.end);
  const std::string_view before_text = text.substr(before_break.span.begin, before_break.span.size()),
                         behind_text = text.substr(behind_break.span.begin, behind_break.span.size());
  if (parts_groups(before_text, behind_text)) out.push_back({{before_break.span.begin, behind_break.span.end}, {{gap, " "}}});
  const bool month = is_letter(left) && is_letter(right) && before_text.size() + behind_text.size() <= kLongestMonth &&
                     is_month_name(std::string(before_text).append(behind_text));
  if (!month && !before_break.is_half() && !behind_break.is_half() && !are_halves(before_break, behind_break) &&
      !cuts_group(before_text, behind_text) && !breaks_at_mark(text, gap))
    return;
  const Span both{before_break.span.begin, behind_break.span.end};
  const auto same = [&](const Stretch& stretch) { return stretch.pieces.size() == 1 && stretch.pieces[0] == Piece{gap, {}}; };
  const auto number = std::find_if(out.begin() + static_cast<std::ptrdiff_t>(known), out.end(), same);
  if (number == out.end())
    out.push_back({both, {{gap, {}}}});
  else  // it reads so already
    number->whole = {std::min(number->whole.begin, both.begin), std::max(number->whole.end, both.end)};
  if (left == '-') out.push_back({both, {{{gap.begin - 1, gap.end}, {}}}});
  join_lines(text, both, gap, seen, out);
}

}  // namespace

// What is cut in two has a digit or an @ on either side, at most kReach away.
void find_breaks(std::string_view text, const Signs& signs, std::vector<Stretch>& out) {
  Seen seen;
  for (std::size_t at = signs.next(Sign::line_break, 0); at < text.size(); at = signs.next(Sign::line_break, at + 1))
    look_at_break(text, at, seen, out);
}

}  // namespace demarc::privacy
