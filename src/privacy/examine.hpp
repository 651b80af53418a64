// examine: what is in a request, as far as its texts can be read here. Policy decides on the counts, redaction works on the places.
//
//   Examination seen = examine(request, detectors, {.clock = &clock, .deadline = deadline});
//   attributes.findings = seen.counts ? Attribute<FindingCounts>(*seen.counts) : Unknown{};
//   attributes.unexamined = seen.unexamined;
//
// Every string counts, keys, numbers and tool results too; a string that is itself JSON is read leaf by leaf, as deep as it is nested; a value cut in
// two between neighbouring texts of one message is seen as well. It fails closed: past a limit, or where a part cannot be read, counts are unknown.
// Pure; any thread. A detector that is a model adds what it found with add(), before redaction.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/attributes.hpp"
#include "core/finding.hpp"
#include "core/io/loop.hpp"
#include "core/request.hpp"
#include "privacy/detector.hpp"

namespace demarc::privacy {

// Where a text stands: a part of the request, then one JSON string within the other.
struct Place {
  std::uint32_t part = 0;
  std::vector<Span> leaf{};  // leaf[0]: token in the part's text; leaf[1]: token in the unescaped text of that; … empty: the part's text itself
};

struct FoundText {
  Place place;
  std::vector<Finding> findings{};  // bytes of the decoded text at `place`; sorted, not overlapping
};

// One value that runs over several texts. Not counted in those, only here.
struct FoundAcross {
  struct Piece {
    std::uint32_t part = 0;
    Span span{};  // in the part's text
  };
  Finding finding;  // type, kind, score, tier; begin and end are those of the first piece
  std::vector<Piece> pieces{};
};

enum class Unreadable : std::uint8_t { none, opaque, remote, declared, depth, size, time, detector, language };
std::string_view to_string(Unreadable);

struct Examination {
  std::optional<FindingCounts> counts = FindingCounts{};  // nullopt: unknown
  Unreadable unreadable = Unreadable::none;               // why they are unknown: the first reason met
  std::vector<FoundText> texts{};                         // only those in which something was found; in the order of the request
  std::vector<FoundAcross> across{};
  std::vector<Media> unexamined{};  // kinds of media in the request that nobody read; each once

  // Adds what another detector found in `text`, which stands at `place`, and counts it. Overlaps are resolved (join_tiers).
  void add(const Place& place, std::vector<Finding> findings, std::string_view text = {});
};

struct ExamineLimits {
  std::size_t text_bytes = std::size_t{64} << 20;  // over all decoded texts
  std::uint32_t depth = 6;                         // JSON strings within JSON strings
  Deadline deadline = Deadline::never();
  const Clock* clock = nullptr;  // needed only with a deadline
};

Examination examine(const Request& request, const Detectors& detectors, const ExamineLimits& limits = {});

// Calls visit(place, text) for every readable text of the request, in order; the text lives for the call only. For detectors that work in batches.
// Stops early and says why if a limit of depth or size is met.
Unreadable for_each_text(const Request& request, const ExamineLimits& limits, const std::function<void(const Place&, const Text&)>& visit);

FindingCounts count(const std::vector<Finding>& findings);
void add_counts(FindingCounts& to, const FindingCounts& more);

}  // namespace demarc::privacy
