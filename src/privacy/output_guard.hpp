// OutputGuard: reads the answers. Counts what is in them for the receipt, and hides the types that `outputs: {mask: […]}` names.
//
//   OutputGuard guard(detectors, {"SECRET"});
//   delta.text = guard.feed(delta.channel, delta.text);       // after the Restorer: this is what the caller would see
//   std::string rest = guard.flush(channel);
//   FindingCounts counts = guard.counts();                     // after the last flush
//
// What is hidden becomes [SECRET]. The result does not depend on how the stream is cut. Held back, only while there is something to mask: the word
// that is being written, and from a word with a digit (or a key header) on for as long as a finding may reach; never more than kHoldMax bytes.
// One answer, one guard, one thread.
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
  static constexpr std::size_t kHoldMax = 16 << 10;

  OutputGuard(const Detectors& detectors, std::vector<std::string> mask);  // detectors outlive the guard

  std::string feed(const Channel& channel, std::string_view text);
  std::string flush(const Channel& channel);
  [[nodiscard]] std::vector<Channel> holding() const;
  [[nodiscard]] const FindingCounts& counts() const { return counts_; }

 private:
  struct State {
    std::string seen;          // the last bytes already given out, as they came: context on the left
    std::string held;          // not yet given out
    std::size_t searched = 0;  // bytes of `held` that were looked at without finding a place to cut
  };
  std::string run(State& state, std::string_view text, bool last);
  [[nodiscard]] bool masks(std::string_view type) const;

  const Detectors& detectors_;
  std::vector<std::string> mask_;
  std::map<Channel, State> states_;
  FindingCounts counts_;
};

}  // namespace demarc::privacy
