#include "gateway/answer_names.hpp"

#include <algorithm>
#include <iterator>

#include "gateway/snapshot.hpp"
#include "privacy/direct_first.hpp"

namespace demarc::gateway {

FindingCounts AnswerFound::counts() const {
  FindingCounts out;
  for (const auto& findings : by_text)
    for (const Finding& finding : findings) ++out[finding.type];
  return out;
}

Task<AnswerFound> read_answer(RequestContext& context, std::span<const std::string> texts) {
  const NamesDetector& detector = *context.snapshot->names;
  AnswerFound out;
  out.by_text.resize(texts.size());
  privacy::NamesWork work = detector.names->begin(texts);
  co_await ask_names(detector, work, names_call(context, Deadline::in(context.loop().now(), std::chrono::milliseconds(context.limits().examine_ms))));
  out.unread = work.why != privacy::Unreadable::none;
  if (out.unread) co_return out;
  const std::vector<privacy::Found> found = privacy::Names::found(work, texts);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (!found[i]) continue;
    std::vector<Finding> all = context.snapshot->detectors.find(texts[i]);
    all.insert(all.end(), found[i]->begin(), found[i]->end());
    privacy::join_tiers(texts[i], all);
    std::ranges::copy_if(all, std::back_inserter(out.by_text[i]), [](const Finding& finding) { return finding.tier == DetectorTier::model; });
  }
  co_return out;
}

void hide(std::string& text, const std::vector<Finding>& findings, const std::vector<std::string>& mask) {
  for (auto finding = findings.rbegin(); finding != findings.rend(); ++finding)
    if (std::ranges::find(mask, finding->type) != mask.end()) text.replace(finding->begin, finding->end - finding->begin, '[' + finding->type + ']');
}

bool masks_names(const Snapshot& snapshot) {
  if (!snapshot.names) return false;
  const auto types = snapshot.names->names->types();
  return std::ranges::any_of(snapshot.policy.mask_in_answers, [&](const std::string& type) {
    return !snapshot.detectors.covers(type) && std::ranges::find(types, std::string_view(type)) != types.end();
  });
}

ApiError unread_answer() {
  return {.kind = ErrorKind::unavailable,
          .message = "The answer cannot be read for names, which the policy hides (outputs.mask).",
          .hint = "demarc status names the cause",
          .retry_after_s = 1};
}

}  // namespace demarc::gateway
