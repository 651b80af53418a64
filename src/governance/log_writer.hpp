// The one writer of the WAL: takes what waits, commits it with one sync, wakes each loop once.
//
//   LogWriter writer(disk, wal, next_index, open_intents, health);
//   Waiter waiter;  waiter.add(entry, kind);  waiter.loop = &loop, waiter.coroutine = me;
//   if (!writer.enqueue(waiter)) return *waiter.error;        // else the coroutine is resumed on its loop, once it is durable or failed
//
// A Waiter lives in the frame of the coroutine that waits (or on the stack of the thread that blocks): enqueueing allocates nothing.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <coroutine>
#include <cstdint>
#include <optional>
#include <semaphore>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.hpp"
#include "core/io/loop.hpp"
#include "governance/audit_log.hpp"
#include "governance/wal.hpp"

namespace demarc::governance {

// The log's one-way street from healthy to failed. Any thread.
class Health {
 public:
  void fail(std::string why);  // the first reason stays
  [[nodiscard]] bool ok() const { return !failed_.load(std::memory_order_acquire); }
  [[nodiscard]] std::string why() const;

 private:
  std::atomic<bool> failed_{false};
  mutable Mutex mutex_;
  std::string why_ GUARDED_BY(mutex_);
};

struct Waiter {
  struct Entry {
    std::string bytes;
    bool opens = false;                   // an INTENT
    std::optional<std::uint64_t> closes;  // an OUTCOME's intent
  };
  std::array<Entry, 2> entries;
  std::size_t count = 0;
  void add(const Record& record, const Stamp& stamp);

  Loop* loop = nullptr;  // either loop and coroutine …
  std::coroutine_handle<> coroutine;
  std::counting_semaphore<>* blocked = nullptr;  // … or a thread that waits

  std::uint64_t index = 0;  // of the first entry, when durable
  std::optional<LogError> error;
  Waiter* next = nullptr;
};

class LogWriter {
 public:
  LogWriter(WalWriter wal, std::uint64_t next_index, std::set<std::uint64_t> open_intents, Health& health);
  ~LogWriter() { stop(); }
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  bool enqueue(Waiter& waiter);  // false: refused, waiter.error says why; nobody will be woken
  void stop();                   // commits what waits, then ends; later appends are LogError::closed
  [[nodiscard]] std::uint64_t waiting() const { return waiting_.load(std::memory_order_acquire); }  // enqueued, and not woken yet
  [[nodiscard]] std::uint64_t durable_size() const { return durable_.load(std::memory_order_acquire); }

 private:
  struct Batch {
    Waiter* head = nullptr;
    std::string payload;
    std::uint64_t count = 0;
    std::vector<std::uint64_t> opened;
    std::set<std::uint64_t> closed;
  };
  void run();
  bool busy();     // records came while the last ones were committed
  Waiter* take();  // what waits now, in order; null: the end
  [[nodiscard]] bool closes_open_intents(const Waiter& waiter, std::set<std::uint64_t>& closed) const;
  Waiter* gather(Waiter* waiting, Batch& batch);
  void commit(Batch& batch);
  void wake(Waiter* head);

  WalWriter wal_;
  std::uint64_t next_index_;
  std::set<std::uint64_t> open_intents_;
  Health& health_;
  std::atomic<std::uint64_t> durable_, waiting_{0};

  Mutex mutex_;
  std::condition_variable arrived_;
  Waiter* head_ GUARDED_BY(mutex_) = nullptr;
  Waiter* tail_ GUARDED_BY(mutex_) = nullptr;
  std::uint64_t queued_ GUARDED_BY(mutex_) = 0, queued_bytes_ GUARDED_BY(mutex_) = 0;
  bool idle_ GUARDED_BY(mutex_) = false, stopping_ GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace demarc::governance
