#include "planning/risk/stress.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "base/strings.hpp"
#include "core/json/or_null.hpp"
#include "planning/model/why.hpp"

namespace demarc::planning {
namespace {

constexpr std::array<std::string_view, 4> kKinds = {"price", "model gone", "region down", "ban"};
constexpr std::array<std::string_view, 4> kChanges = {"as before", "moves to the local tier", "moves to another cloud model", "FAILS"};

policy::States healthy(const Routing& routing) {
  policy::States states;
  for (const UpstreamSpec& upstream : routing.upstreams) states.emplace_back(upstream.models.size());
  return states;
}

bool knows(const Routing& routing, const std::string& model) {
  const auto named = [&](const auto& list) { return std::ranges::any_of(list, [&](const auto& one) { return one.name == model; }); };
  return named(routing.aliases) || std::ranges::any_of(routing.upstreams, [&](const UpstreamSpec& u) { return named(u.models); });
}

// The request as the workload's application makes it: it names its model, if the configuration knows that.
Attributes request_of(const Routing& routing, const WorkloadPlan& w) {
  Attributes request;
  const auto spec = std::ranges::find(routing.workloads, w.name, &WorkloadSpec::name);
  request.operation = spec != routing.workloads.end() && spec->operation ? *spec->operation : Operation::chat;
  if (spec != routing.workloads.end()) request.workload = w.name;
  const std::string model = w.cloud_model.substr(w.cloud_model.find('/') + 1);
  request.model = !w.cloud_model.empty() && knows(routing, model) ? model : "auto";
  return request;
}

Served served(const Routing& routing, const policy::CompiledPolicy& policy, const Attributes& request, const policy::States& states) {
  const Decision decision = policy::decide(policy, routing, request, states);
  Served out{.effect = std::string(to_string(decision.effect))};
  if (decision.plan.empty()) return out;
  const UpstreamSpec& upstream = routing.upstreams[decision.plan[0].upstream];
  out.upstream = upstream.name, out.model = upstream.models[decision.plan[0].model].name, out.tier = to_string(upstream.tier);
  return out;
}

void strike(const Routing& routing, const Stress& stress, const std::string& workload, policy::States& states) {
  for (std::size_t u = 0; u < routing.upstreams.size(); ++u) {
    const UpstreamSpec& upstream = routing.upstreams[u];
    const bool cloud = upstream.tier == Tier::cloud;
    for (std::size_t m = 0; m < upstream.models.size(); ++m) {
      const bool hit = (stress.kind == StressKind::model_gone && cloud && upstream.models[m].name == stress.subject) ||
                       (stress.kind == StressKind::region_down && cloud && (stress.subject.empty() || upstream.region == stress.subject)) ||
                       (stress.kind == StressKind::ban && cloud && workload == stress.subject);
      if (hit) states[u][m].healthy = false;
    }
  }
}

std::string rate(double per_s) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), per_s < 0.01 ? "%.5f/s" : "%.3f/s", per_s);
  return text.data();
}

}  // namespace

std::string_view to_string(StressKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }
std::string_view to_string(Change change) { return kChanges[static_cast<std::size_t>(change)]; }

Result<Stressed, StressError> stress(const Plan& plan, const Model& model, const policy::CompiledPolicy& policy, const Routing& routing,
                                     const Stress& asked) {
  const auto refused = [](std::string message) { return fail(StressError{std::move(message)}); };
  if (asked.kind == StressKind::model_gone && !knows(routing, asked.subject))
    return refused("the configuration knows no model '" + asked.subject + "'");
  if (asked.kind == StressKind::region_down && !asked.subject.empty() &&
      std::ranges::none_of(routing.upstreams, [&](const auto& u) { return u.tier == Tier::cloud && u.region == asked.subject; }))
    return refused("no cloud upstream of the configuration is in the region '" + asked.subject + "'");
  if (asked.kind == StressKind::ban && std::ranges::none_of(plan.workloads, [&](const auto& w) { return w.name == asked.subject; }))
    return refused("the plan has no workload '" + asked.subject + "'");
  auto inputs = input_values(model.sheet);
  const auto cells = evaluate(model.sheet, &inputs);
  if (!cells) return refused("the cell " + cells.error().cell + " " + cells.error().message);
  const auto value = [&](const std::string& name) {
    const auto cell = model.sheet.find_cell(name);
    return cell ? (*cells)[*cell] : Decimal();
  };

  Stressed out{.stress = asked};
  const double seconds = plan.general.at("hours_per_month").value.to_double() * 3600;
  std::map<std::string, double> moved;
  for (const WorkloadPlan& w : plan.workloads) {
    const std::string prefix = "workload." + w.name + ".";
    Fate fate{
        .workload = w.name, .requests_per_s = value(prefix + "requests[1]").to_double() / seconds, .cloud_usd = value(prefix + "cloud_all.usd[1]")};
    const Attributes request = request_of(routing, w);
    policy::States states = healthy(routing);
    fate.before = served(routing, policy, request, states);
    strike(routing, asked, w.name, states);
    fate.after = served(routing, policy, request, states);
    if (fate.after.effect != "permit")
      fate.change = fate.before.effect == "permit" ? Change::fails : Change::same;
    else if (fate.before.upstream == fate.after.upstream && fate.before.model == fate.after.model)
      fate.change = Change::same;
    else
      fate.change = fate.after.tier == "local" ? Change::to_local : Change::to_other_cloud;
    out.all_per_s += fate.requests_per_s;
    if (fate.change == Change::fails) out.failing_per_s += fate.requests_per_s;
    if (fate.change == Change::to_local && !plan.clusters.empty()) {
      // What the plan has there already does not come a second time.
      const double there = w.local_cluster.empty() ? 0 : w.quantities.at("local.share_percent").value.to_double() / 100;
      fate.moved_per_s = fate.requests_per_s * (1 - there) * w.quantities.at("local.weight").value.to_double();
      moved[w.local_cluster.empty() ? plan.clusters.front().name : w.local_cluster] += fate.moved_per_s;
    }
    out.fates.push_back(std::move(fate));
  }
  for (const ClusterPlan& c : plan.clusters) {
    HardwareCheck check{.cluster = c.name, .planned_per_s = value("cluster." + c.name + ".demand[1]").to_double(), .moved_per_s = moved[c.name]};
    const auto capacity = c.quantities.find("capacity_requests_per_s");
    if (capacity != c.quantities.end())
      check.holds_per_s = value("cluster." + c.name + ".nodes[1]").to_double() * capacity->second.value.to_double() /
                          c.quantities.at("peak_to_mean").value.to_double();
    out.hardware.push_back(check);
  }
  out.cloud_month_before = value("hybrid.usage.usd[1]");
  Decimal after = out.cloud_month_before;
  for (std::size_t i = 0; i < out.fates.size(); ++i)
    if (out.fates[i].change == Change::to_local || out.fates[i].change == Change::fails)
      after = subtract(after, value("workload." + plan.workloads[i].name +
                                    (plan.workloads[i].local_cluster.empty() ? ".cloud_all.usd[1]" : ".cloud_rest.usd[1]")))
                  .value_or(after);
  if (asked.kind == StressKind::price) {
    const auto price = model.sheet.find_input("cloud.price_percent");
    out.npv_before = (*cells)[model.out.npv];
    inputs[*price] = multiply(inputs[*price], Decimal::nearest(asked.factor)).value_or(inputs[*price]);
    const auto dearer = evaluate(model.sheet, &inputs);
    if (!dearer) return refused("the cell " + dearer.error().cell + " " + dearer.error().message);
    out.npv_after = (*dearer)[model.out.npv];
    const auto usage = model.sheet.find_cell("hybrid.usage.usd[1]");
    after = (*dearer)[*usage];
  }
  out.cloud_month_after = after;
  return out;
}

std::string print(const Stressed& s) {
  std::array<char, 32> factor{};
  std::snprintf(factor.data(), factor.size(), "%g", s.stress.kind == StressKind::price ? s.stress.factor : s.stress.hours);
  std::string out = std::string(to_string(s.stress.kind)) + (s.stress.subject.empty() ? "" : " " + s.stress.subject) +
                    (s.stress.kind == StressKind::price         ? std::string(" × ") + factor.data()
                     : s.stress.kind == StressKind::region_down ? std::string(" for ") + factor.data() + " h"
                                                                : "") +
                    "\n";
  for (const Fate& f : s.fates) {
    const auto by = [](const Served& served) {
      return served.upstream.empty() ? served.effect : served.upstream + "/" + served.model + " (" + served.tier + ")";
    };
    out += "  " + f.workload + ", " + rate(f.requests_per_s) + ": " + by(f.before) +
           (f.change == Change::same ? ", as before" : " → " + by(f.after) + ": " + std::string(to_string(f.change))) + "\n";
  }
  for (const HardwareCheck& h : s.hardware) {
    if (h.holds_per_s <= 0) {
      out += "cluster " + h.cluster + ": no capacity is known, so nothing can be said of it; demarc plan size measures it\n";
      continue;
    }
    out += "cluster " + h.cluster + ": " + rate(h.planned_per_s) + " planned + " + rate(h.moved_per_s) + " moved, holds " + rate(h.holds_per_s) +
           " with its spares working: " + (h.holds() ? "holds" : "DOES NOT HOLD") + "\n";
  }
  if (s.all_per_s > 0) {
    std::array<char, 100> failing{};
    std::snprintf(failing.data(), failing.size(), "%.1f %% of requests fail", s.failing_per_s / s.all_per_s * 100);
    out += failing.data();
    if (s.stress.kind == StressKind::region_down)
      out += ", about " + Decimal::nearest(s.failing_per_s * s.stress.hours * 3600).with_commas(0) + " in that time";
    out += "\n";
  }
  out += "cloud usage of the first month: " + print_value(s.cloud_month_before, Unit::usd) + " → " + print_value(s.cloud_month_after, Unit::usd) +
         (s.stress.kind == StressKind::region_down ? " were it for the whole month" : "") + "\n";
  if (s.npv_after)
    out += "net present value of the plan: " + print_value(*s.npv_before, Unit::usd) + " → " + print_value(*s.npv_after, Unit::usd) + "\n";
  return out;
}

std::string to_json(const Stressed& s) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("kind", to_string(s.stress.kind)), text_or_null(json, "subject", s.stress.subject), json.field("factor", s.stress.factor),
        json.field("hours", s.stress.hours);
    json.array("workloads", [&] {
      for (const Fate& f : s.fates)
        json.object([&] {
          json.field("workload", f.workload), json.field("change", to_string(f.change)), json.field("requests_per_s", f.requests_per_s),
              json.field("moved_per_s", f.moved_per_s);
          const auto write_served = [&](std::string_view when, const Served& served) {
            json.object(when, [&] {
              json.field("effect", served.effect), text_or_null(json, "upstream", served.upstream), text_or_null(json, "model", served.model),
                  text_or_null(json, "tier", served.tier);
            });
          };
          write_served("before", f.before), write_served("after", f.after);
        });
    });
    json.array("hardware", [&] {
      for (const HardwareCheck& h : s.hardware)
        json.object([&] {
          json.field("cluster", h.cluster), json.field("planned_per_s", h.planned_per_s), json.field("moved_per_s", h.moved_per_s),
              json.field("holds_per_s", h.holds_per_s), json.field("holds", h.holds());
        });
    });
    json.field("failing_share", s.all_per_s > 0 ? s.failing_per_s / s.all_per_s : 0.0),
        json.field("cloud_month_before_usd", s.cloud_month_before.money().print()),
        json.field("cloud_month_after_usd", s.cloud_month_after.money().print());
    field_or_null(json, "npv_before_usd", s.npv_before ? std::optional(s.npv_before->money().print()) : std::nullopt);
    field_or_null(json, "npv_after_usd", s.npv_after ? std::optional(s.npv_after->money().print()) : std::nullopt);
  });
  return out;
}

}  // namespace demarc::planning
