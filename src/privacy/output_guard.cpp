#include "privacy/output_guard.hpp"

#include <algorithm>

#include "privacy/chars.hpp"

namespace demarc::privacy {
namespace {

constexpr std::size_t kContext = 1024;         // bytes kept on the left of what is searched
constexpr std::size_t kCountBlock = 32 << 10;  // texts are counted in blocks of about this size
constexpr std::size_t kCountOverlap = 512;     // of which this much waits for the next one
constexpr std::string_view kBegin = "----BEGIN", kEnd = "----END";

std::size_t word_begin(std::string_view text, std::size_t at) {
  while (at > 0 && !is_blank(text[at - 1])) --at;
  return at;
}

// Where a PEM block begins that has not ended; npos: none.
std::size_t open_pem(std::string_view held) {
  const std::size_t begin = held.rfind(kBegin);
  if (begin == std::string_view::npos) return begin;
  const std::size_t closed = held.find("-----", begin + kBegin.size());  // behind the label
  const std::string_view label = held.substr(begin, std::min<std::size_t>(closed == std::string_view::npos ? 96 : closed - begin, 96));
  const bool label_open = closed == std::string_view::npos && held.size() - begin < 96;
  if (!label_open && label.find("PRIVATE KEY") == std::string_view::npos) return std::string_view::npos;
  const std::size_t end = held.find(kEnd, begin);
  const bool complete = end != std::string_view::npos && held.find("-----", end + kEnd.size()) != std::string_view::npos;
  return complete ? std::string_view::npos : word_begin(held, begin);
}

bool continues(char c) { return is_alnum(c) || std::string_view("+/=_-.\\\r\n").find(c) != std::string_view::npos; }

}  // namespace

OutputGuard::OutputGuard(const Detectors& detectors, std::vector<std::string> mask) : detectors_(detectors), mask_(std::move(mask)) {
  constexpr std::string_view kOneWord[] = {"SECRET", "EMAIL_ADDRESS", "IP_ADDRESS", "MAC_ADDRESS"};
  masks_numbers_ = std::any_of(mask_.begin(), mask_.end(), [&](const std::string& type) {
    return std::find(std::begin(kOneWord), std::end(kOneWord), type) == std::end(kOneWord);
  });
}

std::string OutputGuard::feed(const Channel& channel, std::string_view text) {
  State& state = states_[channel];
  state.uncounted += text;
  count(state, false);
  if (mask_.empty()) return std::string(text);
  state.held += text;
  return run(state, false);
}

std::string OutputGuard::flush(const Channel& channel) {
  const auto found = states_.find(channel);
  if (found == states_.end()) return {};
  count(found->second, true);
  return run(found->second, true);
}

std::vector<Channel> OutputGuard::holding() const {
  std::vector<Channel> out;
  for (const auto& [channel, state] : states_) {
    if (!state.held.empty() || state.uncounted.size() > state.counted) out.push_back(channel);
  }
  return out;
}

std::size_t OutputGuard::may_let_go(std::string_view held) const {
  std::size_t cut = word_begin(held, held.size());
  if (const std::size_t pem = open_pem(held); pem != std::string_view::npos) cut = std::min(cut, pem);
  if (masks_numbers_) {
    std::size_t at = held.size() > kNumberReach ? held.size() - kNumberReach : 0;
    while (at < held.size() && !is_digit(held[at]) && held[at] != '@') ++at;
    cut = std::min(cut, word_begin(held, at));
    if (cut >= 3 && is_blank(held[cut - 1])) cut = word_begin(held, cut - 1);  // "GB29 NWBK", "+ 49": the word before belongs to it
  }
  return cut;
}

std::string OutputGuard::run(State& state, bool last) {
  std::string& held = state.held;
  if (state.swallow) {
    const auto end = std::find_if_not(held.begin(), held.end(), continues);
    state.swallow = end == held.end() && !last;
    held.erase(held.begin(), end);
  }
  const bool overflow = held.size() > kHoldMax;
  std::size_t cut = last || overflow ? held.size() : may_let_go(held);
  if (cut == 0) return {};

  const std::string text = state.seen + held;
  const std::size_t base = state.seen.size();
  std::string out;
  std::size_t at = 0;  // of held
  for (const Finding& finding : detectors_.find_as_written({text}, mask_)) {
    if (finding.end <= base) continue;
    const std::size_t begin = finding.begin > base ? finding.begin - base : 0, end = finding.end - base;
    if (begin >= cut) break;
    if (end > cut) {  // not whole yet
      cut = begin;
      break;
    }
    out.append(held, at, begin - at);
    out += '[' + finding.type + ']';
    at = end;
    if (overflow && end == held.size()) state.swallow = true;
  }
  if (cut > at) out.append(held, at, cut - at);
  state.seen = text.substr(0, base + cut);
  if (state.seen.size() > kContext) state.seen.erase(0, state.seen.size() - kContext);
  held.erase(0, cut);
  return out;
}

void OutputGuard::count(State& state, bool last) {
  std::string& text = state.uncounted;
  if (!last && text.size() < state.counted + kCountBlock) return;
  std::size_t cut = last ? text.size() : text.size() - kCountOverlap;
  for (const Finding& finding : detectors_.find_as_written({text})) {
    if (finding.begin < state.counted) continue;
    if (finding.begin >= cut) break;
    if (finding.end > cut && text.size() < 2 * kCountBlock) {
      cut = finding.begin;
      break;
    }
    ++counts_[finding.type];
  }
  const std::size_t keep = cut > kContext ? cut - kContext : 0;
  text.erase(0, keep);
  state.counted = cut - keep;
}

}  // namespace demarc::privacy
