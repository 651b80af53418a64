#include "upstream/breaker.hpp"

#include <algorithm>

namespace demarc::upstream {

BreakerState Breaker::state(Monotonic now) const {
  if (opened_ == 0) return BreakerState::closed;
  return now < until_ ? BreakerState::open : BreakerState::half_open;
}

bool Breaker::lets_pass(Monotonic now, const BreakerLimits& limits) const {
  switch (state(now)) {
    case BreakerState::closed: return true;
    case BreakerState::open: return false;
    case BreakerState::half_open: return !probing_ || now - probe_began_ > limits.longest_probe;
  }
  return false;
}

bool Breaker::begin(Monotonic now, const BreakerLimits& limits) {
  if (state(now) != BreakerState::half_open || !lets_pass(now, limits)) return false;
  probing_ = true, probe_began_ = now;
  return true;
}

void Breaker::succeeded() { failures_ = 0, opened_ = 0, probing_ = false; }

void Breaker::failed(Monotonic now, const BreakerLimits& limits, std::uint32_t random) {
  switch (state(now)) {
    case BreakerState::open: return;  // sent before it opened: no news
    case BreakerState::half_open: return open(now, limits, random);
    case BreakerState::closed: break;
  }
  if (failures_ == 0 || now - first_failure_ > limits.window) failures_ = 0, first_failure_ = now;
  if (++failures_ >= limits.failures) open(now, limits, random);
}

void Breaker::open(Monotonic now, const BreakerLimits& limits, std::uint32_t random) {
  constexpr std::uint32_t kMostDoublings = 20;
  const auto rest = std::min(limits.longest_rest, limits.first_rest * (std::int64_t{1} << std::min(opened_, kMostDoublings)));
  ++opened_, probing_ = false;
  until_ = now + rest / 1000 * (800 + random % 401);
}

}  // namespace demarc::upstream
