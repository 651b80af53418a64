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
  return {this, self.held};
}

bool Turns::may_begin(const Wish& wish) const {
  if (holders_.size() < at_once_) return true;
  return holders_.size() == at_once_ && std::ranges::all_of(holders_, [&](const Wish& holder) {
           return std::tuple(wish.work_class, wish.pieces_left) < std::tuple(holder.work_class, holder.pieces_left);
         });
}

void Turns::grant_next() {
  while (!waiting_.empty()) {
    const auto next =
        std::ranges::min_element(waiting_, {}, [](const Waiter* waiter) { return std::tuple(waiter->wish.work_class, waiter->rank()); });
    Waiter* const chosen = *next;
    if (!may_begin(chosen->wish)) break;
    waiting_.erase(next);
    for (Waiter* other : waiting_) ++other->passed_by;
    chosen->held = holders_.insert(holders_.end(), chosen->wish);
    chosen->granted = true;
  }
  granted_.notify_all();
}

void Turns::give_back(std::list<Wish>::iterator held) {
  MutexLock lock(mutex_);
  holders_.erase(held);
  grant_next();
}

std::size_t Turns::waiting() const {
  MutexLock lock(mutex_);
  return waiting_.size();
}

}  // namespace demarc::workers
