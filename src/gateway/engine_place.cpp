#include "gateway/engine_place.hpp"

#include <algorithm>

namespace demarc::gateway {
namespace {

using Then = AttemptFailure::Then;

constexpr std::uint32_t kMostDisplaced = 3;  // then a request keeps its place: batch work ends some time

}  // namespace

Task<Result<void, AttemptFailure>> EnginePlace::take(const PlaceWish& wish) {
  wish_ = wish, digest_ = digest_of(wish);
  wish_.target = wish_.body = {};
  const engine::RequestStanding standing = context_.services.fleet->quarantine().standing(digest_, context_.received);
  if (standing == engine::RequestStanding::quarantined)
    co_return fail(AttemptFailure{{.kind = ErrorKind::quarantined,
                                   .message = "This request ended the engine of " + spec_.name + " more than once and is not given to it again.",
                                   .hint = "change the request, or report it; demarc status lists what is in quarantine, demarc status --release " +
                                           digest_.substr(0, 12) + " lets it out"},
                                  Then::next});
  alone_ = wish_.mishaps.broken > 0 || standing == engine::RequestStanding::suspect;
  auto slot = co_await unit_.queue.acquire(context_.loop(), context_.client.cancellation(), deadline(), work());
  if (!slot) co_return fail(why_not(slot.error()));
  queued_ = slot->queued();
  sit(std::move(*slot));
  slots_busy_ = unit_.queue.in_use();
  co_return Result<void, AttemptFailure>{};
}

Task<Result<void, IoError>> EnginePlace::let_others_in() {
  if (unit_.queue.waiting() == 0) co_return Result<void, IoError>{};
  leave();
  engine::Work next = work();
  next.comes_back = true;
  auto slot = co_await unit_.queue.acquire(context_.loop(), stop_, deadline(), std::move(next));
  if (!slot) co_return fail(slot.error() == engine::QueueError::timeout ? IoError::timeout : IoError::cancelled);
  sit(std::move(*slot));
  co_return Result<void, IoError>{};
}

void EnginePlace::sit(engine::Slot slot) {
  slot_ = std::move(slot);
  flight_ = unit_.flights.enter(digest_);
}

void EnginePlace::leave() { settle(true); }

void EnginePlace::broke() {
  flight_.broke();
  unit_.suspect();
}

void EnginePlace::settle(bool served) {
  held_before_ = held(context_.loop().now());
  if (served) flight_.served();
  flight_ = {};
  slot_ = engine::Slot();  // gives the place away
}

std::chrono::nanoseconds EnginePlace::held(Monotonic now) const {
  const bool has_slot = slot_.since().ns != 0;
  return held_before_ + (has_slot ? now - slot_.since() : std::chrono::nanoseconds(0));
}

Deadline EnginePlace::deadline() const { return Deadline::in(context_.loop().now(), std::chrono::milliseconds(context_.limits().first_byte_ms)); }

engine::Work EnginePlace::work() {
  const auto& shares = context_.snapshot->config.shares;
  const auto share = shares.find(context_.caller.team);
  const Usage usage = context_.expected_usage();
  auto expected = context_.services.speeds.expect(spec_.name, usage);
  if (!expected && usage.audio_ms) expected = std::chrono::milliseconds(*usage.audio_ms);  // an engine slower than speech is of no use
  engine::Work work{.work_class = context_.work_class,
                    .team = context_.caller.team,
                    .weight = share == shares.end() ? 1.0 : static_cast<double>(share->second),
                    .expected = expected.value_or(std::chrono::nanoseconds(0)) / std::max<std::int64_t>(1, static_cast<std::int64_t>(wish_.pieces)),
                    .comes_back = wish_.mishaps.displaced > 0,
                    .alone = alone_};
  // What goes piece by piece lets others in between, and would lose what it has.
  const bool in_pieces = wish_.pieces > 1 || engine::places_beside(spec_) > 0;
  const bool may_begin_anew = wish_.can_begin_anew && wish_.mishaps.displaced < kMostDisplaced && !in_pieces;
  if (work.work_class == WorkClass::batch && may_begin_anew)
    work.give_back = [&stop = stop_, alive = std::weak_ptr<bool>(is_displaced_)] {
      const auto displaced = alive.lock();
      if (!displaced) return;
      *displaced = true;
      stop.cancel();
    };
  return work;
}

// What tells this request from others that this model was asked: of a long one its beginning, its end and its length, for no loop has time for more.
std::string EnginePlace::digest_of(const PlaceWish& wish) const {
  constexpr std::size_t kWhole = 1 << 20;
  std::string of = unit_.plan.model.digest + std::string(wish.target) + " " + std::to_string(wish.body.size()) + " ";
  of += wish.body.substr(0, kWhole);
  if (wish.body.size() > kWhole) of += wish.body.substr(std::max(kWhole, wish.body.size() - kWhole));
  std::string digest = keyed_digest(context_.services.pepper, "engine-request", of);
  std::ranges::replace(digest, '/', '_');  // it stands in paths
  std::ranges::replace(digest, '+', '-');
  return digest;
}

AttemptFailure EnginePlace::why_not(engine::QueueError error) const {
  switch (error) {
    case engine::QueueError::cancelled: return {context_.cancelled_error(), Then::stop};
    case engine::QueueError::full:
      return {{.kind = ErrorKind::rate_limited,
               .message = "The queue of " + spec_.name + " is full.",
               .retry_after_s = unit_.queue.expected_wait_ms(context_.work_class, context_.loop().now()) / 1000 + 1},
              Then::next};
    case engine::QueueError::shut: {
      const std::string why = unit_.why_not();
      return {{.kind = ErrorKind::unavailable,
               .message = spec_.name + (why.empty() ? " is down after it ended several times." : " is not loaded: " + why + "."),
               .hint = "demarc status shows what is in memory, and why",
               .retry_after_s = unit_.retry_after_s(context_.loop().now())},
              Then::next};
    }
    case engine::QueueError::timeout: break;
  }
  return {{ErrorKind::unavailable, spec_.name + " did not become free in time."}, Then::next};
}

}  // namespace demarc::gateway
