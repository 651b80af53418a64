// EnginePlace: an attempt's place at one of our own engines: its turn in the queue, what it holds there, and whether the engine came through it.
//
//   EnginePlace place(context, spec, *unit, stop);
//   CO_TRY(co_await place.take({.target = target, .body = body}));     // or why not, for the caller
//   … CO_TRY(co_await place.let_others_in()); …                         // between two pieces of it
//   place.leave();                                                      // the engine has said all
//
// `stop` is cancelled when the place is wanted for others (is_displaced()). One loop; freed when it dies.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/attempt_failure.hpp"
#include "gateway/context.hpp"
#include "gateway/engine_unit.hpp"

namespace demarc::gateway {

// What befell a request at engines so far.
struct Mishaps {
  std::uint32_t displaced = 0;  // it had to give its place to others
  std::uint32_t broken = 0;     // the engine broke off: it may have died of this very request
};

struct PlaceWish {
  std::string_view target, body;  // of what the engine is asked
  std::size_t pieces = 1;         // it goes in so many
  bool can_begin_anew = true;     // nothing of the answer is sent before it is whole
  Mishaps mishaps{};
};

class EnginePlace {
 public:
  // All must outlive it.
  EnginePlace(RequestContext& context, const UpstreamSpec& spec, EngineUnit& unit, Cancellation& stop)
      : context_(context), spec_(spec), unit_(unit), stop_(stop) {}
  EnginePlace(const EnginePlace&) = delete;
  EnginePlace& operator=(const EnginePlace&) = delete;

  Task<Result<void, AttemptFailure>> take(const PlaceWish& wish);
  // Whoever goes before has the place first. What is begun is not turned away because the queue is full.
  Task<Result<void, IoError>> let_others_in();
  void leave();  // it answered
  void broke();  // it broke off: it may have died of the request
  // Frees the place, if it is still held. `served`: the whole attempt was, so the engine came through.
  void settle(bool served);

  [[nodiscard]] bool is_displaced() const { return *is_displaced_; }
  [[nodiscard]] std::chrono::nanoseconds queued() const { return queued_; }
  [[nodiscard]] std::chrono::nanoseconds held(Monotonic now) const;  // all its times there together
  [[nodiscard]] std::uint32_t slots_busy() const { return slots_busy_; }

 private:
  [[nodiscard]] engine::Work work();
  [[nodiscard]] std::string digest_of(const PlaceWish& wish) const;
  [[nodiscard]] AttemptFailure why_not(engine::QueueError error) const;
  [[nodiscard]] Deadline deadline() const;
  void sit(engine::Slot slot);

  RequestContext& context_;
  const UpstreamSpec& spec_;
  EngineUnit& unit_;
  Cancellation& stop_;
  PlaceWish wish_;      // without its views
  std::string digest_;  // of what the engine is asked, keyed
  bool alone_ = false;  // an engine may have died of it: nobody else is there with it
  const std::shared_ptr<bool> is_displaced_ = std::make_shared<bool>(false);
  engine::Slot slot_;
  engine::Flights::Flight flight_;
  std::chrono::nanoseconds queued_{0}, held_before_{0};  // held_before_: of the slots that it gave away
  std::uint32_t slots_busy_ = 1;
};

}  // namespace demarc::gateway
