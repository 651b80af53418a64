// direct_first: resolves overlaps as keep_best() does, but no finding of the group `direct` gives way to one that only counts where policy names it:
// what is called a company by one model and a person by another would leave the house, name and all, as a company; so would an e-mail address in what
// a pattern of the user's takes for a URL.
//
//   "Holloway Insurance": PERSON 0-8, ORGANIZATION 0-18      ->  PERSON "Holloway", ORGANIZATION "Insurance"
//
// What is left of the longer finding keeps its type, without spaces and signs at its ends (with them where `text` is empty, for who does not have
// it). The result is sorted by where it begins. Pure; any thread.
#pragma once

#include <string_view>
#include <vector>

#include "core/finding.hpp"

namespace demarc::privacy {

void direct_first(std::string_view text, std::vector<Finding>& findings);

// The same for findings of several tiers: what a pattern, a check digit or a dictionary vouches for stands, and a model's finding within it goes; of
// one that reaches beyond it, what is left stays.
void join_tiers(std::string_view text, std::vector<Finding>& findings);

}  // namespace demarc::privacy
