// Queue: who is served when by an engine that does a few things at once. One for each engine, whatever it is asked for.
//
//   const Work work{.work_class = WorkClass::interactive, .team = "claims", .expected = 2s};
//   auto slot = CO_TRY(co_await queue.acquire(loop, cancellation, deadline, work));   // waits its turn
//   slot.queued();                                                                   // how long that took
//   ...                                                                              // freed when `slot` dies, on whatever path
//
// Order: interactive before normal before batch. Within a class the teams share by weight: a team's turn comes when it was served least, measured in
// expected time by weight (start-time fair queuing: Goyal, Vin, Cheng, SIGCOMM 1996); equal turns by arrival.
// Batch never holds the last of several slots. Of a single slot, and where other work waits, batch work with `give_back` is asked to give up its
// place (the youngest first); it comes back to the queue in its turn. An engine that goes from one request to another between their pieces has
// `beside` places more than slots: for short work, and for what goes before all that it is at.
//
// The gate says whether the engine can take work at all. While it is held (the model is being loaded, the engine restarts) requests wait; while it is
// shut (nobody knows when it will be back) they are refused. Work that is `alone` runs beside nothing else: a request that may have killed its
// engine.
//
// Where each request takes memory of its own (a process for each document), set_most() says for how many there is some.
//
// Bounded, cancellable, with deadline. Any loop may call; one mutex, held for no I/O; a waiter is resumed on its own loop.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/mutex.hpp"
#include "base/result.hpp"
#include "core/io/loop.hpp"
#include "core/io/task.hpp"
#include "core/operation.hpp"

namespace demarc::engine {

enum class QueueError : std::uint8_t { full, timeout, cancelled, shut };
enum class Gate : std::uint8_t { open, held, shut };

struct Work {
  WorkClass work_class = WorkClass::normal;
  std::string team;                      // "": those without one, together
  double weight = 1;                     // of the team; above 0
  std::chrono::nanoseconds expected{0};  // how long it will hold its slot; 0: not known
  bool comes_back = false;               // begun already: not turned away by the limit
  std::function<void()> give_back = {};  // called once at most, on its own loop, while it holds a slot; see above
  bool alone = false;                    // beside nothing else
};

// What the ledger must know of an engine's queue.
struct Demand {
  std::size_t waiting = 0;
  std::uint32_t in_use = 0;
  WorkClass most_urgent = WorkClass::batch;  // of those that wait
  WorkClass last_class = WorkClass::normal;  // that was granted a slot
  Monotonic last_use{}, oldest{};            // of the last grant or release; since when the first of those that wait does
};

class Queue;

class Slot {  // move-only; gives its place back when it dies
 public:
  Slot() = default;
  Slot(Slot&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)), id_(other.id_), queued_(other.queued_), since_(other.since_) {}
  Slot& operator=(Slot&& other) noexcept {
    std::swap(owner_, other.owner_), std::swap(id_, other.id_), std::swap(queued_, other.queued_), std::swap(since_, other.since_);
    return *this;
  }
  ~Slot() { release(); }
  void release();
  [[nodiscard]] std::chrono::nanoseconds queued() const { return queued_; }
  [[nodiscard]] Monotonic since() const { return since_; }  // when it was granted

 private:
  friend class Queue;
  Slot(Queue* owner, std::uint64_t id, std::chrono::nanoseconds queued, Monotonic since) : owner_(owner), id_(id), queued_(queued), since_(since) {}
  Queue* owner_ = nullptr;
  std::uint64_t id_ = 0;
  std::chrono::nanoseconds queued_{0};
  Monotonic since_;
};

struct QueueSettings {
  std::uint32_t slots = 1;               // from 1
  std::size_t limit = 64;                // that wait
  std::uint32_t beside = 0;              // places more than slots
  std::function<void()> on_demand = {};  // somebody waits at a gate that is held, or for memory; must not block nor call the queue
};

class Queue {
 public:
  static constexpr std::chrono::nanoseconds kShort = std::chrono::seconds(20);  // expected, by itself: what may have a place beside

  explicit Queue(const QueueSettings& settings) : settings_(settings), limit_(settings.limit) {}
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  Task<Result<Slot, QueueError>> acquire(Loop& loop, Cancellation& cancellation, Deadline deadline, Work work = {});

  void set_limit(std::size_t limit) {
    MutexLock lock(mutex_);
    limit_ = limit;
  }
  void set_most(std::uint32_t most, Monotonic now);  // at once, from 1, however many slots there are; who is at it stays
  void set_gate(Gate gate, Monotonic now);
  [[nodiscard]] Gate gate() const;
  [[nodiscard]] Demand demand() const;
  [[nodiscard]] std::uint64_t released() const;  // ever
  [[nodiscard]] std::uint32_t total() const { return settings_.slots; }
  [[nodiscard]] std::size_t waiting() const;
  [[nodiscard]] std::array<std::size_t, kWorkClassCount> waiting_by_class() const;
  [[nodiscard]] std::uint32_t in_use() const;
  // What work of this class that came now would wait: what runs and what goes before it, played through. An estimate, for policy and Retry-After.
  [[nodiscard]] std::int64_t expected_wait_ms(WorkClass work_class, Monotonic now) const;

 private:
  friend class Slot;
  enum class Fate : std::uint8_t { waiting, granted, full, timeout, cancelled, shut };
  struct Waiter {
    Loop* loop;
    Work work;
    Monotonic asked;
    std::coroutine_handle<> handle{};
    Fate fate = Fate::waiting;
    double turn = 0;  // the team's, in seconds by weight
    std::uint64_t id = 0;
  };
  using WaiterPtr = std::shared_ptr<Waiter>;
  struct Sooner {
    bool operator()(const WaiterPtr& a, const WaiterPtr& b) const;
  };
  struct Running {
    Loop* loop;
    WorkClass work_class;
    Monotonic since;
    std::chrono::nanoseconds expected;
    std::function<void()> give_back;
    bool alone;
    bool is_asked = false;  // to give its place back
  };
  struct Shares {                                     // of one class
    double now = 0;                                   // the turn that was served last
    std::map<std::string, double, std::less<>> next;  // by team, where it is past `now`
  };

  void enter(Waiter& waiter) REQUIRES(mutex_);  // gives it its turn
  [[nodiscard]] bool has_room(WorkClass work_class, std::chrono::nanoseconds expected, bool alone = false) const REQUIRES(mutex_);
  void start(Waiter& waiter, Monotonic now) REQUIRES(mutex_);
  std::vector<WaiterPtr> start_all(Monotonic now) REQUIRES(mutex_);  // whom there is room for
  static void resume(const std::vector<WaiterPtr>& waiters);
  void ask_back() REQUIRES(mutex_);
  [[nodiscard]] double seconds_of(std::chrono::nanoseconds expected) const REQUIRES(mutex_);
  void settle(const WaiterPtr& waiter, Fate fate);  // if it still waits: takes it out of the queue and resumes it on its loop
  void release(std::uint64_t id, Monotonic now);

  const QueueSettings settings_;
  mutable Mutex mutex_;
  std::size_t limit_ GUARDED_BY(mutex_);
  std::set<WaiterPtr, Sooner> waiting_ GUARDED_BY(mutex_);
  std::map<std::uint64_t, Running> running_ GUARDED_BY(mutex_);
  std::array<Shares, kWorkClassCount> shares_ GUARDED_BY(mutex_);
  std::uint64_t next_id_ GUARDED_BY(mutex_) = 1;
  double mean_held_s_ GUARDED_BY(mutex_) = 0;  // exponentially weighted
  Gate gate_ GUARDED_BY(mutex_) = Gate::open;
  std::uint32_t most_ GUARDED_BY(mutex_) = std::numeric_limits<std::uint32_t>::max();
  WorkClass last_class_ GUARDED_BY(mutex_) = WorkClass::normal;
  Monotonic last_use_ GUARDED_BY(mutex_);
  std::uint64_t released_ GUARDED_BY(mutex_) = 0;
};

}  // namespace demarc::engine
