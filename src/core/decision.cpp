#include "core/decision.hpp"

namespace demarc {

std::string_view to_string(Effect effect) {
  switch (effect) {
    case Effect::permit: return "permit";
    case Effect::deny: return "deny";
    case Effect::unavailable: return "unavailable";
  }
  return "deny";
}

std::string_view to_string(Requirement requirement) {
  switch (requirement) {
    case Requirement::redact: return "redact";
    case Requirement::no_store: return "no_store";
    case Requirement::declared: return "declared";
    case Requirement::pinned_model: return "pinned_model";
  }
  return "redact";
}

}  // namespace demarc
