// UpstreamStates: the live half of the candidates. It hears how attempts end and how engines and probes fare, and tells decide() which candidates can
// be used now.
//
//   auto states = std::make_shared<UpstreamStates>(routing);
//   policy::decide(policy, routing, attributes, states->view(now));
//   auto flight = states->begin(upstream, model, now);               // before an attempt; nullopt: not now, take the next of the plan
//   states->report(upstream, model, Outcome::server_error, now);     // after it
//   states->cool_down(upstream, model, seconds, now);                // after a 429, or any answer with Retry-After
//
// An engine's health is unknown until set_engine(). An upstream that somebody else runs counts as up until its breaker opens or a probe says
// otherwise; once a probe was reported, news older than `health_ttl` makes it unknown, which is as good as down. Any thread may call; one mutex, held
// for a copy of a few words per candidate and for no I/O. Time comes in as a value.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/mutex.hpp"
#include "core/decision.hpp"
#include "core/upstream.hpp"
#include "upstream/breaker.hpp"

namespace demarc::upstream {

enum class EngineHealth : std::uint8_t { unknown, up, down };

// How an attempt ended, as far as it says something about the upstream.
enum class Outcome : std::uint8_t {
  ok,                 // it answered, even if with the caller's own mistake (4xx)
  server_error,       // 5xx
  transport_failure,  // refused, reset, TLS, protocol
  timeout,            // no answer in time
  cancelled,          // the client went away: says nothing
};

struct StateLimits {
  BreakerLimits breaker{};
  std::chrono::nanoseconds health_ttl = std::chrono::seconds(30);
  std::chrono::nanoseconds longest_cool_down = std::chrono::hours(1);  // a Retry-After beyond is cut to this
};

// For people, /metrics and explain.
struct UpstreamStatus {
  std::string name;
  std::optional<bool> healthy;  // nullopt: unknown
  BreakerState breaker = BreakerState::closed;
  std::string reason{};              // why it is not up: "timeout", "probe: connection refused", …; "" if it is
  std::optional<Monotonic> since{};  // of that reason
  std::uint32_t in_flight = 0;
  std::vector<std::string> cooling{};  // models that rest after a 429
};

class UpstreamStates;

// One attempt under way: counted from begin() until it dies. Move-only.
class Flight {
 public:
  Flight(Flight&& other) noexcept = default;
  Flight& operator=(Flight&& other) noexcept;
  ~Flight() { end(); }
  // The answer began: what this upstream takes to do so is the base of its queue estimate.
  void answered(Monotonic now);

 private:
  friend class UpstreamStates;
  Flight(std::shared_ptr<UpstreamStates> owner, std::size_t upstream, Monotonic began, bool probe)
      : owner_(std::move(owner)), upstream_(upstream), began_(began), probe_(probe) {}
  void end();
  std::shared_ptr<UpstreamStates> owner_;
  std::size_t upstream_ = 0;
  Monotonic began_;
  bool probe_ = false;
};

class UpstreamStates : public std::enable_shared_from_this<UpstreamStates> {
 public:
  // `seed` moves the jitter of the breakers; give each process its own.
  explicit UpstreamStates(const Routing& routing, StateLimits limits = {}, std::uint64_t seed = 1);

  // One CandidateState per upstream and model of the routing. `healthy` and `queue_ms` are filled in; price, quality and pins are others' knowledge.
  [[nodiscard]] std::vector<std::vector<CandidateState>> view(Monotonic now) const EXCLUDES(mutex_);
  [[nodiscard]] std::vector<UpstreamStatus> status(Monotonic now) const EXCLUDES(mutex_);
  // When the first of these may be usable again, in whole seconds rounded up, from 1; for Retry-After.
  [[nodiscard]] std::int64_t retry_after_s(std::span<const CandidateIndex> candidates, Monotonic now) const EXCLUDES(mutex_);

  // nullopt: its breaker is open or another request probes it, or the model cools down.
  std::optional<Flight> begin(std::size_t upstream, std::size_t model, Monotonic now) EXCLUDES(mutex_);
  void report(std::size_t upstream, std::size_t model, Outcome outcome, Monotonic now) EXCLUDES(mutex_);
  void cool_down(std::size_t upstream, std::size_t model, std::int64_t seconds, Monotonic now) EXCLUDES(mutex_);

  void set_engine(std::size_t upstream, EngineHealth health) EXCLUDES(mutex_);
  // `reason` is a short machine word, never text of an answer.
  void report_probe(std::size_t upstream, EngineHealth health, std::string reason, Monotonic now) EXCLUDES(mutex_);

  // After a reload: what is known of upstreams that are the same in both configurations.
  void take_over(const UpstreamStates& former, const Routing& routing, const Routing& former_routing) EXCLUDES(mutex_);

 private:
  friend class Flight;
  struct Live {
    bool engine = false, local = false;
    EngineHealth health = EngineHealth::up;
    std::optional<Monotonic> probed{};
    Breaker breaker{};
    std::string reason{};
    std::optional<Monotonic> since{};
    std::uint32_t in_flight = 0;
    std::int64_t answer_us = 0, fastest_us = 0;  // moving average and slowly forgotten minimum of the time to an answer's beginning; 0: none yet
    std::vector<Monotonic> cool_until{};         // by model
    std::vector<std::string> models{};
    std::string name{};
  };

  [[nodiscard]] std::optional<bool> health(const Live& live, Monotonic now) const REQUIRES(mutex_);
  [[nodiscard]] std::int64_t rest_s(const Live& live, std::size_t model, Monotonic now) const REQUIRES(mutex_);
  [[nodiscard]] static std::int64_t queue_ms(const Live& live);
  std::uint32_t random() REQUIRES(mutex_);
  void landed(std::size_t upstream, Monotonic began, bool probe) EXCLUDES(mutex_);
  void answered(std::size_t upstream, std::chrono::nanoseconds after) EXCLUDES(mutex_);

  const StateLimits limits_;
  mutable Mutex mutex_;
  std::vector<Live> upstreams_ GUARDED_BY(mutex_);
  std::uint64_t random_ GUARDED_BY(mutex_);
};

}  // namespace demarc::upstream
