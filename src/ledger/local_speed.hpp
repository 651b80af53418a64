// LocalSpeeds: how long our own engines take for an amount of work, learned from what they did: the basis of "what would this have cost locally".
//
//   speeds.learn("chat-local", usage, held);                           // after each local answer
//   std::optional<std::chrono::nanoseconds> ns = speeds.expect("chat-local", usage);   // nullopt: never measured
//
// Time per output token (per input token where there is no output, per second of audio where there is audio), over the last answers: the sums are
// halved whenever they hold 1,024, so that an engine that became slower is noticed. Any thread; one mutex; at most 4,096 upstreams.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/mutex.hpp"
#include "base/strings.hpp"
#include "core/model_profile.hpp"
#include "core/usage.hpp"

namespace demarc::ledger {

class LocalSpeeds {
 public:
  void learn(std::string_view upstream, const Usage& usage, std::chrono::nanoseconds held);
  // What a bench measured of it, until it has answered itself: counts as one answer of each kind, so the first real ones soon outweigh it.
  void foresee(std::string_view upstream, const ModelProfile& profile);
  [[nodiscard]] std::optional<std::chrono::nanoseconds> expect(std::string_view upstream, const Usage& usage) const;

 private:
  enum class WorkKind : std::uint8_t { input, output, audio, pages };
  struct Work {  // what takes the time in a usage
    WorkKind kind;
    std::int64_t units;  // tokens, or milliseconds of audio
  };
  struct Sum {
    std::int64_t units = 0, held_ns = 0, answers = 0;
  };
  static Work work_of(const Usage& usage);

  mutable Mutex mutex_;
  std::unordered_map<std::string, std::array<Sum, 4>, TransparentHash, std::equal_to<>> speeds_ GUARDED_BY(mutex_);
};

}  // namespace demarc::ledger
