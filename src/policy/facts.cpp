#include "policy/facts.hpp"

#include <algorithm>

namespace demarc::policy {
namespace {

TextFact text_of(const Attribute<std::string>& attribute) {
  if (attribute.unknown()) return {Presence::unknown};
  return attribute.get() ? TextFact{Presence::known, *attribute.get()} : TextFact{};
}

const WorkloadSpec* find_workload(const Routing& routing, std::string_view name) {
  for (const WorkloadSpec& spec : routing.workloads)
    if (spec.name == name) return &spec;
  return nullptr;
}

void raise_by(LevelFact& level, const Attribute<Sensitivity>& attribute) {
  if (attribute.unknown()) level.high = Sensitivity::restricted;
  if (attribute.get()) level.raise_to(*attribute.get());
}

}  // namespace

std::optional<Sensitivity> unexamined_level(const Routing& routing, Media medium) {
  switch (medium) {
    case Media::image: return routing.unexamined_image;
    case Media::audio: return routing.unexamined_audio;
    case Media::file: return routing.unexamined_file;
  }
  return {};
}

void LevelFact::raise_to(Sensitivity level) { low = std::max(low, level), high = std::max(high, level); }

std::uint32_t LevelFact::possible() const {
  std::uint32_t mask = 0;
  for (auto level = static_cast<unsigned>(low); level <= static_cast<unsigned>(high); ++level) mask |= 1U << level;
  return mask;
}

RequestFacts::RequestFacts(const CompiledPolicy& policy, const Routing& routing, const Attributes& given) : attributes(given) {
  constexpr std::string_view kWorkloadModel = "workload/";
  workload = text_of(given.workload);
  if (given.model.starts_with(kWorkloadModel)) {
    const TextFact named{Presence::known, std::string_view(given.model).substr(kWorkloadModel.size())};
    workload_valid = workload.presence == Presence::absent || workload.text == named.text;
    workload = named;
  }

  declared.raise_to(routing.default_sensitivity);
  raise_by(declared, given.header_sensitivity);
  raise_by(declared, given.key_sensitivity);
  if (workload.presence == Presence::known) {
    workload_spec = find_workload(routing, workload.text);
    workload_valid = workload_valid && workload_spec != nullptr;
    if (workload_spec != nullptr && workload_spec->sensitivity) declared.raise_to(*workload_spec->sensitivity);
  } else if (workload.presence == Presence::unknown) {
    for (const WorkloadSpec& spec : routing.workloads)
      if (spec.sensitivity) declared.high = std::max(declared.high, *spec.sensitivity);
  }

  static const FindingCounts kNone;
  findings = given.findings.unknown() ? nullptr : given.findings.get() ? given.findings.get() : &kNone;
  sensitivity = declared;
  for (const Media medium : given.unexamined) {
    const auto level = unexamined_level(routing, medium);
    if (level) sensitivity.raise_to(*level);
    if (!level) findings = nullptr;
  }
  if (findings != nullptr)
    for (const auto& [type, count] : *findings)
      if (is_direct(type)) direct_findings += count;

  budget_known = !given.budget_left.unknown();
  if (given.time.get() != nullptr && policy.reads_time_as_text) time_text = format_rfc3339(*given.time.get());
}

TextFact CandidateFacts::region() const {
  const std::optional<std::string>& region = state.region ? state.region : upstream.region;
  return region && !region->empty() ? TextFact{Presence::known, *region} : TextFact{Presence::unknown};
}

bool CandidateFacts::pinned() const { return state.pinned.value_or(upstream.engine.has_value()); }
bool CandidateFacts::no_store() const { return upstream.tier == Tier::local || upstream.no_store; }

}  // namespace demarc::policy
