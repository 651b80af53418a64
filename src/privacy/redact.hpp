// redact: a request with every finding of the given types replaced by its placeholder, and the proof that what leaves is clean.
//
//   if (!can_redact(request.operation)) → requirement not met
//   Redaction redaction = redact(request, seen, session, types_to_redact(label_types), detectors);
//   if (!redaction.clean) → drop the candidate
//   body = what the dialect makes of the request with redaction.edits;
//   if (!scans_clean(body, session, …)) → drop the candidate: a dialect may have joined or moved texts
//   send(body);  record(redaction.counts);
//
// The outgoing bytes are read again from nothing (every JSON string, key and number in them, and neighbouring texts joined); a single finding of
// those types makes it unclean, and so do unknown findings. A string that looks like one of the session's own placeholders is replaced like a value,
// so restoring gives back exactly what came. Media are rewritten as
// far as attachments.hpp reads them: files that are texts, metadata of pictures. Whether an unexamined part may leave is for policy.
// Pure but for the session; any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/finding.hpp"
#include "core/operation.hpp"
#include "core/request.hpp"
#include "privacy/detector.hpp"
#include "privacy/examine.hpp"
#include "privacy/vault.hpp"

namespace demarc::privacy {

// Which types are replaced: the group `direct`, and those that a label of the policy names.
class RedactTypes {
 public:
  explicit RedactTypes(std::vector<std::string> named = {}) : named_(std::move(named)) {}
  [[nodiscard]] bool contains(std::string_view type) const;

 private:
  std::vector<std::string> named_;
};

// Audio, embeddings, fill-in-the-middle and pictures lose their meaning with their words replaced (config.md, meaning 7).
bool can_redact(Operation operation);

enum class NotClean : std::uint8_t { none, unknown, vault_full, residue, operation };
std::string_view to_string(NotClean);

struct Redaction {
  Edits edits{};
  std::string body{};      // the request's body with them applied
  FindingCounts counts{};  // what was replaced, by type
  bool clean = false;
  NotClean why = NotClean::unknown;
};

Redaction redact(const Request& request, const Examination& seen, VaultSession& session, const RedactTypes& types, const Detectors& detectors,
                 const ExamineLimits& limits = {});

// Whether bytes that are about to leave (JSON, or anything else, read as text) hold no finding of these types besides the session's placeholders.
bool scans_clean(std::string_view outgoing, const VaultSession& session, const RedactTypes& types, const Detectors& detectors,
                 const ExamineLimits& limits = {});

}  // namespace demarc::privacy
