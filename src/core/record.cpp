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

std::string_view to_string(CountedBy by) {
  switch (by) {
    case CountedBy::unsaid: return "";
    case CountedBy::bytes: return "bytes";
    case CountedBy::tokenizer: return "tokenizer";
  }
  return "";
}

std::optional<CountedBy> parse_counted_by(std::string_view name) {
  for (const CountedBy by : {CountedBy::unsaid, CountedBy::bytes, CountedBy::tokenizer})
    if (to_string(by) == name) return by;
  return {};
}

}  // namespace demarc
