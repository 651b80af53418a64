#include "http/inner/timers.hpp"

namespace demarc::http {

Timer::~Timer() {
  if (owner_) owner_->remove(*this);
}

Timers::~Timers() {
  for (Timer* timer : heap_) timer->owner_ = nullptr, timer->slot_ = Timer::kNowhere;
}

void Timers::set(Timer& timer, Monotonic due) {
  timer.due_ = due;
  if (due == kNever || (timer.slot_ != Timer::kNowhere && timer.filed_ <= due)) return;
  file(timer, due);
  ask();
}

void Timers::file(Timer& timer, Monotonic at) {
  timer.filed_ = at;
  if (timer.slot_ == Timer::kNowhere) {
    timer.owner_ = this;
    heap_.push_back(&timer), timer.slot_ = heap_.size() - 1;
  }
  const std::size_t slot = timer.slot_;
  sift_up(slot);
  sift_down(timer.slot_);
}

void Timers::remove(Timer& timer) {
  const std::size_t slot = timer.slot_;
  timer.owner_ = nullptr, timer.due_ = kNever, timer.slot_ = Timer::kNowhere;
  if (slot == Timer::kNowhere) return;
  Timer* last = heap_.back();
  heap_.pop_back();
  if (last == &timer) return;
  place(slot, last);
  sift_up(slot);
  sift_down(last->slot_);
}

void Timers::run_due(Monotonic now) {
  asked_ = kNever;
  while (!heap_.empty() && heap_.front()->filed_ <= now) {
    Timer& timer = *heap_.front();
    if (timer.due_ == kNever) {
      remove(timer);
    } else if (timer.due_ > now) {
      file(timer, timer.due_);
    } else {
      remove(timer);
      timer.fire();
    }
  }
  ask();
}

void Timers::ask() {
  if (heap_.empty() || heap_.front()->filed_ >= asked_) return;
  asked_ = heap_.front()->filed_;
  wake_at_(asked_);
}

void Timers::sift_up(std::size_t slot) {
  Timer* timer = heap_[slot];
  while (slot > 0) {
    const std::size_t parent = (slot - 1) / 2;
    if (heap_[parent]->filed_ <= timer->filed_) break;
    place(slot, heap_[parent]);
    slot = parent;
  }
  place(slot, timer);
}

void Timers::sift_down(std::size_t slot) {
  Timer* timer = heap_[slot];
  for (;;) {
    std::size_t child = 2 * slot + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1]->filed_ < heap_[child]->filed_) ++child;
    if (timer->filed_ <= heap_[child]->filed_) break;
    place(slot, heap_[child]);
    slot = child;
  }
  place(slot, timer);
}

}  // namespace demarc::http
