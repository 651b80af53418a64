// Values with a page's marks inside: "ada@<wbr>example.org", "<em>4111</em> 1111 <em>1111</em> 1111".
#include <algorithm>
#include <array>

#include "base/strings.hpp"
#include "privacy/chars.hpp"
#include "privacy/stretch.hpp"

namespace demarc::privacy {
namespace {

constexpr std::size_t kNear = 40;         // bytes from one tag of a value to the next
constexpr std::size_t kReach = 64;        // of the value beside its tags
constexpr std::size_t kLongestTag = 256;  // with its attributes
// Those that part no words. A comment is none of them: nobody reads on in a value over one.
constexpr std::array<std::string_view, 22> kInline = {"a",   "abbr", "b", "bdi",  "big",   "code", "del",    "em",  "font", "i", "ins",
                                                      "kbd", "mark", "s", "samp", "small", "span", "strong", "sub", "sup",  "u", "wbr"};

bool in_value(char c) { return is_alnum(c) || std::string_view("@._-+/:,()").find(c) != std::string_view::npos; }

// Where the tag that begins at `at` ends; 0: there is none that stands within words.
std::size_t tag_end(std::string_view text, std::size_t at) {
  const std::string_view inside = text.substr(at + 1, kLongestTag);
  const std::size_t begin = inside.starts_with('/') ? 1 : 0;
  std::size_t end = begin;
  while (end < inside.size() && is_letter(inside[end])) ++end;
  const std::string_view name = inside.substr(begin, end - begin);
  if (std::ranges::none_of(kInline, [&](std::string_view known) { return equals_ignoring_case(name, known); })) return 0;
  const std::size_t close = inside.find_first_of("<>", end);
  const bool alone = close == end || (close != std::string_view::npos && (inside[end] == ' ' || inside[end] == '/'));
  return alone && inside[close] == '>' ? at + 1 + close + 1 : 0;
}

// Whether a value may go on over the tag: something of one stands on either side of it, or behind one blank.
bool parts_value(std::string_view text, Span tag) {
  const char left = before(text, tag.begin), right = after(text, tag.end);
  return (in_value(left) || (left == ' ' && tag.begin > 1 && in_value(text[tag.begin - 2]))) &&
         (in_value(right) || (right == ' ' && in_value(after(text, tag.end + 1))));
}

bool tells(std::string_view text, Span whole) {
  const std::size_t from = whole.begin - std::min(whole.begin, kNear);
  return std::ranges::any_of(text.substr(from, whole.end - from), [](char c) { return is_digit(c) || c == '@'; });
}

}  // namespace

void find_tags(std::string_view text, const Signs& signs, std::vector<Stretch>& out) {
  for (std::size_t at = signs.next(Sign::bracket, 0), next = 0; at < text.size(); at = signs.next(Sign::bracket, next)) {
    next = at + 1;
    std::size_t end = text[at] == '<' ? tag_end(text, at) : 0;
    if (end == 0) continue;
    Stretch stretch{{at, end}, {}, Stretch::Beside::own};
    bool parts = false;
    for (std::size_t tag = at, first = at; end != 0 && stretch.pieces.size() < kMostJoined;) {
      stretch.pieces.push_back({{tag, end}, {}});
      parts = parts || parts_value(text, {first, end});
      stretch.whole.end = next = end;
      for (tag = end; tag < text.size() && tag - end < kNear && (in_value(text[tag]) || text[tag] == ' ');) ++tag;
      if (tag - end > 1 || (tag > end && text[end] != ' ')) first = tag;  // else it stands beside the one before: "215<b> </b>8101"
      end = after(text, tag) == '<' ? tag_end(text, tag) : 0;
    }
    while (stretch.whole.end < text.size() && stretch.whole.end - next < kReach && in_value(text[stretch.whole.end])) ++stretch.whole.end;
    if (parts && tells(text, stretch.whole)) out.push_back(std::move(stretch));
  }
}

}  // namespace demarc::privacy
