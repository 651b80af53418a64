#include "workers/protocol/turns.hpp"

#include <algorithm>
#include <tuple>

namespace demarc::workers {

Turns::Turn Turns::take(const Wish& wish) {
  Waiter self{.wish = wish};
  MutexLock lock(mutex_);
  waiting_.push_back(&self);
  grant_next();
  std::unique_lock native(mutex_.native(), std::adopt_lock);
  while (!self.granted) granted_.wait(native);
  native.release();
  return Turn(this);
}

void Turns::grant_next() {
  while (free_ > 0 && !waiting_.empty()) {
    const auto next =
        std::ranges::min_element(waiting_, {}, [](const Waiter* waiter) { return std::tuple(waiter->wish.work_class, waiter->rank()); });
    Waiter* const chosen = *next;
    waiting_.erase(next);
    for (Waiter* other : waiting_) ++other->passed_by;
    chosen->granted = true;
    --free_;
  }
  granted_.notify_all();
}

void Turns::give_back() {
  MutexLock lock(mutex_);
  ++free_;
  grant_next();
}

std::size_t Turns::waiting() const {
  MutexLock lock(mutex_);
  return waiting_.size();
}

}  // namespace demarc::workers
