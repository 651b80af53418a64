// Breaker: stops sending to an upstream that keeps failing, and lets one request at a time find out whether it is back.
//
//   closed --(failures in a row)--> open --(rest is over)--> half open --(success)--> closed
//                                     ^------(failure, twice the rest)------'
//
// Rest: 1 s, 2 s, 4 s … to a minute, each times 0.8 to 1.2, so that many gateways do not come back in step. Time comes in as a value. Not shared
// between threads; UpstreamStates keeps one per upstream under its lock.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/time.hpp"

namespace demarc::upstream {

struct BreakerLimits {
  std::uint32_t failures = 5;                                  // in a row …
  std::chrono::nanoseconds window = std::chrono::seconds(30);  // … within this
  std::chrono::nanoseconds first_rest = std::chrono::seconds(1);
  std::chrono::nanoseconds longest_rest = std::chrono::seconds(60);
  std::chrono::nanoseconds longest_probe = std::chrono::seconds(60);  // a probe nobody heard of again is given up
};

enum class BreakerState : std::uint8_t { closed, open, half_open };

class Breaker {
 public:
  [[nodiscard]] BreakerState state(Monotonic now) const;
  // May a request be sent now? In half open: only while no other probes.
  [[nodiscard]] bool lets_pass(Monotonic now, const BreakerLimits& limits) const;
  // A request begins; true if it is the probe of a half-open breaker, which must end in succeeded(), failed() or abandoned().
  bool begin(Monotonic now, const BreakerLimits& limits);
  void succeeded();
  void failed(Monotonic now, const BreakerLimits& limits, std::uint32_t random);  // random: any 32 bits, for the jitter
  void abandoned() { probing_ = false; }
  [[nodiscard]] Monotonic rests_until() const { return until_; }
  [[nodiscard]] Monotonic probe_began() const { return probe_began_; }

 private:
  void open(Monotonic now, const BreakerLimits& limits, std::uint32_t random);

  std::uint32_t failures_ = 0;  // in a row
  Monotonic first_failure_;
  std::uint32_t opened_ = 0;  // times in a row; 0: closed
  Monotonic until_;
  bool probing_ = false;
  Monotonic probe_began_;
};

}  // namespace demarc::upstream
