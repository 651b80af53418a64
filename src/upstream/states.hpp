// UpstreamStates: what is known at this moment of every candidate: up or down, cooling down, its breaker. The live half of routing; policy ranks by
// it.
//
//   auto states = std::make_shared<UpstreamStates>(routing);
//   decide(policy, routing, attributes, states->view(now), …);
//   states->report(u, m, Outcome::ok, now);               // after each attempt
//   states->cool_down(u, m, 7, now);                      // the upstream asked for it: Retry-After
//   states->set_engine(u, EngineHealth::down, now);       // from the supervisor of a child process
//
// A candidate's breaker opens after kFailuresToOpen failures in a row and stays open for a time that doubles up to a minute; then requests try
// again, and the next failure opens it for longer. Time comes in as a value. Any thread; one mutex, held for a few dozen loads and stores.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.hpp"
#include "base/time.hpp"
#include "core/upstream.hpp"

namespace demarc::upstream {

enum class Outcome : std::uint8_t { ok, server_error, transport_failure, timeout, cancelled };
enum class EngineHealth : std::uint8_t { starting, up, down };

inline constexpr int kFailuresToOpen = 3;
inline constexpr std::chrono::milliseconds kFirstOpen{1'000}, kLongestOpen{60'000};
inline constexpr std::int64_t kLongestCoolDown_s = 3'600;

struct CandidateReport {  // for people
  std::size_t upstream = 0, model = 0;
  bool usable = true;
  std::string why;  // "" while usable: "engine starting", "breaker open for 3 s", "cooling down for 7 s"
  std::uint64_t ok = 0, failed = 0;
};

class UpstreamStates {
 public:
  explicit UpstreamStates(const Routing& routing);
  // Takes over what the former states knew of upstreams of the same name and models: a reload forgets nothing.
  void take_over(const UpstreamStates& former, const Routing& routing, const Routing& former_routing);

  [[nodiscard]] std::vector<std::vector<CandidateState>> view(Monotonic now) const;  // [upstream][model]
  void report(std::size_t upstream, std::size_t model, Outcome outcome, Monotonic now);
  void cool_down(std::size_t upstream, std::size_t model, std::int64_t seconds, Monotonic now);
  void set_engine(std::size_t upstream, EngineHealth health);
  [[nodiscard]] std::vector<CandidateReport> reports(Monotonic now) const;

 private:
  struct Candidate {
    int failures_in_row = 0;
    std::chrono::milliseconds open_for{0};
    Monotonic open_until{}, cool_until{};
    std::uint64_t ok = 0, failed = 0;
  };
  bool usable(std::size_t upstream, const Candidate& candidate, Monotonic now) const REQUIRES(mutex_);

  mutable Mutex mutex_;
  std::vector<std::vector<Candidate>> candidates_ GUARDED_BY(mutex_);
  std::vector<std::optional<EngineHealth>> engines_ GUARDED_BY(mutex_);  // nullopt: not a child of ours
};

}  // namespace demarc::upstream
