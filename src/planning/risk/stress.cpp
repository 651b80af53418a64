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

const ledger::Price* price_at(const StressWorld& world, const UpstreamSpec& upstream, const ModelSpec& model) {
  return upstream.tier == Tier::cloud ? world.prices.find(world.prices.provider_of(upstream), model.name, world.today) : nullptr;
}

bool is_of(const StressWorld& world, const UpstreamSpec& upstream, const ModelSpec& model, const std::string& subject) {
  return subject.empty() || subject == model.name || subject == world.prices.provider_of(upstream);
}

// What the workload's mean request costs at a price; nothing if a class that it uses has none.
std::optional<double> usd_of_request(WorkloadPlan workload, const ledger::Price& price) {
  std::erase_if(workload.quantities, [](const auto& entry) { return entry.first.starts_with("cloud.usd_per_"); });
  price_workload(workload, price);
  if (!unpriced(workload).empty()) return {};
  double usd = 0;
  for (const auto& [name, quantity] : workload.quantities) {
    const auto value = [&](const std::string& key) {
      const auto found = workload.quantities.find(key);
      return found == workload.quantities.end() ? 0 : found->second.value.to_double();
    };
    if (name.starts_with("tokens.")) usd += quantity.value.to_double() * value("cloud.usd_per_million." + name.substr(7)) / 1e6;
    if (name.starts_with("units.")) usd += quantity.value.to_double() * value("cloud.usd_per_unit." + name.substr(6));
  }
  return usd;
}

// What the router knows of the candidates for this workload: all healthy, priced by the book, dearer where the stress says so.
policy::States states_for(const StressWorld& world, const WorkloadPlan& w, const Stress* stress) {
  policy::States states = healthy(world.routing);
  for (std::size_t u = 0; u < world.routing.upstreams.size(); ++u) {
    const UpstreamSpec& upstream = world.routing.upstreams[u];
    for (std::size_t m = 0; m < upstream.models.size(); ++m) {
      const ledger::Price* price = price_at(world, upstream, upstream.models[m]);
      const auto usd = price == nullptr ? std::nullopt : usd_of_request(w, *price);
      if (!usd) continue;
      const bool dearer = stress != nullptr && stress->kind == StressKind::price && is_of(world, upstream, upstream.models[m], stress->subject);
      states[u][m].price_usd = *usd * (dearer ? stress->factor : 1);
    }
  }
  return states;
}

Served served(const StressWorld& world, const Attributes& request, const policy::States& states) {
  const Decision decision = policy::decide(world.policy, world.routing, request, states);
  Served out{.effect = std::string(to_string(decision.effect))};
  if (decision.plan.empty()) return out;
  const UpstreamSpec& upstream = world.routing.upstreams[decision.plan[0].upstream];
  out.upstream = upstream.name, out.model = upstream.models[decision.plan[0].model].name, out.tier = to_string(upstream.tier);
  if (upstream.tier == Tier::cloud) out.priced_as = std::string(world.prices.provider_of(upstream)) + "/" + out.model;
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

namespace {

std::optional<std::string> impossible(const Plan& plan, const StressWorld& world, const Stress& asked) {
  const Routing& routing = world.routing;
  const auto any_cloud = [&](auto&& holds) {
    return std::ranges::any_of(routing.upstreams, [&](const UpstreamSpec& u) {
      return u.tier == Tier::cloud && std::ranges::any_of(u.models, [&](const ModelSpec& m) { return holds(u, m); });
    });
  };
  switch (asked.kind) {
    case StressKind::price:
      if (!asked.subject.empty() && !any_cloud([&](const auto& u, const auto& m) { return is_of(world, u, m, asked.subject); }))
        return "the configuration has no cloud upstream of the provider or model '" + asked.subject + "'";
      return {};
    case StressKind::model_gone:
      if (!knows(routing, asked.subject)) return "the configuration knows no model '" + asked.subject + "'";
      return {};
    case StressKind::region_down:
      if (!asked.subject.empty() && !any_cloud([&](const auto& u, const auto&) { return u.region == asked.subject; }))
        return "no cloud upstream of the configuration is in the region '" + asked.subject + "'";
      return {};
    case StressKind::ban:
      if (std::ranges::none_of(plan.workloads, [&](const auto& w) { return w.name == asked.subject; }))
        return "the plan has no workload '" + asked.subject + "'";
      return {};
  }
  return {};
}

Change change_of(const Served& before, const Served& after) {
  if (after.effect != "permit") return before.effect == "permit" ? Change::fails : Change::same;
  if (before.upstream == after.upstream && before.model == after.model) return Change::same;
  return after.tier == "local" ? Change::to_local : Change::to_other_cloud;
}

// The workload as it is priced where it lands: by the book if that is another model, dearer if the stress says so. False: no price is known there.
bool reprice(const StressWorld& world, const Stress& asked, const Fate& fate, WorkloadPlan& w) {
  if (fate.change == Change::to_other_cloud) {
    const std::size_t slash = fate.after.priced_as.find('/');
    const ledger::Price* price = world.prices.find(fate.after.priced_as.substr(0, slash), fate.after.model, world.today);
    if (price == nullptr) return false;
    std::erase_if(w.quantities, [](const auto& entry) {
      return entry.first.starts_with("cloud.usd_per_million.") || entry.first.starts_with("cloud.usd_per_unit.") ||
             entry.first == "cloud.batch_price_percent";
    });
    price_workload(w, *price);
    if (!unpriced(w).empty()) return false;
    if (!w.quantities.contains("cloud.batch_price_percent"))
      w.quantities["cloud.batch_price_percent"] = {.value = Decimal::of(100), .source = "the book knows no price of batches there"};
    w.cloud_model = fate.after.priced_as;
  }
  // Where the configuration does not say whose model serves, the plan's own name of it does.
  const std::string provider = w.cloud_model.substr(0, w.cloud_model.find('/')), model = w.cloud_model.substr(w.cloud_model.find('/') + 1);
  if (asked.kind != StressKind::price || asked.subject.empty() || (asked.subject != provider && asked.subject != model)) return true;
  for (auto& [name, quantity] : w.quantities)
    if (name.starts_with("cloud.usd_per_million.") || name.starts_with("cloud.usd_per_unit."))
      quantity.value = multiply(quantity.value, Decimal::nearest(asked.factor)).value_or(quantity.value), quantity.low.reset(), quantity.high.reset();
  return true;
}

}  // namespace

Served served_without(const StressWorld& world, const WorkloadPlan& workload, const std::string& provider) {
  policy::States states = states_for(world, workload, nullptr);
  for (std::size_t u = 0; u < states.size(); ++u) {
    const UpstreamSpec& upstream = world.routing.upstreams[u];
    if (upstream.tier != Tier::cloud || world.prices.provider_of(upstream) != provider) continue;
    for (CandidateState& state : states[u]) state.healthy = false;
  }
  return served(world, request_of(world.routing, workload), states);
}

Result<Stressed, StressError> stress(const Plan& plan, const StressWorld& world, const Stress& asked) {
  const auto refused = [](std::string message) { return fail(StressError{std::move(message)}); };
  if (auto why = impossible(plan, world, asked)) return refused(std::move(*why));
  struct Case {
    Model model;
    std::vector<Decimal> cells;
    [[nodiscard]] Decimal value(const std::string& name) const {
      const auto cell = model.sheet.find_cell(name);
      return cell ? cells[*cell] : Decimal();
    }
  };
  const auto computed = [&](const Plan& of, double factor) -> Result<Case, StressError> {
    Case out{build_model(of), {}};
    auto inputs = input_values(out.model.sheet);
    if (const auto price = out.model.sheet.find_input("cloud.price_percent"); price && factor != 1)
      inputs[*price] = multiply(inputs[*price], Decimal::nearest(factor)).value_or(inputs[*price]);
    auto cells = evaluate(out.model.sheet, &inputs);
    if (!cells) return refused("the cell " + cells.error().cell + " " + cells.error().message);
    out.cells = std::move(*cells);
    return out;
  };
  const Case now = TRY(computed(plan, 1));

  Stressed out{.stress = asked};
  Plan then = plan;
  std::vector<bool> known(plan.workloads.size(), true);
  const double seconds = plan.general.at("hours_per_month").value.to_double() * 3600;
  std::map<std::string, double> moved;
  for (std::size_t i = 0; i < plan.workloads.size(); ++i) {
    const WorkloadPlan& w = plan.workloads[i];
    const std::string prefix = "workload." + w.name + ".";
    Fate fate{.workload = w.name,
              .requests_per_s = now.value(prefix + "requests[1]").to_double() / seconds,
              .cloud_usd = now.value(prefix + "cloud_all.usd[1]")};
    const Attributes request = request_of(world.routing, w);
    fate.before = served(world, request, states_for(world, w, nullptr));
    policy::States states = states_for(world, w, &asked);
    strike(world.routing, asked, w.name, states);
    fate.after = served(world, request, states);
    fate.change = change_of(fate.before, fate.after);
    known[i] = reprice(world, asked, fate, then.workloads[i]);
    if (!known[i] && std::ranges::find(out.unpriced, fate.after.priced_as) == out.unpriced.end()) out.unpriced.push_back(fate.after.priced_as);
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
    HardwareCheck check{.cluster = c.name, .planned_per_s = now.value("cluster." + c.name + ".demand[1]").to_double(), .moved_per_s = moved[c.name]};
    const auto capacity = c.quantities.find("capacity_requests_per_s");
    if (capacity != c.quantities.end())
      check.holds_per_s = now.value("cluster." + c.name + ".nodes[1]").to_double() * capacity->second.value.to_double() /
                          c.quantities.at("peak_to_mean").value.to_double();
    out.hardware.push_back(check);
  }

  const Case later = TRY(computed(then, asked.kind == StressKind::price && asked.subject.empty() ? asked.factor : 1));
  out.cloud_month_before = now.value("hybrid.usage.usd[1]"), out.cloud_month_after = later.value("hybrid.usage.usd[1]");
  for (std::size_t i = 0; i < out.fates.size(); ++i) {
    Fate& fate = out.fates[i];
    const std::string prefix = "workload." + fate.workload + ".";
    if (fate.after.tier == "cloud" && known[i]) fate.after_usd = later.value(prefix + "cloud_all.usd[1]");
    if (fate.change == Change::to_local || fate.change == Change::fails || !known[i])
      out.cloud_month_after =
          subtract(out.cloud_month_after, later.value(prefix + (plan.workloads[i].local_cluster.empty() ? "cloud_all.usd[1]" : "cloud_rest.usd[1]")))
              .value_or(out.cloud_month_after);
  }
  const bool for_good = asked.kind == StressKind::price || asked.kind == StressKind::model_gone;
  const bool still_a_plan = out.unpriced.empty() && std::ranges::all_of(out.fates, [](const Fate& fate) {
                              return fate.change == Change::same || fate.change == Change::to_other_cloud;
                            });
  if (for_good && still_a_plan) out.npv_before = now.cells[now.model.out.npv], out.npv_after = later.cells[later.model.out.npv];
  return out;
}

std::string print(const Stressed& s) {
  std::array<char, 32> factor{};
  std::snprintf(factor.data(), factor.size(), "%g", s.stress.kind == StressKind::price ? s.stress.factor : s.stress.hours);
  std::string out = std::string(to_string(s.stress.kind)) +
                    (s.stress.subject.empty()             ? ""
                     : s.stress.kind == StressKind::price ? " of " + s.stress.subject
                                                          : " " + s.stress.subject) +
                    (s.stress.kind == StressKind::price         ? std::string(" × ") + factor.data()
                     : s.stress.kind == StressKind::region_down ? std::string(" for ") + factor.data() + " h"
                                                                : "") +
                    "\n";
  for (const Fate& f : s.fates) {
    const auto by = [](const Served& served) {
      return served.upstream.empty() ? served.effect : served.upstream + "/" + served.model + " (" + served.tier + ")";
    };
    out += "  " + f.workload + ", " + rate(f.requests_per_s) + ": " + by(f.before) +
           (f.change == Change::same ? ", as before" : " → " + by(f.after) + ": " + std::string(to_string(f.change))) +
           (f.change == Change::to_other_cloud && f.after_usd
                ? ", " + print_value(f.cloud_usd, Unit::usd) + " → " + print_value(*f.after_usd, Unit::usd) + " a month for the same tokens"
                : "") +
           "\n";
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
  for (const std::string& model : s.unpriced) out += "no price of " + model + " is known: what moves there is not in that sum\n";
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
              json.field("moved_per_s", f.moved_per_s), json.field("cloud_usd_before", f.cloud_usd.money().print());
          field_or_null(json, "cloud_usd_after", f.after_usd ? std::optional(f.after_usd->money().print()) : std::nullopt);
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
    json.array("unpriced", [&] {
      for (const std::string& model : s.unpriced) json.value(model);
    });
    field_or_null(json, "npv_before_usd", s.npv_before ? std::optional(s.npv_before->money().print()) : std::nullopt);
    field_or_null(json, "npv_after_usd", s.npv_after ? std::optional(s.npv_after->money().print()) : std::nullopt);
  });
  return out;
}

}  // namespace demarc::planning
