#include "cli/place.hpp"
#include "privacy/detector.hpp"
#include "privacy/name_kinds.hpp"

namespace demarc::cli {

policy::FindingTypes covered_types(const config::Config& config, const std::string& data) {
  policy::FindingTypes covered;
  const privacy::Detectors detectors = privacy::Detectors::structured();
  for (const std::string_view type : detectors.types()) covered.emplace(type);
  if (!config.names || data.empty()) return covered;
  const auto model = resolve_model(data, config.names->model);
  if (!model) return covered;
  if (const auto kinds = privacy::kinds_of_model(model->path))
    for (const privacy::NameKind& kind : *kinds) covered.emplace(kind.type);
  return covered;
}

}  // namespace demarc::cli
