// SimNetwork: the providers of a simulated world. What they answer, how long that takes and what goes wrong comes from the world's dice.
//
//   SimNetwork network(loop, dice, {.refused = 0.05, .broken = 0.1});
//   network.sent_to("cloud.example")        // requests whose bytes left, and whether a planted value was among them
//
// A chat is answered with what the last message said, so that what was hidden in it comes back and is restored.
#pragma once

#include <map>
#include <random>
#include <set>

#include "core/io/http.hpp"
#include "loop.hpp"

namespace demarc::sim {

// Values that must never reach a cloud upstream hold one of these.
inline constexpr std::string_view kPlantedNumber = "521-44-", kPlantedMail = "@planted.example";

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  bool chance(double probability) { return std::uniform_real_distribution<>(0, 1)(engine_) < probability; }
  std::int64_t between(std::int64_t least, std::int64_t most) { return std::uniform_int_distribution<std::int64_t>(least, most)(engine_); }
  std::chrono::nanoseconds millis(std::int64_t least, std::int64_t most) { return std::chrono::microseconds(between(least * 1000, most * 1000)); }

 private:
  std::mt19937_64 engine_;
};

// Probabilities, of one attempt.
struct Faults {
  double refused = 0, reset = 0, hangs = 0, server_error = 0, busy = 0, garbled = 0, broken = 0, stalled = 0;
};

struct Sent {
  std::uint64_t requests = 0, planted = 0;
};

class SimNetwork final : public HttpClient {
 public:
  SimNetwork(SimLoop& loop, Dice& dice, Faults faults) : loop_(loop), dice_(dice), faults_(faults) {}
  Task<Result<std::unique_ptr<IncomingReply>, SendError>> send(const Origin& origin, const OutgoingRequest& request, const SendLimits& limits,
                                                               Cancellation& cancellation, Task<bool> gate) override;
  [[nodiscard]] Sent sent_to(const std::string& host) const { return sent_.contains(host) ? sent_.at(host) : Sent{}; }
  [[nodiscard]] std::uint64_t sent() const;
  void set_faults(Faults faults) { faults_ = faults; }

 private:
  SimLoop& loop_;
  Dice& dice_;
  Faults faults_;
  std::map<std::string, Sent> sent_;
};

// Waits, but not beyond a cancellation; false: cancelled.
Task<bool> pause(SimLoop& loop, std::chrono::nanoseconds duration, Cancellation& cancellation);

}  // namespace demarc::sim
