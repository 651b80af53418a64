#include "upstream/states.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"

namespace demarc::upstream {
namespace {

constexpr std::int64_t kUsualRest_s = 5;  // an engine that starts, a probe that is due: nobody knows better

std::string_view reason_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok: return "";
    case Outcome::server_error: return "server_error";
    case Outcome::transport_failure: return "transport_failure";
    case Outcome::timeout: return "timeout";
    case Outcome::cancelled: return "cancelled";
  }
  return "";
}

bool same_place(const UpstreamSpec& a, const UpstreamSpec& b) {
  return a.name == b.name && a.tier == b.tier && a.engine == b.engine && a.base_url == b.base_url && a.provider == b.provider &&
         (!a.engine || a.models.front().name == b.models.front().name);
}

}  // namespace

Flight& Flight::operator=(Flight&& other) noexcept {
  if (this != &other) {
    end();
    owner_ = std::move(other.owner_), upstream_ = other.upstream_, began_ = other.began_, probe_ = other.probe_;
  }
  return *this;
}

void Flight::end() {
  if (const auto owner = std::exchange(owner_, nullptr)) owner->landed(upstream_, began_, probe_);
}

void Flight::answered(Monotonic now) {
  if (owner_) owner_->answered(upstream_, now - began_);
}

UpstreamStates::UpstreamStates(const Routing& routing, StateLimits limits, std::uint64_t seed) : limits_(limits), random_(seed) {
  for (const UpstreamSpec& spec : routing.upstreams) {
    Live live;
    live.name = spec.name, live.engine = spec.engine.has_value(), live.local = spec.tier == Tier::local;
    live.health = live.engine ? EngineHealth::unknown : EngineHealth::up;
    live.cool_until.resize(spec.models.size());
    for (const ModelSpec& model : spec.models) live.models.push_back(model.name);
    upstreams_.push_back(std::move(live));
  }
}

std::optional<bool> UpstreamStates::health(const Live& live, Monotonic now) const {
  if (!live.breaker.lets_pass(now, limits_.breaker) || live.health == EngineHealth::down) return false;
  const bool stale = live.probed && now - *live.probed > limits_.health_ttl;
  if (live.health == EngineHealth::unknown || stale) return std::nullopt;
  return true;
}

// An engine's wait is known to its slots, a provider's to nobody. Of a server down the hall: how much longer than its fastest its answers take to
// begin, while something is under way there.
std::int64_t UpstreamStates::queue_ms(const Live& live) {
  if (live.engine || !live.local || live.in_flight == 0) return 0;
  return std::max<std::int64_t>(0, (live.answer_us - live.fastest_us) / 1000);
}

std::vector<std::vector<CandidateState>> UpstreamStates::view(Monotonic now) const {
  MutexLock lock(mutex_);
  std::vector<std::vector<CandidateState>> out;
  out.reserve(upstreams_.size());
  for (const Live& live : upstreams_) {
    const auto healthy = health(live, now);
    const std::int64_t queue = queue_ms(live);
    std::vector<CandidateState>& models = out.emplace_back(live.cool_until.size());
    for (std::size_t m = 0; m < models.size(); ++m) {
      models[m].healthy = now < live.cool_until[m] ? std::optional(false) : healthy;
      models[m].queue_ms = queue;
    }
  }
  return out;
}

std::vector<UpstreamStatus> UpstreamStates::status(Monotonic now) const {
  MutexLock lock(mutex_);
  std::vector<UpstreamStatus> out;
  for (const Live& live : upstreams_) {
    UpstreamStatus status{live.name, health(live, now), live.breaker.state(now), live.reason, live.since, live.in_flight};
    for (std::size_t m = 0; m < live.models.size(); ++m)
      if (now < live.cool_until[m]) status.cooling.push_back(live.models[m]);
    out.push_back(std::move(status));
  }
  return out;
}

std::int64_t UpstreamStates::retry_after_s(std::span<const CandidateIndex> candidates, Monotonic now) const {
  MutexLock lock(mutex_);
  std::int64_t shortest = kUsualRest_s;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const std::int64_t rest = rest_s(upstreams_.at(candidates[i].upstream), candidates[i].model, now);
    shortest = i == 0 ? rest : std::min(shortest, rest);
  }
  return shortest;
}

std::int64_t UpstreamStates::rest_s(const Live& live, std::size_t model, Monotonic now) const {
  Monotonic until = live.cool_until.at(model);
  if (live.breaker.state(now) == BreakerState::open) until = std::max(until, live.breaker.rests_until());
  const std::int64_t left_s = (to_ms(until - now) + 999) / 1000;
  if (now < until) return std::max<std::int64_t>(1, left_s);
  return health(live, now) == true ? 1 : kUsualRest_s;
}

std::optional<Flight> UpstreamStates::begin(std::size_t upstream, std::size_t model, Monotonic now) {
  MutexLock lock(mutex_);
  Live& live = upstreams_.at(upstream);
  if (now < live.cool_until.at(model) || !live.breaker.lets_pass(now, limits_.breaker)) return std::nullopt;
  const bool probe = live.breaker.begin(now, limits_.breaker);
  ++live.in_flight;
  return Flight(shared_from_this(), upstream, now, probe);
}

void UpstreamStates::landed(std::size_t upstream, Monotonic began, bool probe) {
  MutexLock lock(mutex_);
  Live& live = upstreams_.at(upstream);
  CHECK(live.in_flight > 0);
  --live.in_flight;
  if (probe && live.breaker.probe_began() == began) live.breaker.abandoned();  // a report that came first has ended it already
}

void UpstreamStates::answered(std::size_t upstream, std::chrono::nanoseconds after) {
  MutexLock lock(mutex_);
  Live& live = upstreams_.at(upstream);
  const std::int64_t us = std::max<std::int64_t>(1, after.count() / 1000);
  live.answer_us = live.answer_us == 0 ? us : live.answer_us + (us - live.answer_us) / 8;
  live.fastest_us = live.fastest_us == 0 ? us : std::min(us, live.fastest_us + live.fastest_us / 100 + 1);
}

void UpstreamStates::report(std::size_t upstream, std::size_t model, Outcome outcome, Monotonic now) {
  MutexLock lock(mutex_);
  Live& live = upstreams_.at(upstream);
  CHECK(model < live.models.size());
  switch (outcome) {
    case Outcome::cancelled: return;
    case Outcome::ok:
      live.breaker.succeeded();
      if (live.probed) live.probed = now;
      live.reason.clear(), live.since.reset();
      return;
    case Outcome::server_error:
    case Outcome::transport_failure:
    case Outcome::timeout:
      live.breaker.failed(now, limits_.breaker, random());
      if (live.reason != reason_of(outcome)) live.reason = reason_of(outcome), live.since = now;
  }
}

void UpstreamStates::cool_down(std::size_t upstream, std::size_t model, std::int64_t seconds, Monotonic now) {
  MutexLock lock(mutex_);
  const auto longest_s = std::chrono::duration_cast<std::chrono::seconds>(limits_.longest_cool_down).count();
  Live& live = upstreams_.at(upstream);
  Monotonic& until = live.cool_until.at(model);
  until = std::max(until, now + std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, longest_s)));
  live.breaker.abandoned();  // if this was the probe: the upstream lives, but says nothing of its health
}

void UpstreamStates::set_engine(std::size_t upstream, EngineHealth health) {
  MutexLock lock(mutex_);
  Live& live = upstreams_.at(upstream);
  CHECK(live.engine);
  if (health == EngineHealth::up && live.health != EngineHealth::up) live.breaker.succeeded();  // a new process has no past
  live.health = health;
}

void UpstreamStates::report_probe(std::size_t upstream, EngineHealth health, std::string reason, Monotonic now) {
  MutexLock lock(mutex_);
  Live& live = upstreams_.at(upstream);
  live.probed = now;
  if (live.health == health) return;
  live.health = health;
  live.reason = std::move(reason);
  live.since = now;
  if (health == EngineHealth::up) live.reason.clear(), live.since.reset();
}

void UpstreamStates::take_over(const UpstreamStates& former, const Routing& routing, const Routing& former_routing) {
  std::vector<Live> before;
  {
    MutexLock lock(former.mutex_);
    before = former.upstreams_;
  }
  MutexLock lock(mutex_);
  CHECK(before.size() == former_routing.upstreams.size() && upstreams_.size() == routing.upstreams.size());
  for (std::size_t u = 0; u < upstreams_.size(); ++u) {
    for (std::size_t f = 0; f < before.size(); ++f) {
      if (!same_place(routing.upstreams[u], former_routing.upstreams[f])) continue;
      Live& live = upstreams_[u];
      const Live& old = before[f];
      live.health = old.health, live.probed = old.probed, live.breaker = old.breaker, live.reason = old.reason, live.since = old.since;
      live.breaker.abandoned();  // the former's probe lands there
      live.answer_us = old.answer_us, live.fastest_us = old.fastest_us;
      for (std::size_t m = 0; m < live.models.size(); ++m)
        for (std::size_t o = 0; o < old.models.size(); ++o)
          if (live.models[m] == old.models[o]) live.cool_until[m] = old.cool_until[o];
    }
  }
}

std::uint32_t UpstreamStates::random() {  // SplitMix64 (Steele, Lea, Flood 2014): jitter needs no secret
  random_ += 0x9e3779b97f4a7c15U;
  std::uint64_t z = random_;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return static_cast<std::uint32_t>(z >> 32U);
}

}  // namespace demarc::upstream
