#include "core/record.hpp"

namespace demarc {

std::string_view to_string(AttemptOutcome outcome) {
  switch (outcome) {
    case AttemptOutcome::served: return "served";
    case AttemptOutcome::error: return "error";
    case AttemptOutcome::cancelled: return "cancelled";
    case AttemptOutcome::unknown_crash: return "unknown_crash";
  }
  return "error";
}

std::optional<AttemptOutcome> parse_attempt_outcome(std::string_view name) {
  for (const AttemptOutcome o : {AttemptOutcome::served, AttemptOutcome::error, AttemptOutcome::cancelled, AttemptOutcome::unknown_crash})
    if (to_string(o) == name) return o;
  return {};
}

}  // namespace demarc
