#include "core/io/store.hpp"

namespace demarc {

std::string_view to_string(UsageBy by) {
  switch (by) {
    case UsageBy::workload: return "workload";
    case UsageBy::model: return "model";
    case UsageBy::tier: return "tier";
    case UsageBy::team: return "team";
    case UsageBy::key: return "key";
    case UsageBy::day: return "day";
    case UsageBy::upstream: return "upstream";
    case UsageBy::operation: return "operation";
  }
  return "workload";
}

std::optional<UsageBy> parse_usage_by(std::string_view name) {
  for (const UsageBy by :
       {UsageBy::workload, UsageBy::model, UsageBy::tier, UsageBy::team, UsageBy::key, UsageBy::day, UsageBy::upstream, UsageBy::operation})
    if (to_string(by) == name) return by;
  return {};
}

}  // namespace demarc
