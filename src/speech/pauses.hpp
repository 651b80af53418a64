// without_pauses(): a transcript as it was said, where somebody dictates a number with pauses and the speech model writes commas for them.
//
//   Unpaused heard = without_pauses("card 4242, 4242, 4242, 4242.");     // "card 4242 4242 4242 4242."
//   for (const Finding& finding : over_pauses(heard, detectors.find(heard.text))) …        // bytes of the transcript
//
// A comma, full stop or semicolon between a digit and, behind white space, another digit goes. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/finding.hpp"

namespace demarc::speech {

struct Unpaused {
  struct Cut {
    std::size_t at = 0;     // in `text`: before this byte
    std::size_t sofar = 0;  // so many bytes are left out here and before
  };
  std::string text{};
  std::vector<Cut> cuts{};  // none: the text is the one that came
};

Unpaused without_pauses(std::string_view text);

// Of the findings in `heard.text` those that reach over a pause, by their bytes in the text that came: the others are found there as well.
std::vector<Finding> over_pauses(const Unpaused& heard, std::vector<Finding> findings);

}  // namespace demarc::speech
