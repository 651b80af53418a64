// join_models: one list of findings from what the network and the tagger say about a text (both of the worker, tensor/worker).
//
//   std::vector<Finding> findings = join_models(text, network, tagger);
//
// All that either found counts, but: a "person" within a longer organisation of which the tagger is sure is its name ("Wyndham" of "Wyndham & Sons");
// a number by itself is an address only beside the rest of one or behind a word such as "ZIP"; a street and the town behind it are one address.
// Overlaps are resolved by direct_first(). Pure; any thread.
#pragma once

#include <string_view>
#include <vector>

#include "core/finding.hpp"

namespace demarc::privacy {

std::vector<Finding> join_models(std::string_view text, std::vector<Finding> network, std::vector<Finding> tagger);

}  // namespace demarc::privacy
