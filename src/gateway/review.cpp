#include "gateway/review.hpp"

#include <algorithm>

#include "gateway/sub_exchange.hpp"
#include "privacy/review.hpp"

namespace demarc::gateway {

bool needs_review(const RequestContext& context) {
  const Snapshot& snapshot = *context.snapshot;
  if (!snapshot.review || context.inherited != nullptr || !context.examination.counts) return false;
  if (context.decision.sensitivity < snapshot.review->settings().at_least) return false;
  return std::ranges::any_of(context.decision.plan,
                             [&](const PlannedAttempt& attempt) { return snapshot.routing().upstreams[attempt.upstream].tier == Tier::cloud; });
}

Task<void> examine_again(RequestContext& context) {
  const privacy::Review& review = *context.snapshot->review;
  const Deadline deadline = Deadline::in(context.loop().now(), std::chrono::milliseconds(review.settings().timeout_ms));
  privacy::ReviewWork work = review.begin(
      *context.request,
      {.text_bytes = static_cast<std::size_t>(context.limits().examine_mib) << 20U, .deadline = deadline, .clock = &context.loop().clock()});
  while (privacy::Review::wants_more(work)) {
    const auto answer = co_await ask_model(context, {.tier = Tier::local, .model = review.settings().model, .deadline = deadline},
                                           privacy::review_prompt(privacy::Review::next(work)));
    if (context.client_gone()) break;
    if (answer)
      review.take(work, *answer);
    else
      work.why = deadline.passed(context.loop().now()) ? privacy::Unreadable::time : privacy::Unreadable::detector;
  }
  privacy::Review::finish(std::move(work), context.examination);
}

}  // namespace demarc::gateway
