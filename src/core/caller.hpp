// Caller: who makes a request, after access/ has checked the key. Pure value.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/operation.hpp"

namespace demarc {

struct Caller {
  std::string key_id;  // "dmc_live_ab12cd34", never the secret; "" for loopback without keys
  std::string team, role;
  std::set<std::string, std::less<>> scopes;  // "inference", "receipts:read", "audit:read", "usage:read", "admin", …
  std::vector<std::string> workloads;         // those the key may name besides the ones no permit mentions
  std::optional<Sensitivity> sensitivity;     // the key's own floor
  [[nodiscard]] bool may(std::string_view scope) const { return scopes.contains(scope) || scopes.contains("admin"); }
};

}  // namespace demarc
