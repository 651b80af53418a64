#include "http/inner/pool.hpp"

#include <sys/socket.h>

#include <algorithm>

namespace demarc::http {
namespace {

constexpr auto kTrustedIdle = std::chrono::milliseconds(10);  // idle for longer: asked whether it still lives, for one system call

// The end of a connection may be in the kernel and not yet with us.
bool still_open(Stream& stream) {
  char byte = 0;
  const ssize_t got = ::recv(stream.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

struct Alarm final : Timer {
  explicit Alarm(std::function<void()> call) : call_(std::move(call)) {}
  void fire() override { call_(); }
  std::function<void()> call_;
};

}  // namespace

Lease::~Lease() {
  if (!pool_) return;
  if (stream_) stream_->close(IoError::closed);
  pool_->free_slot();
}

void Lease::give_back() {
  Pool& pool = *std::exchange(pool_, nullptr);
  pool.put_idle(std::move(stream_));
  pool.free_slot();
}

Pool::~Pool() {
  for (Idle& idle : idle_) idle.stream->unwatch(), idle.stream->close(IoError::closed);
}

bool Pool::fits(const Origin& origin) const {
  return origin.kind == origin_.kind && origin.host == origin_.host && origin.port == origin_.port && origin.unix_path == origin_.unix_path &&
         origin.ca_file == origin_.ca_file && origin.proxy_host == origin_.proxy_host && origin.proxy_port == origin_.proxy_port &&
         origin.proxy_ca_file == origin_.proxy_ca_file;
}

Task<Result<Lease, ConnectFailure>> Pool::lease(Monotonic deadline, Cancellation& cancellation, Freshness freshness) {
  if (in_use_ >= options_.connections_per_origin || !waiting_.empty())
    CO_TRY(co_await wait_for_slot(deadline, cancellation));  // the slot is ours when it returns
  else
    ++in_use_;
  Lease lease(*this);
  if (freshness == Freshness::any)
    if (StreamPtr stream = take_idle()) {
      lease.stream_ = std::move(stream), lease.reused_ = true;
      co_return lease;
    }
  lease.stream_ = CO_TRY(co_await connect(loop_, origin_, deadline, cancellation, memory_));
  co_return lease;
}

// The newest first: the others may then end of age.
StreamPtr Pool::take_idle() {
  while (!idle_.empty()) {
    const Idle idle = std::move(idle_.back());
    idle_.pop_back();
    idle.stream->unwatch();
    idle.stream->set_deadline(kNever);
    const bool rested = loop_.coarse_now() - idle.since > kTrustedIdle;
    if (!idle.stream->ended() && idle.stream->inbox().empty() && (!rested || still_open(*idle.stream))) return idle.stream;
    idle.stream->close(IoError::closed);
  }
  return {};
}

void Pool::put_idle(StreamPtr stream) {
  if (stream->ended() || !stream->inbox().empty() || idle_.size() >= options_.idle_per_origin) return stream->close(IoError::closed);
  stream->set_deadline_in(options_.idle_timeout);
  Stream* watched = stream.get();
  idle_.push_back({std::move(stream), loop_.coarse_now()});
  watched->watch([this, watched] { drop_idle(watched); });
}

void Pool::drop_idle(Stream* stream) {
  const auto found = std::find_if(idle_.begin(), idle_.end(), [&](const Idle& idle) { return idle.stream == stream; });
  if (found == idle_.end()) return;
  const StreamPtr gone = found->stream;
  idle_.erase(found);
  gone->unwatch();
  gone->close(IoError::closed);
}

Task<Result<void, ConnectFailure>> Pool::wait_for_slot(Monotonic deadline, Cancellation& cancellation) {
  const auto waiter = std::make_shared<Waiter>();
  waiting_.push_back(waiter);
  bool timed_out = false, cancelled = cancellation.cancelled();
  Alarm alarm([&] { timed_out = true, waiter->notify(); });
  loop_.timers().set(alarm, deadline);
  const auto hook = cancellation.on_cancel([&] { cancelled = true, waiter->notify(); });
  while (!waiter->granted && !timed_out && !cancelled) co_await *waiter;
  if (!waiter->granted) {
    waiting_.remove(waiter);
  } else if (cancelled) {
    free_slot();
  } else {
    co_return Result<void, ConnectFailure>{};
  }
  if (cancelled) co_return fail(ConnectFailure{IoError::cancelled, "cancelled"});
  co_return fail(ConnectFailure{IoError::timeout, "all connections to the origin are in use"});
}

// The first in line takes it, on a turn of its own: this runs in the middle of somebody else's work.
void Pool::free_slot() {
  --in_use_;
  if (waiting_.empty() || in_use_ >= options_.connections_per_origin) return;
  const std::shared_ptr<Waiter> first = waiting_.front();
  waiting_.pop_front();
  ++in_use_;
  first->granted = true;
  loop_.post([first] { first->notify(); });
}

}  // namespace demarc::http
