// Pool: the connections of one loop to one origin. Internal to http/; the loop's thread only.
//
//   Lease lease = CO_TRY(co_await pool.lease(deadline, cancellation, Fresh::no));
//   ... lease.stream() ...
//   lease.give_back();          // in good order; a Lease dropped otherwise closes its connection
//
// At most `connections_per_origin` in use at once (idle ones come on top, at most idle_per_origin); more wait in line until one is free, first come
// first served. An idle connection is watched: it leaves the pool when its peer closes it, says something unasked, or it was idle for too long.
#pragma once

#include <deque>
#include <list>
#include <memory>

#include "http/client.hpp"
#include "http/inner/connect.hpp"
#include "http/inner/signal.hpp"

namespace demarc::http {

enum class Freshness : std::uint8_t { any, fresh };

class Pool;

class Lease {
 public:
  explicit Lease(Pool& pool) : pool_(&pool) {}
  Lease(Lease&& other) noexcept : pool_(std::exchange(other.pool_, nullptr)), stream_(std::move(other.stream_)), reused_(other.reused_) {}
  Lease& operator=(Lease&&) = delete;
  ~Lease();
  [[nodiscard]] Stream& stream() const { return *stream_; }
  [[nodiscard]] bool reused() const { return reused_; }
  void give_back();

 private:
  friend class Pool;
  Pool* pool_;
  StreamPtr stream_;
  bool reused_ = false;
};

class Pool {
 public:
  Pool(AsioLoop& loop, const ClientOptions& options, const Origin& origin) : loop_(loop), options_(options), origin_(origin) {}
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool();

  Task<Result<Lease, ConnectFailure>> lease(Monotonic deadline, Cancellation& cancellation, Freshness freshness);
  // Whether this pool's connections are what `origin` asks for; an Origin's address in memory may be used again after a reload.
  [[nodiscard]] bool fits(const Origin& origin) const;

  [[nodiscard]] bool in_use() const { return in_use_ > 0 || !waiting_.empty(); }

 private:
  friend class Lease;
  struct Idle {
    StreamPtr stream;
    Monotonic since;
  };
  struct Waiter : Signal {
    bool granted = false;
  };

  StreamPtr take_idle();
  Task<Result<void, ConnectFailure>> wait_for_slot(Monotonic deadline, Cancellation& cancellation);
  void put_idle(StreamPtr stream);
  void drop_idle(Stream* stream);
  void free_slot();

  AsioLoop& loop_;
  const ClientOptions& options_;
  const Origin origin_;  // a copy
  std::deque<Idle> idle_;
  std::list<std::shared_ptr<Waiter>> waiting_;
  std::size_t in_use_ = 0;  // leased, or being connected
  std::shared_ptr<TlsMemory> memory_ = std::make_shared<TlsMemory>();
};

}  // namespace demarc::http
