// find_across: values that somebody cut in two, where a provider puts the pieces together again: the texts of one message's content array, or the
// same field of neighbouring messages.
//
// Neighbours are parts whose paths differ in the last index only, and by one. Around each joint 256 bytes of either side are read as one text; what
// lies on both sides of a joint is added to Examination::across, and what single texts had found of it is taken out there. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "core/request.hpp"
#include "privacy/detector.hpp"
#include "privacy/examine.hpp"

namespace demarc::privacy {

void find_across(const Request& request, const Detectors& detectors, Examination& seen);

// Groups of two or more parts that are read as one text, each in order.
std::vector<std::vector<std::uint32_t>> joined_parts(const Request& request);

// True if the texts, put together, hold a finding of one of these types across a joint.
bool finds_across(const std::vector<std::string>& texts, const Detectors& detectors, const std::function<bool(std::string_view type)>& wanted);

}  // namespace demarc::privacy
