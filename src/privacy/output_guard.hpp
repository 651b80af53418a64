// OutputGuard: reads the answers. Counts what is in them for the receipt, and hides the types that `outputs: {mask: […]}` names.
//
//   OutputGuard guard(detectors, {"SECRET"});
//   delta.text = guard.feed(delta.channel, delta.text);       // after the Restorer: this is what the caller would see
//   std::string rest = guard.flush(channel);
//   FindingCounts counts = guard.counts();                     // after the last flush
//
// What is hidden becomes [SECRET]. The result does not depend on how the stream is cut. Held back, only while there are types to mask: the word being
// written; a PEM block from its BEGIN to its END; and, if a type of number is masked (card, phone, …), what stands in the last kNumberReach bytes
// from the first word with a digit on. Never more than kHoldMax bytes a channel: what is still open then is hidden, and so is its rest. One answer,
// one guard, one thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/finding.hpp"
#include "core/reply.hpp"
#include "privacy/detector.hpp"

namespace demarc::privacy {

class OutputGuard {
 public:
  static constexpr std::size_t kHoldMax = 16 << 10, kNumberReach = 128;

  OutputGuard(const Detectors& detectors, std::vector<std::string> mask);  // detectors outlive the guard

  std::string feed(const Channel& channel, std::string_view text);
  std::string flush(const Channel& channel);
  [[nodiscard]] std::vector<Channel> holding() const;
  [[nodiscard]] const FindingCounts& counts() const { return counts_; }

 private:
  struct State {
    std::string seen;         // the last bytes that were let go, as they came: what detectors need on the left
    std::string held;         // not yet let go
    bool swallow = false;     // what was too long to hold goes on: drop its characters
    std::string uncounted;    // the text that is still to be counted, behind
    std::size_t counted = 0;  // so many bytes of context
  };
  std::string run(State& state, bool last);
  [[nodiscard]] std::size_t may_let_go(std::string_view held) const;
  void count(State& state, bool last);

  const Detectors& detectors_;
  std::vector<std::string> mask_;
  bool masks_numbers_ = false;
  std::map<Channel, State> states_;
  FindingCounts counts_;
};

}  // namespace demarc::privacy
