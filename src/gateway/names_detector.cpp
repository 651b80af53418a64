#include "gateway/names_detector.hpp"

#include <algorithm>
#include <string>

#include "gateway/context.hpp"

namespace demarc::gateway {
namespace {

constexpr std::string_view kTarget = "/v1/spans";
constexpr std::size_t kReplyBytes = std::size_t{64} << 20;  // a span each few letters of the longest body
constexpr int kPastDeadline = 504;

using privacy::Unreadable;

// One call.
Task<Unreadable> ask(const NamesDetector& detector, privacy::NamesWork& work, NamesCall call) {
  const auto slot = co_await detector.engine->queue.acquire(call.loop, call.cancellation, call.deadline, {.work_class = call.work_class});
  if (!slot) co_return slot.error() == engine::QueueError::timeout ? Unreadable::time : Unreadable::detector;
  const std::chrono::nanoseconds left = call.deadline.at - call.loop.now();
  if (left.count() <= 0) co_return Unreadable::time;
  const std::string body = detector.names->next_body(work);
  const auto left_ms = std::chrono::duration_cast<std::chrono::milliseconds>(left).count();
  const OutgoingRequest request{.target = std::string(kTarget),
                                .headers = {{"content-type", "application/json"},
                                            {"demarc-request-id", std::string(call.request_id)},
                                            {"demarc-deadline-ms", std::to_string(std::max<std::int64_t>(1, left_ms))}},
                                .body = body};
  const SendLimits limits{.connect = left, .first_byte = left, .idle = left, .total = left};
  auto reply = co_await call.http.send(detector.origin, request, limits, call.cancellation, open_gate());
  if (!reply) {
    if (reply.error().kind == IoError::timeout) co_return Unreadable::time;
    detector.engine->suspect();
    co_return Unreadable::detector;
  }
  const int status = (*reply)->status();
  if (status != 200) co_return status == kPastDeadline ? Unreadable::time : Unreadable::detector;
  const auto text = co_await read_all(**reply, kReplyBytes);
  co_return text&& detector.names->take(work, *text) ? Unreadable::none : Unreadable::detector;
}

}  // namespace

NamesCall names_call(RequestContext& context, Deadline deadline) {
  return {.loop = context.loop(),
          .http = context.http(),
          .cancellation = context.client.cancellation(),
          .deadline = deadline,
          .request_id = context.id,
          .work_class = context.work_class};
}

Task<void> ask_names(const NamesDetector& detector, privacy::NamesWork& work, NamesCall call) {
  while (privacy::Names::wants_more(work)) work.why = co_await ask(detector, work, call);
}

}  // namespace demarc::gateway
