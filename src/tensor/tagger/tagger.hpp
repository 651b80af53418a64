// Tagger: our own small model of names of people, organisations, places and addresses: a conditional random field over words. Thousands of times
// cheaper than a network and knows organisations and countries, which rampart does not; the worker joins both. Trained by tools/train_names.
//
//   const Tagger& tagger = built_in();
//   for (const Tagged& found : tagger.read("Call Jo of Aldermoor Ltd.", least)) …   // {ORGANIZATION, 11, 24, 0.97}
//
// Immutable; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "tensor/tagger/chain.hpp"

namespace demarc::tensor::tagger {

struct Tagged {
  std::size_t type = 0;              // of kTypes
  std::uint32_t begin = 0, end = 0;  // bytes of the text
  float score = 0;                   // mean of its words' probabilities
};

// From which probability on each type counts; more than 1: not asked for.
using Least = std::array<float, kTypes.size()>;

class Tagger {
 public:
  // From the bytes that tools/train_names wrote; they must outlive it. The error is for people.
  static Result<Tagger, std::string> make(std::string_view weights);

  [[nodiscard]] std::vector<Tagged> read(std::string_view utf8, const Least& least) const;

 private:
  Tagger() = default;
  const std::int8_t* weights_ = nullptr;  // buckets × labels
  std::uint32_t buckets_ = 0;
  float unit_ = 0;  // of a weight
  Transitions transitions_{};
};

// The weights that are compiled in.
const Tagger& built_in();

}  // namespace demarc::tensor::tagger
