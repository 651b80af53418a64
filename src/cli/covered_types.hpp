#pragma once

#include <string>

#include "config/config.hpp"
#include "policy/compile.hpp"

namespace demarc::cli {

// What the detectors of this configuration cover; a model that is not installed covers nothing. Fails with every problem of detectors.patterns.
Result<policy::FindingTypes, std::string> covered_types(const config::Config& config, const std::string& data);

}  // namespace demarc::cli
