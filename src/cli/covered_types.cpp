#include "cli/covered_types.hpp"

#include "cli/installed.hpp"
#include "privacy/name_kinds.hpp"
#include "privacy/user_patterns.hpp"

namespace demarc::cli {

Result<policy::FindingTypes, std::string> covered_types(const config::Config& config, const std::string& data) {
  policy::FindingTypes covered;
  const auto detectors = privacy::load_detectors(config.patterns, real_disk());
  if (!detectors) return fail(privacy::print(detectors.error()));
  for (const std::string_view type : detectors->types()) covered.emplace(type);
  if (!config.names || data.empty()) return covered;
  const auto model = resolve_model(data, config.names->model);
  if (!model) return covered;
  if (const auto kinds = privacy::kinds_of_model(model->path))
    for (const privacy::NameKind& kind : *kinds) covered.emplace(kind.type);
  return covered;
}

}  // namespace demarc::cli
