#include "gateway/client_stream.hpp"

#include <vector>

namespace demarc::gateway {
namespace {

constexpr std::chrono::milliseconds kTick{500};
constexpr std::chrono::seconds kKeepAliveAfter{15};

}  // namespace

struct ClientStream::State {
  State(Exchange& exchange_in, std::chrono::milliseconds hold_most_in, KeepAlive keep_alive_in)
      : exchange(exchange_in),
        loop(exchange_in.loop()),
        hold_most(hold_most_in),
        keep_alive(std::move(keep_alive_in)),
        last_write(exchange_in.loop().now()) {}
  Exchange& exchange;  // gone once closed
  Loop& loop;
  const std::chrono::milliseconds hold_most;
  const KeepAlive keep_alive;
  Monotonic last_write;
  bool begun = false, closed = false, busy = false;
  std::optional<Monotonic> held_since;
  std::string held;
  Headers headers;
  std::vector<std::coroutine_handle<>> waiting;  // for the lock, in order: two at most

  // The lock: at most one of relay and `beside` writes.
  auto lock() {
    struct Awaiter {
      State& state;
      bool await_ready() const { return !state.busy; }
      void await_suspend(std::coroutine_handle<> awaiting) { state.waiting.push_back(awaiting); }
      void await_resume() const { state.busy = true; }
    };
    return Awaiter{*this};
  }
  void unlock() {
    busy = false;
    if (waiting.empty()) return;
    const auto next = waiting.front();
    waiting.erase(waiting.begin());
    next.resume();
  }

  Task<Result<void, IoError>> put(std::string_view bytes) {
    last_write = exchange.loop().now();
    if (begun) return bytes.empty() ? nothing() : exchange.write(bytes);
    return put_first(bytes);
  }

  Task<Result<void, IoError>> put_first(std::string_view bytes) {
    begun = true;
    std::string all = std::exchange(held, {});
    all += bytes;
    held_since.reset();
    const Headers first = std::exchange(headers, {});
    if (auto started = co_await exchange.begin(200, first); !started) co_return started;
    if (all.empty()) co_return Result<void, IoError>{};
    co_return co_await exchange.write(all);
  }

  static Task<Result<void, IoError>> nothing() { co_return Result<void, IoError>{}; }
};

ClientStream::ClientStream(Exchange& exchange, std::chrono::milliseconds hold_most, KeepAlive keep_alive)
    : state_(std::make_shared<State>(exchange, hold_most, std::move(keep_alive))) {
  spawn(beside(state_));
}

ClientStream::~ClientStream() { CHECK(state_->closed); }

Task<void> ClientStream::beside(std::shared_ptr<State> state) {
  for (;;) {
    co_await state->loop.sleep(kTick);
    if (state->closed) co_return;
    if (state->busy) continue;
    const Monotonic now = state->exchange.loop().now();
    const bool held_too_long = !state->begun && state->held_since && now - *state->held_since > state->hold_most;
    const bool silent = state->begun && now - state->last_write > kKeepAliveAfter;
    if (!held_too_long && !silent) continue;
    co_await state->lock();
    const std::string bytes = silent ? state->keep_alive() : std::string();
    static_cast<void>(co_await state->put(bytes));
    state->unlock();
  }
}

void ClientStream::set_headers(Headers headers) { state_->headers = std::move(headers); }

void ClientStream::hold(std::string_view bytes) {
  if (!state_->held_since) state_->held_since = state_->exchange.loop().now();
  state_->held += bytes;
}

Task<Result<void, IoError>> ClientStream::write(std::string_view bytes) {
  co_await state_->lock();
  auto written = co_await state_->put(bytes);
  state_->unlock();
  co_return written;
}

Task<Result<void, IoError>> ClientStream::finish(std::string_view bytes, const Headers& trailers) {
  co_await state_->lock();
  auto written = co_await state_->put(bytes);
  if (written) written = co_await state_->exchange.finish(trailers);
  state_->unlock();
  co_return written;
}

Task<void> ClientStream::close() {
  co_await state_->lock();
  state_->closed = true;
  state_->unlock();
}

bool ClientStream::begun() const { return state_->begun; }

}  // namespace demarc::gateway
