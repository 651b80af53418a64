#include "upstream/states.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace demarc::upstream {
namespace {

std::string seconds_left(Monotonic until, Monotonic now) { return std::to_string((until - now).count() / 1'000'000'000 + 1) + " s"; }

}  // namespace

UpstreamStates::UpstreamStates(const Routing& routing) {
  for (const UpstreamSpec& spec : routing.upstreams) {
    candidates_.emplace_back(spec.models.size());
    engines_.push_back(spec.engine ? std::optional(EngineHealth::starting) : std::nullopt);
  }
}

void UpstreamStates::take_over(const UpstreamStates& former, const Routing& routing, const Routing& former_routing) {
  MutexLock lock(mutex_);
  MutexLock former_lock(former.mutex_);
  for (std::size_t u = 0; u < routing.upstreams.size(); ++u)
    for (std::size_t f = 0; f < former_routing.upstreams.size(); ++f) {
      const UpstreamSpec &spec = routing.upstreams[u], &old = former_routing.upstreams[f];
      if (spec.name != old.name || spec.base_url != old.base_url || spec.engine != old.engine) continue;
      for (std::size_t m = 0; m < spec.models.size(); ++m)
        for (std::size_t n = 0; n < old.models.size(); ++n)
          if (spec.models[m].name == old.models[n].name) candidates_[u][m] = former.candidates_[f][n];
    }
}

bool UpstreamStates::usable(std::size_t upstream, const Candidate& candidate, Monotonic now) const {
  if (engines_[upstream] && *engines_[upstream] != EngineHealth::up) return false;
  return now >= candidate.open_until && now >= candidate.cool_until;
}

std::vector<std::vector<CandidateState>> UpstreamStates::view(Monotonic now) const {
  MutexLock lock(mutex_);
  std::vector<std::vector<CandidateState>> states(candidates_.size());
  for (std::size_t u = 0; u < candidates_.size(); ++u) {
    states[u].resize(candidates_[u].size());
    for (std::size_t m = 0; m < candidates_[u].size(); ++m) states[u][m].healthy = usable(u, candidates_[u][m], now);
  }
  return states;
}

void UpstreamStates::report(std::size_t upstream, std::size_t model, Outcome outcome, Monotonic now) {
  MutexLock lock(mutex_);
  Candidate& candidate = candidates_.at(upstream).at(model);
  switch (outcome) {
    case Outcome::cancelled: return;  // says nothing of the upstream
    case Outcome::ok:
      ++candidate.ok;
      candidate.failures_in_row = 0, candidate.open_for = std::chrono::milliseconds(0), candidate.open_until = {};
      return;
    case Outcome::server_error:
    case Outcome::transport_failure:
    case Outcome::timeout: break;
  }
  ++candidate.failed;
  if (++candidate.failures_in_row < kFailuresToOpen || now < candidate.open_until) return;
  candidate.open_for = candidate.open_for.count() == 0 ? kFirstOpen : std::min(candidate.open_for * 2, kLongestOpen);
  candidate.open_until = now + candidate.open_for;
}

void UpstreamStates::cool_down(std::size_t upstream, std::size_t model, std::int64_t seconds, Monotonic now) {
  MutexLock lock(mutex_);
  Candidate& candidate = candidates_.at(upstream).at(model);
  ++candidate.failed;
  candidate.cool_until = std::max(candidate.cool_until, now + std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, kLongestCoolDown_s)));
}

void UpstreamStates::set_engine(std::size_t upstream, EngineHealth health) {
  MutexLock lock(mutex_);
  CHECK(engines_.at(upstream).has_value());
  engines_[upstream] = health;
  if (health != EngineHealth::up) return;
  for (Candidate& candidate : candidates_[upstream])
    candidate.failures_in_row = 0, candidate.open_until = {}, candidate.open_for = std::chrono::milliseconds(0);
}

std::vector<CandidateReport> UpstreamStates::reports(Monotonic now) const {
  MutexLock lock(mutex_);
  std::vector<CandidateReport> reports;
  for (std::size_t u = 0; u < candidates_.size(); ++u)
    for (std::size_t m = 0; m < candidates_[u].size(); ++m) {
      const Candidate& candidate = candidates_[u][m];
      CandidateReport report{.upstream = u, .model = m, .usable = usable(u, candidate, now), .ok = candidate.ok, .failed = candidate.failed};
      if (engines_[u] == EngineHealth::starting)
        report.why = "engine starting";
      else if (engines_[u] == EngineHealth::down)
        report.why = "engine down";
      else if (now < candidate.cool_until)
        report.why = "cooling down for " + seconds_left(candidate.cool_until, now);
      else if (now < candidate.open_until)
        report.why = "breaker open for " + seconds_left(candidate.open_until, now);
      reports.push_back(std::move(report));
    }
  return reports;
}

}  // namespace demarc::upstream
