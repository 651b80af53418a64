#include "speech/pauses.hpp"

#include <algorithm>

namespace demarc::speech {
namespace {

constexpr std::string_view kMarks = ",.;", kSpace = " \t\r\n";

bool is_digit(std::string_view text, std::size_t at) { return at < text.size() && text[at] >= '0' && text[at] <= '9'; }

}  // namespace

Unpaused without_pauses(std::string_view text) {
  Unpaused out;
  std::size_t kept_to = 0;
  for (std::size_t mark = text.find_first_of(kMarks); mark != std::string_view::npos; mark = text.find_first_of(kMarks, mark + 1)) {
    const std::size_t next = text.find_first_not_of(kSpace, mark + 1);
    if (mark == 0 || !is_digit(text, mark - 1) || next == mark + 1 || !is_digit(text, next)) continue;
    out.text.append(text, kept_to, mark - kept_to);
    out.cuts.push_back({out.text.size(), (out.cuts.empty() ? 0 : out.cuts.back().sofar) + (next - 1 - mark)});  // one space stays
    out.text += ' ';
    kept_to = next;
  }
  out.text.append(text, kept_to);
  return out;
}

std::vector<Finding> over_pauses(const Unpaused& heard, std::vector<Finding> findings) {
  const auto left_out = [&](std::size_t byte) {
    const auto next = std::ranges::lower_bound(heard.cuts, byte, {}, &Unpaused::Cut::at);
    return next == heard.cuts.begin() ? 0 : std::prev(next)->sofar;
  };
  std::erase_if(findings, [&](Finding& finding) {
    const std::size_t before = left_out(finding.begin), behind = left_out(finding.end);
    finding.begin += before, finding.end += behind;
    return before == behind;
  });
  return findings;
}

}  // namespace demarc::speech
