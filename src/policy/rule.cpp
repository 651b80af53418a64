#include "policy/rule.hpp"

namespace demarc::policy {

std::string_view to_string(Truth truth) {
  switch (truth) {
    case Truth::no: return "false";
    case Truth::unknown: return "unknown";
    case Truth::yes: return "true";
  }
  return "unknown";
}

std::string_view to_string(RuleKind kind) {
  switch (kind) {
    case RuleKind::label: return "label";
    case RuleKind::work_class: return "class";
    case RuleKind::permit: return "permit";
    case RuleKind::forbid: return "forbid";
    case RuleKind::prefer: return "prefer";
    case RuleKind::invariant: return "invariant";
  }
  return "";
}

}  // namespace demarc::policy
