// Turns: who uses the model next, where several requests are at work and each does so piece by piece (a window of sound, a page, a batch).
//
//   Turns turns(settings.slots);
//   {
//     const Turns::Turn turn = turns.take({.work_class = WorkClass::interactive, .pieces_left = 1});     // waits
//     … one piece …
//   }                                                                                                    // the next one's
//
// At most so many at once, and one more that goes before all who are at it: a piece under way cannot be put aside, so the two share the processor
// until it ends, and no other piece begins before that one more has ended. The next is the first by class, then who has fewest pieces left, so that a
// short clip is not behind a long file; but each turn that passes somebody by counts as a piece less for them, so that the long file goes on too. Any
// thread.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <utility>

#include "base/mutex.hpp"
#include "core/operation.hpp"

namespace demarc::workers {

class Turns {
 public:
  struct Wish {
    WorkClass work_class = WorkClass::normal;
    std::size_t pieces_left = 1;  // with this one
  };
  class Turn {
   public:
    Turn(Turn&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)), held_(other.held_) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (owner_ != nullptr) owner_->give_back(held_);
    }

   private:
    friend class Turns;
    Turn(Turns* owner, std::list<Wish>::iterator held) : owner_(owner), held_(held) {}
    Turns* owner_;
    std::list<Wish>::iterator held_;
  };

  explicit Turns(std::size_t at_once) : at_once_(at_once) {}
  Turns(const Turns&) = delete;
  Turns& operator=(const Turns&) = delete;

  Turn take(const Wish& wish);
  [[nodiscard]] std::size_t waiting() const;

 private:
  struct Waiter {
    Wish wish;
    std::size_t passed_by = 0;
    bool granted = false;
    std::list<Wish>::iterator held{};
    [[nodiscard]] std::size_t rank() const { return wish.pieces_left - std::min(wish.pieces_left, passed_by); }
  };
  void give_back(std::list<Wish>::iterator held);
  void grant_next() REQUIRES(mutex_);
  [[nodiscard]] bool may_begin(const Wish& wish) const REQUIRES(mutex_);

  const std::size_t at_once_;

  mutable Mutex mutex_;
  std::condition_variable granted_;
  std::list<Waiter*> waiting_ GUARDED_BY(mutex_);  // by arrival
  std::list<Wish> holders_ GUARDED_BY(mutex_);
};

}  // namespace demarc::workers
