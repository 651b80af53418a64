// AnswerFilter: what happens to an answer's text between upstream and caller: placeholders become values again, what the policy masks is hidden, and
// what was found is counted.
//
//   AnswerFilter filter(detectors, policy.mask_in_answers, session ? session->tokens() : nullptr);
//   std::string out = filter.feed(delta.channel, delta.text);
//   std::string rest = filter.flush(channel);
//
// One answer, one loop. Holds back no more than its two parts need (privacy/restore.hpp, privacy/output_guard.hpp).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "privacy/output_guard.hpp"
#include "privacy/restore.hpp"

namespace demarc::gateway {

class AnswerFilter {
 public:
  AnswerFilter(const privacy::Detectors& detectors, std::vector<std::string> mask, std::shared_ptr<const privacy::Tokens> tokens)
      : restorer_(std::move(tokens)), guard_(detectors, std::move(mask)) {}
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
};

}  // namespace demarc::gateway
