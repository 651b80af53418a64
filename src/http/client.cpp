#include "http/client.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <vector>

#include "http/inner/format.hpp"
#include "http/inner/outgoing.hpp"

namespace demarc::http {
namespace {

using Sent = Result<std::unique_ptr<IncomingReply>, SendError>;

std::string describe(IoError error) { return "exchange with the upstream: " + std::string(to_string(error)); }

class Client final : public HttpClient {
 public:
  Client(AsioLoop& loop, const ClientOptions& options) : loop_(loop), options_(options) {}

  Task<Sent> send(const Origin& origin, const OutgoingRequest& request, const SendLimits& limits, Cancellation& cancellation,
                  Task<bool> gate) override;

 private:
  Pool& pool_for(const Origin& origin);

  AsioLoop& loop_;
  const ClientOptions options_;
  std::unordered_map<const Origin*, std::unique_ptr<Pool>> pools_;
  std::vector<std::unique_ptr<Pool>> retired_;  // of addresses that an other Origin lives at now; kept while in use
};

Pool& Client::pool_for(const Origin& origin) {
  std::unique_ptr<Pool>& pool = pools_[&origin];
  if (pool && !pool->fits(origin)) retired_.push_back(std::exchange(pool, nullptr));
  if (!pool) {
    std::erase_if(retired_, [](const auto& old) { return !old->in_use(); });
    pool = std::make_unique<Pool>(loop_, options_, origin);
  }
  return *pool;
}

// Whether a request that failed on a pooled connection cannot have been processed, so that a fresh one may carry it.
bool was_stale(const OutgoingCall& call, const OutgoingRequest& request, IoError error) {
  if (!call.reused() || !call.nothing_received()) return false;
  if (error != IoError::closed && error != IoError::reset) return false;
  return call.nothing_sent() || request.method == "GET" || request.method == "HEAD";
}

Task<Sent> Client::send(const Origin& origin, const OutgoingRequest& request, const SendLimits& limits, Cancellation& cancellation, Task<bool> gate) {
  if (!is_token(request.method) || !is_safe_target(request.target))
    co_return fail(SendError{IoError::protocol, false, "method or target is not HTTP"});
  if (cancellation.cancelled()) co_return fail(SendError{IoError::cancelled, false, "cancelled"});
  const Monotonic total_deadline = loop_.coarse_now() + limits.total;
  bool gate_passed = false;
  for (Freshness freshness = Freshness::any;; freshness = Freshness::fresh) {
    const Monotonic connect_deadline = std::min(total_deadline, loop_.coarse_now() + limits.connect);
    auto lease = co_await pool_for(origin).lease(connect_deadline, cancellation, freshness);
    if (!lease) co_return fail(SendError{lease.error().kind, false, lease.error().detail});
    auto call = std::make_unique<OutgoingCall>(*std::move(lease), request, limits, total_deadline, cancellation);
    if (!gate_passed) {
      call->stream().set_deadline(total_deadline);
      gate_passed = co_await std::move(gate);  // NOLINT(bugprone-use-after-move): once: it passes or we return
      if (!gate_passed || cancellation.cancelled()) {
        call->give_back_unused();
        co_return fail(SendError{IoError::cancelled, false, gate_passed ? "cancelled" : "the gate stayed closed"});
      }
    }
    const auto done = co_await call->run(origin, request);
    if (done) co_return std::unique_ptr<IncomingReply>(std::move(call));
    if (!was_stale(*call, request, done.error())) co_return fail(SendError{done.error(), !call->nothing_sent(), describe(done.error())});
  }
}

}  // namespace

std::unique_ptr<HttpClient> make_client(Loop& loop, const ClientOptions& options) {
  return std::make_unique<Client>(dynamic_cast<AsioLoop&>(loop), options);
}

}  // namespace demarc::http
