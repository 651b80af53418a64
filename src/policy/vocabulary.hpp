// The words of policy.yaml: the attributes a condition may read, what kind of value each has, and the finding types that detectors know.
//
//   std::optional<Field> field = parse_field("caller.team");       // Field::caller_team
//   kind_of(Field::media) == ValueKind::media
//
// One table in vocabulary.cpp; the compiler, the cases reader, the docs test and the JSON Schema test all read it. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace demarc::policy {

using FindingTypes = std::set<std::string, std::less<>>;

enum class Field : std::uint8_t {
  caller_key,
  caller_team,
  caller_role,
  workload,
  operation,
  dialect,
  declared,
  sensitivity,
  findings,
  finding_type,  // findings.TYPE
  context_tokens,
  output_tokens,
  tools,
  tool_names,
  stream,
  batch,
  media,
  model,
  repository,
  path,
  budget_left,
  time,
  upstream_name,
  upstream_model,
  upstream_tier,
  upstream_region,
  upstream_provider,
  upstream_healthy,
  upstream_queue_ms,
  upstream_pinned,
  upstream_no_store,
  upstream_quality_percent,
};

enum class ValueKind : std::uint8_t { text, operation, sensitivity, tier, provider, flag, count, money, time, findings, media, texts };

std::string_view to_string(Field field);  // as it is written; finding_type is "findings.TYPE"
ValueKind kind_of(Field field);
bool is_per_candidate(Field field);                       // upstream.*
std::optional<Field> parse_field(std::string_view name);  // "findings.X" for any X is finding_type
const std::vector<std::string>& field_names();            // all of them, for suggestions

// What the detectors that come with demarc can find, and no others: names as Presidio's users know them.
const FindingTypes& known_finding_types();

}  // namespace demarc::policy
