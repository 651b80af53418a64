// KeyRecord: an API key as it is kept: everything but the secret. Made by access/, persisted by store/, read into a Keyring. Pure value.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "core/operation.hpp"

namespace demarc {

struct KeyRecord {
  std::string id;    // "dmc_live_ab12cd34": what people, records and budgets call the key
  std::string hash;  // 32 bytes: HMAC-SHA256(pepper, the whole key)
  std::string name;  // what a person called it
  std::string team, role;
  std::set<std::string, std::less<>> scopes;  // docs/reference/keys.md
  std::vector<std::string> workloads;         // those it may name besides the ones no permit mentions
  std::optional<Sensitivity> sensitivity;     // the least that its requests count as
  Instant created, expires;
  std::optional<Instant> revoked;  // from this moment it is refused; may lie ahead (rotation)
  friend bool operator==(const KeyRecord&, const KeyRecord&) = default;
};

}  // namespace demarc
