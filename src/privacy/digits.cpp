#include "privacy/digits.hpp"

#include <algorithm>

#include "privacy/chars.hpp"

namespace demarc::privacy {
namespace {

constexpr std::size_t kBlock = 64;

bool is_separator(char c) { return c == ' ' || c == '-' || c == '.' || c == '/' || c == '(' || c == ')'; }

// Where the next group begins, or npos if the run ends here.
std::size_t next_group(std::string_view text, std::size_t end) {
  std::size_t at = end;
  while (at < text.size() && at - end < 3 && is_separator(text[at])) ++at;
  const std::size_t gap = at - end;
  if (gap == 0 || at >= text.size() || !is_digit(text[at])) return std::string_view::npos;
  if (gap == 1) return at;
  const bool bracket = text.substr(end, gap).find_first_of("()") != std::string_view::npos;
  return bracket || (gap == 3 && text.substr(end, 3) == " - ") ? at : std::string_view::npos;
}

}  // namespace

std::size_t next_digit(std::string_view text, std::size_t at) {
  while (at + kBlock <= text.size()) {
    unsigned any = 0;
    for (std::size_t i = 0; i < kBlock; ++i) any |= static_cast<unsigned>(is_digit(text[at + i]));  // the compiler makes vectors of this
    if (any != 0) break;
    at += kBlock;
  }
  while (at < text.size() && !is_digit(text[at])) ++at;
  return at;
}

bool next_run(std::string_view text, std::size_t& at, DigitRun& run) {
  run.group_count = run.digit_count = 0;
  for (at = next_digit(text, at); at < text.size(); at = next_digit(text, at)) {
    while (at != std::string_view::npos && run.group_count < DigitRun::kGroups) {
      std::size_t end = at;
      while (end < text.size() && is_digit(text[end])) ++end;
      const bool glued = (is_alnum(before(text, at)) || before(text, at) == '_') || is_letter(after(text, end)) || after(text, end) == '_';
      const bool extension = after(text, end) == 'x' && is_digit(after(text, end + 1)) && !is_alnum(before(text, at));  // 555-1234x42
      if ((glued && !extension) || run.digit_count + (end - at) > DigitRun::kDigits) {
        if (run.group_count == 0) at = end;
        break;
      }
      run.groups[run.group_count++] = {at, end, static_cast<std::uint8_t>(run.digit_count)};
      std::copy(text.begin() + static_cast<std::ptrdiff_t>(at), text.begin() + static_cast<std::ptrdiff_t>(end),
                run.digits.begin() + static_cast<std::ptrdiff_t>(run.digit_count));
      run.digit_count += end - at;
      at = extension ? std::string_view::npos : next_group(text, end);
    }
    if (run.group_count > 0) {
      at = run.groups[run.group_count - 1].end;
      return true;
    }
  }
  return false;
}

}  // namespace demarc::privacy
