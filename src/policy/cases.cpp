#include "policy/cases.hpp"

#include <algorithm>

#include "core/json/writer.hpp"

namespace demarc::policy {
namespace {

void apply(const CaseState& from, CandidateState& to) {
  if (from.healthy) to.healthy = *from.healthy;
  if (from.pinned) to.pinned = from.pinned->value_or(false);  // not known to be pinned is not pinned
  if (from.queue_ms) to.queue_ms = *from.queue_ms;
  if (from.region) to.region = from.region->value_or("");  // "": not known, whatever the config states
  if (from.quality) to.quality = *from.quality;
  if (from.price_usd) to.price_usd = *from.price_usd;
}

std::string join(const std::vector<std::string>& words) {
  std::string out = "[";
  for (const std::string& word : words) out += (out.size() > 1 ? ", " : "") + word;
  return out + ']';
}

std::vector<Difference> compare(const Expectation& expect, const Decision& decision, const Rule* class_rule, const Routing& routing) {
  std::vector<Difference> differences;
  const auto check = [&](std::string_view field, const std::optional<std::string>& expected, std::string actual) {
    if (expected && *expected != actual) differences.push_back({std::string(field), *expected, std::move(actual)});
  };
  const PlannedAttempt* first = decision.plan.empty() ? nullptr : &decision.plan.front();
  const UpstreamSpec* upstream = first ? &routing.upstreams[first->upstream] : nullptr;
  std::vector<std::string> required;
  if (first)
    for (const Requirement requirement : first->requires_) required.emplace_back(to_string(requirement));

  check("effect", expect.effect, std::string(to_string(decision.effect)));
  check("tier", expect.tier, upstream ? std::string(to_string(upstream->tier)) : "-");
  check("upstream", expect.upstream, upstream ? upstream->name : "-");
  check("model", expect.model, upstream ? upstream->models[first->model].name : "-");
  check("sensitivity", expect.sensitivity, std::string(to_string(decision.sensitivity)));
  check("class", expect.work_class, class_rule ? std::string(to_string(class_rule->work_class)) : "-");
  check("rules", expect.rules ? std::optional(join(*expect.rules)) : std::nullopt, join(decision.rules));
  check("requires", expect.requires_ ? std::optional(join(*expect.requires_)) : std::nullopt, join(required));
  return differences;
}

}  // namespace

Result<States, std::string> states_of(const Case& one, const Routing& routing) {
  States states;
  for (const UpstreamSpec& upstream : routing.upstreams) states.emplace_back(upstream.models.size());
  const auto visit = [&](const CaseState& from, bool whole_upstream) {
    bool found = false;
    for (std::size_t u = 0; u < routing.upstreams.size(); ++u) {
      const UpstreamSpec& upstream = routing.upstreams[u];
      for (std::size_t m = 0; m < upstream.models.size(); ++m) {
        const bool named = whole_upstream ? upstream.name == from.name : upstream.name + "/" + upstream.models[m].name == from.name;
        if (named) apply(from, states[u][m]), found = true;
      }
    }
    return found;
  };
  std::vector<bool> found(one.states.size());
  for (const bool whole_upstream : {true, false})  // what is said of one model counts more than what is said of all
    for (std::size_t i = 0; i < one.states.size(); ++i) found[i] = visit(one.states[i], whole_upstream) || found[i];
  const auto missing = std::find(found.begin(), found.end(), false);
  if (missing == found.end()) return states;
  return fail("no upstream \"" + one.states[static_cast<std::size_t>(missing - found.begin())].name + '"');
}

std::size_t CaseReport::failed() const {
  return static_cast<std::size_t>(std::count_if(results.begin(), results.end(), [](const CaseResult& r) { return !r.differences.empty(); }));
}

CaseReport run_cases(const CompiledPolicy& policy, const Routing& routing, const std::vector<Case>& cases, std::string_view file_name) {
  CaseReport report{std::string(file_name), {}};
  for (const Case& one : cases) {
    CaseResult result{one.id, one.line, {}};
    const auto states = states_of(one, routing);
    if (states) {
      result.differences = compare(one.expect, decide(policy, routing, one.request, *states), class_rule(policy, routing, one.request), routing);
    } else {
      result.differences.push_back({"request.upstreams", "names of demarc.yaml", states.error()});
    }
    report.results.push_back(std::move(result));
  }
  return report;
}

std::string print(const CaseReport& report) {
  std::string out;
  for (const CaseResult& result : report.results) {
    if (result.differences.empty()) continue;
    out += report.file + ':' + std::to_string(result.line) + ": " + result.id + '\n';
    for (const Difference& d : result.differences) out += "  " + d.field + "\n    - " + d.expected + "\n    + " + d.actual + '\n';
  }
  const std::size_t failed = report.failed();
  out += std::to_string(report.results.size() - failed) + " of " + std::to_string(report.results.size()) + " cases pass\n";
  return out;
}

std::string to_json(const CaseReport& report) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("file", report.file);
    json.field("passed", report.results.size() - report.failed());
    json.field("failed", report.failed());
    json.array("failures", [&] {
      for (const CaseResult& result : report.results) {
        if (result.differences.empty()) continue;
        json.object([&] {
          json.field("id", result.id);
          json.field("line", result.line);
          json.array("differences", [&] {
            for (const Difference& d : result.differences)
              json.object([&] { json.field("field", d.field), json.field("expected", d.expected), json.field("actual", d.actual); });
          });
        });
      }
    });
  });
  return out;
}

}  // namespace demarc::policy
