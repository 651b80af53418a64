// The plan, attempt after attempt, until one answers or something has reached the client.
#include "gateway/relay.hpp"
#include "gateway/serve_request.hpp"

namespace demarc::gateway {
namespace {

// Of two errors the one that tells the caller more: an upstream's answer before a broken connection; of two rate limits the longer.
ApiError more_telling(std::optional<ApiError> before, ApiError now) {
  if (!before) return now;
  if (before->retry_after_s && now.retry_after_s) return *before->retry_after_s >= *now.retry_after_s ? std::move(*before) : std::move(now);
  return before->kind == ErrorKind::upstream_status && now.kind != ErrorKind::upstream_status ? std::move(*before) : std::move(now);
}

}  // namespace

Task<void> carry_out(RequestContext& context) {
  const std::vector<PlannedAttempt>& plan = context.decision.plan;
  const std::size_t most = std::min(plan.size(), static_cast<std::size_t>(context.limits().attempts));
  std::optional<ApiError> error;
  std::uint32_t tried = 0;
  Mishaps mishaps;
  bool sent_any = false;
  for (std::size_t i = 0; i < most; ++i) {
    Attempt attempt(context, plan[i], tried, mishaps);
    const Ends ends = i + 1 < most ? Ends::attempt : Ends::request;
    if (auto ready = co_await attempt.prepare(); !ready) {
      AttemptFailure failure = std::move(ready).error();
      error = more_telling(std::move(error), std::move(failure.error));
      if (failure.then == AttemptFailure::Then::stop) break;
      continue;
    }
    ++tried, sent_any = true;
    if (auto sent = co_await attempt.send(ends); !sent) {
      AttemptFailure failure = std::move(sent).error();
      error = more_telling(std::move(error), std::move(failure.error));
      if (failure.then == AttemptFailure::Then::stop) break;
      if (failure.then == AttemptFailure::Then::again) ++(attempt.is_displaced() ? mishaps.displaced : mishaps.broken), --i;
      continue;
    }
    RelayResult relayed = attempt.streams() ? co_await relay_stream(attempt, ends) : co_await relay_whole(attempt, ends);
    if (relayed.what == Relayed::answered) co_return;
    if (relayed.error.message.empty()) co_return;  // over: the client has been told, or is gone
    error = more_telling(std::move(error), std::move(relayed.error));
    if (relayed.what == Relayed::over) break;
    if (relayed.what == Relayed::again) ++(attempt.is_displaced() ? mishaps.displaced : mishaps.broken), --i;
  }
  CHECK(error.has_value());
  if (!sent_any && error->kind != ErrorKind::cancelled && error->kind != ErrorKind::superseded) co_await record_refusal(context, *error);
  co_await reply_error(context, std::move(*error));
}

}  // namespace demarc::gateway
