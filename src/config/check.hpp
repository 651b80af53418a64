// The first two steps of loading: variables in, then every value against the key tables.
//
//   expand(root, environment, mode, problems);       // "${NAME}" → its value
//   check(root, root_section(), problems);           // unknown and duplicate keys, shapes, ranges, what is missing
//
// Pure but for the Environment. What check() let pass, Fields (fields.hpp) reads without looking twice.
#pragma once

#include "config/config.hpp"
#include "config/keys.hpp"
#include "config/problems.hpp"

namespace demarc::config {

// Replaces ${NAME} in every value (never in keys; a value is not expanded again). With policy_only it only marks them as unexpanded.
void expand(YamlNode& node, const Environment& environment, LoadMode mode, Problems& problems);

void check(const YamlNode& node, const Section& section, Problems& problems);

}  // namespace demarc::config
