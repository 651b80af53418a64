// Superseding: an editor asks anew with every keystroke, and what it asked before is of no use to it any more. A fill-in-the-middle of a session that
// the client names takes the place of the one before it: that one is cancelled at once, so that its engine is free for this one.
//
//   Superseding::Place place = superseding.enter(session, loop, [&] { ... });   // cancels who was there
//   ...                                                                         // the place is free again when it dies
//
// `cancel` is called once at most, on the loop it came from, and never after its place died. A session is the keyed digest of records, in which the
// caller's key is an ingredient: nobody cancels somebody else's. As many entries as there are such requests in flight. Any thread; one mutex, held
// for a look-up.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/mutex.hpp"
#include "core/io/loop.hpp"

namespace demarc::gateway {

class Superseding {
  struct Entry;

 public:
  class Place {  // move-only
   public:
    Place() = default;
    Place(Place&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)), entry_(std::move(other.entry_)) {}
    Place& operator=(Place&& other) noexcept {
      std::swap(owner_, other.owner_), std::swap(entry_, other.entry_);
      return *this;
    }
    ~Place();

   private:
    friend class Superseding;
    Place(Superseding* owner, std::shared_ptr<Entry> entry) : owner_(owner), entry_(std::move(entry)) {}
    Superseding* owner_ = nullptr;
    std::shared_ptr<Entry> entry_;
  };

  Superseding() = default;
  Superseding(const Superseding&) = delete;
  Superseding& operator=(const Superseding&) = delete;

  Place enter(std::string session, Loop& loop, std::function<void()> cancel);
  [[nodiscard]] std::size_t size() const;

 private:
  struct Entry {
    std::string session;
    Loop* loop;
    std::function<void()> cancel;  // touched on its own loop only; null: its place died, or it was called
  };
  void leave(const Entry& entry);

  mutable Mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<Entry>> by_session_ GUARDED_BY(mutex_);
};

}  // namespace demarc::gateway
