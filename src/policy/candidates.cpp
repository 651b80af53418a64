#include "policy/candidates.hpp"

#include <algorithm>
#include <string_view>

namespace demarc::policy {
namespace {

const NamedTargets* find_named(const std::vector<NamedTargets>& list, std::string_view name) {
  for (const NamedTargets& named : list)
    if (named.name == name) return &named;
  return nullptr;
}

enum class Standing : std::uint8_t { named, substitute };

class Finder {
 public:
  Finder(const Routing& routing, const States& states, const RequestFacts& facts, std::optional<Tier> only_tier,
         std::optional<CandidateIndex> only_candidate, std::vector<Candidate>& out)
      : routing_(routing), states_(states), facts_(facts), only_tier_(only_tier), only_candidate_(only_candidate), out_(out) {}

  bool by_model(std::string_view name, std::uint32_t position) {
    bool known = false;
    for (std::uint32_t u = 0; u < routing_.upstreams.size(); ++u)
      for (std::uint32_t m = 0; m < routing_.upstreams[u].models.size(); ++m)
        if (routing_.upstreams[u].models[m].name == name) known = true, add({u, m, position});
    return known;
  }

  void all() {
    for (std::uint32_t u = 0; u < routing_.upstreams.size(); ++u)
      for (std::uint32_t m = 0; m < routing_.upstreams[u].models.size(); ++m) add({u, m});
  }

  // Returns the position behind the last target.
  std::uint32_t by_targets(const NamedTargets& named, std::uint32_t position, Standing standing) {
    for (const TargetRef& target : named.targets) {
      for (std::uint32_t u = 0; u < routing_.upstreams.size(); ++u) {
        const UpstreamSpec& upstream = routing_.upstreams[u];
        if (upstream.name != target.upstream) continue;
        for (std::uint32_t m = 0; m < upstream.models.size(); ++m)
          if (target.model.empty() || upstream.models[m].name == target.model) add({u, m, position, standing == Standing::substitute});
      }
      ++position;
    }
    return position;
  }

 private:
  void add(Candidate candidate) {
    const UpstreamSpec& upstream = routing_.upstreams[candidate.upstream];
    const ModelSpec& model = upstream.models[candidate.model];
    if (only_tier_ && upstream.tier != *only_tier_) return;
    if (only_candidate_ && *only_candidate_ != CandidateIndex{candidate.upstream, candidate.model}) return;
    const Operation operation = facts_.attributes.operation;
    if (std::find(model.serves.begin(), model.serves.end(), operation) == model.serves.end()) return;
    // A sub-request stays within its parent's workload, and is of whatever kind it needs: the clean-up of a transcript is a chat.
    const bool is_sub_request = only_tier_.has_value();
    if (!is_sub_request && facts_.workload_spec != nullptr && facts_.workload_spec->operation.value_or(operation) != operation) return;
    const std::optional<std::int64_t>& counted = states_[candidate.upstream][candidate.model].context_tokens;
    const std::int64_t* tokens = counted ? &*counted : facts_.attributes.context_tokens.get();
    candidate.too_long = tokens != nullptr && model.context_tokens && *tokens > *model.context_tokens;
    const auto same = [&](const Candidate& other) { return other.upstream == candidate.upstream && other.model == candidate.model; };
    const bool listed_before = candidate.position > 0 && std::any_of(out_.begin(), out_.end(), same);
    if (listed_before) return;
    out_.insert(candidate.too_long ? out_.end() : out_.begin() + fitting_, candidate);
    fitting_ += candidate.too_long ? 0 : 1;
  }

  const Routing& routing_;
  const States& states_;
  const RequestFacts& facts_;
  std::optional<Tier> only_tier_;
  std::optional<CandidateIndex> only_candidate_;
  std::vector<Candidate>& out_;
  std::ptrdiff_t fitting_ = 0;
};

}  // namespace

bool find_candidates(const Routing& routing, const States& states, const RequestFacts& facts, std::optional<Tier> only_tier,
                     std::optional<CandidateIndex> only_candidate, std::vector<Candidate>& out) {
  out.clear();
  const std::string_view name = facts.attributes.model;
  Finder finder(routing, states, facts, only_tier, only_candidate, out);
  const bool everything = name == "auto" || name.starts_with("workload/");
  const NamedTargets* alias = find_named(routing.aliases, name);
  const NamedTargets* substitutes = find_named(routing.substitutes, name);
  bool known = everything || alias != nullptr || substitutes != nullptr;
  if (name.starts_with("workload/") && facts.workload_spec == nullptr) known = false;
  if (!facts.workload_valid) return known;

  std::uint32_t position = 0;
  if (everything) {
    finder.all();
  } else if (alias != nullptr) {
    position = finder.by_targets(*alias, position, Standing::named);
  } else {
    known = finder.by_model(name, position) || known;
  }
  if (substitutes != nullptr) finder.by_targets(*substitutes, position + 1, Standing::substitute);
  return known;
}

}  // namespace demarc::policy
