// AnswerFilter: what happens to an answer's text between upstream and caller: placeholders become values again, what the policy masks is hidden, and
// what was found is counted.
//
//   AnswerFilter filter(detectors, policy.mask_in_answers, session ? session->tokens() : nullptr);
//   filter.saw_tools(chunk.tools);
//   std::string out = filter.feed(delta.channel, delta.text);
//   std::string rest = filter.flush(channel);
//
// One answer, one loop. Holds back no more than its two parts need (privacy/restore.hpp, privacy/output_guard.hpp).
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "privacy/output_guard.hpp"
#include "privacy/restore.hpp"

namespace demarc::gateway {

// What went out, for a detector that reads whole texts.
struct KeptAnswer {
  std::map<Channel, std::string> by_channel{};
  std::size_t bytes = 0;  // of all that went out, kept or not
};

class AnswerFilter {
 public:
  AnswerFilter(const privacy::Detectors& detectors, std::vector<std::string> mask, std::shared_ptr<const privacy::Tokens> tokens,
               std::vector<std::string> tools_never = {})
      : restorer_(std::move(tokens)), guard_(detectors, std::move(mask)), tools_never_(std::move(tools_never)) {}
  // Before the texts that come with them: a tool that policy keeps values from gets placeholders.
  void saw_tools(const std::vector<ToolStart>& tools) {
    for (const ToolStart& tool : tools)
      if (std::ranges::find(tools_never_, tool.name) != tools_never_.end()) restorer_.leave_alone(tool.channel);
  }
  // From now on what goes out is kept, `most` bytes of it at most; of several who ask for it, the one who wants most gets it.
  void keep(std::size_t most) {
    if (!kept_) kept_.emplace();
    most_kept_ = std::max(most_kept_, most);
  }
  [[nodiscard]] const std::optional<KeptAnswer>& kept() const { return kept_; }

  std::string feed(const Channel& channel, std::string_view text) { return out(channel, guard_.feed(channel, restorer_.feed(channel, text))); }
  std::string flush(const Channel& channel) {
    std::string rest = guard_.feed(channel, restorer_.flush(channel));
    rest += guard_.flush(channel);
    return out(channel, std::move(rest));
  }
  [[nodiscard]] const FindingCounts& counts() const { return guard_.counts(); }

 private:
  std::string out(const Channel& channel, std::string text) {
    if (kept_ && !text.empty()) {
      kept_->bytes += text.size();
      if (kept_->bytes <= most_kept_) kept_->by_channel[channel] += text;
    }
    return text;
  }

  privacy::Restorer restorer_;
  privacy::OutputGuard guard_;
  std::vector<std::string> tools_never_;
  std::optional<KeptAnswer> kept_;
  std::size_t most_kept_ = 0;
};

}  // namespace demarc::gateway
