#include "engine/vitals.hpp"

namespace demarc::engine {
namespace {

constexpr std::int64_t kLeastShare = 50;  // one part in so many of a processor counts as using it: answering probes takes less
constexpr std::int64_t kLeastQueued = 5;  // likewise of the time in line: probes wait, too, but no fifth of it

}  // namespace

std::optional<std::string> Vitals::observe(const Signs& signs, Monotonic now) {
  const bool works = signs.in_flight > 0;
  const bool moved = !last_ || signs.counter != last_->counter || works != (last_->in_flight > 0) || (!works && signs.answered);
  last_ = signs;
  if (moved) {
    moved_at_ = cpu_at_ = now, cpu_mark_ms_ = signs.cpu_ms, queued_mark_ms_ = signs.queued_ms;
    return {};
  }
  const std::int64_t since_ms = to_ms(now - cpu_at_);
  if ((signs.cpu_ms - cpu_mark_ms_) * kLeastShare > since_ms || (signs.queued_ms - queued_mark_ms_) * kLeastQueued > since_ms)
    cpu_at_ = now, cpu_mark_ms_ = signs.cpu_ms, queued_mark_ms_ = signs.queued_ms;
  const auto still = now - moved_at_;
  if (now - cpu_at_ <= limits_.hang && still <= limits_.stuck) return {};
  const std::string time = std::to_string(to_ms(still)) + " ms";
  if (!works) return "gave no sign of life for " + time;
  return "made no progress for " + time + " with " + std::to_string(signs.in_flight) + " requests in flight" +
         (now - cpu_at_ <= limits_.hang ? ", though it kept the processor busy" : "");
}

}  // namespace demarc::engine
