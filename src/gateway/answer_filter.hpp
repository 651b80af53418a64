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
#include <memory>
#include <string>
#include <vector>

#include "privacy/output_guard.hpp"
#include "privacy/restore.hpp"

namespace demarc::gateway {

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
  std::string feed(const Channel& channel, std::string_view text) { return guard_.feed(channel, restorer_.feed(channel, text)); }
  std::string flush(const Channel& channel) {
    std::string rest = guard_.feed(channel, restorer_.flush(channel));
    rest += guard_.flush(channel);
    return rest;
  }
  [[nodiscard]] const FindingCounts& counts() const { return guard_.counts(); }

 private:
  privacy::Restorer restorer_;
  privacy::OutputGuard guard_;
  std::vector<std::string> tools_never_;
};

}  // namespace demarc::gateway
