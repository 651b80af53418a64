// spelled: the stretches of a text in which somebody wrote a value apart: digits one by one ("4 1 1 1 …"), as words ("four one one one …"), addresses
// with "(at)" and "dot", values that a line break cut in two, or with a page's marks inside. In the reading they stand as one would have written
// them.
//
//   if (const std::optional<Mapped> joined = spelled(text, Signs(text))) …  // nullopt: nothing of that kind
//
// Other stretches are left out; between two that are kept stands a line break, so nothing is read across. Digit words: English, German, French,
// Spanish. Pure; any thread.
#pragma once

#include <optional>
#include <string_view>

#include "privacy/mapped.hpp"
#include "privacy/signs.hpp"

namespace demarc::privacy {

std::optional<Mapped> spelled(std::string_view text, const Signs& signs);

}  // namespace demarc::privacy
