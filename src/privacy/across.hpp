// find_across: values that somebody cut in two or more, where a model puts the pieces together again: texts that follow each other in a request
// (of one message or several, whatever their fields), and string fields that follow each other in a JSON document (a tool's arguments, a result).
//
// Around each joint 256 bytes of either side are read as one text; what lies on both sides of a joint is added to Examination::across, and what
// single texts had found of it is taken out there. Pieces of whole texts can be redacted. Those in a document's fields cannot: `pieces` stays empty,
// and redaction refuses. Lists of more than kMostListed strings are not joined: columns of numbers would be full of chance cards. Pure; any thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/request.hpp"
#include "privacy/detector.hpp"
#include "privacy/examine.hpp"

namespace demarc::privacy {

inline constexpr std::size_t kMostListed = 4;

void find_across(const Request& request, const Detectors& detectors, Examination& seen);

// Whether a text's findings across its JSON string fields, if it is a document, hold one of these types.
bool finds_across_fields(std::string_view document, const Detectors& detectors, const std::function<bool(std::string_view type)>& wanted);

// Groups of two or more parts that are read as one text, each in order.
std::vector<std::vector<std::uint32_t>> joined_parts(const Request& request);

// True if the texts, put together, hold a finding of one of these types across a joint.
bool finds_across(const std::vector<std::string>& texts, const Detectors& detectors, const std::function<bool(std::string_view type)>& wanted);

}  // namespace demarc::privacy
