#include "planning/model/compare.hpp"

#include "base/strings.hpp"
#include "core/json/or_null.hpp"
#include "planning/model/why.hpp"

namespace demarc::planning {
namespace {

std::string padded(std::string text, std::size_t width) {
  const std::size_t have = count_code_points(text);
  return text + std::string(have < width ? width - have : 1, ' ');
}
std::string right(const std::string& text, std::size_t width) {
  const std::size_t have = count_code_points(text);
  return std::string(have < width ? width - have : 1, ' ') + text;
}

std::string usd(Decimal value) { return print_value(Decimal::of(value.money()), Unit::usd); }
std::string whole_usd(Decimal value) {
  const std::string digits = value.with_commas(0);
  return digits.starts_with('-') ? "-$" + digits.substr(1) : "$" + digits;
}

void money(JsonWriter& json, std::string_view name, Decimal value) { json.field(name, value.money().print()); }
void months(JsonWriter& json, std::string_view name, Decimal value) {
  if (value >= Decimal::of(kNeverMonths))
    json.field(name, json_null);
  else
    json.field(name, value.to_double());
}

}  // namespace

Verdict verdict_of(const Model& model, const std::vector<Decimal>& cells) {
  if (cells[model.out.payback_months] >= Decimal::of(kNeverMonths)) return Verdict::never;
  return cells[model.out.npv] > Decimal() ? Verdict::worth : Verdict::pays_back_but_loses;
}

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::worth: return "worth it";
    case Verdict::pays_back_but_loses: return "pays back and still loses: do not";
    case Verdict::never: return "never pays back: stay in the cloud";
  }
  return "";
}

std::string print_comparison(const Plan& plan, const Model& model, const std::vector<Decimal>& cells) {
  const Outputs& o = model.out;
  std::string out = plan.name + ", " + std::to_string(plan.months) + " months" + (plan.example ? " (EXAMPLE: an invented company)" : "") + "\n\n";
  const auto line = [&](const char* what, const std::string& value, const char* cell) {
    out += padded(what, 40) + right(value, 18) + "   " + cell + "\n";
  };
  line("everything in the cloud", usd(cells[o.cloud_only_tco]), "cloud_only.tco");
  line("hybrid", usd(cells[o.hybrid_tco]), "hybrid.tco");
  line("paid before the first month", usd(cells[o.investment]), "investment.usd");
  line("net present value", usd(cells[o.npv]), "npv.usd");
  line("payback", print_value(cells[o.payback_months], Unit::months), "payback.months");
  line("payback in today's money", print_value(cells[o.discounted_payback_months], Unit::months), "discounted_payback.months");
  out += "verdict: " + std::string(to_string(verdict_of(model, cells))) + "\n\n";

  std::size_t width = 10;
  for (const WorkloadPlan& w : plan.workloads) width = std::max(width, w.name.size() + 2);
  out += padded("workload", width) + padded("bucket", 11) + right("cloud", 13) + right("avoided", 13) + right("local part", 13) +
         right("brings", 13) + right("payback", 14) + "\n";
  for (std::size_t i = 0; i < plan.workloads.size(); ++i) {
    const WorkloadPlan& w = plan.workloads[i];
    const WorkloadOut& of = o.workloads[i];
    out += padded(w.name, width) + padded(std::string(to_string(w.bucket)), 11) + right(whole_usd(cells[of.cloud_total]), 13);
    if (w.local_cluster.empty())
      out += right("stays in the cloud", 53) + "\n";
    else
      out += right(whole_usd(cells[of.avoided_total]), 13) + right(whole_usd(cells[of.local_total]), 13) + right(whole_usd(cells[of.net_total]), 13) +
             right(print_value(cells[of.payback_months], Unit::months), 14) + "\n";
  }
  for (std::size_t i = 0; i < plan.clusters.size(); ++i)
    out += "\ncluster " + plan.clusters[i].name + ": " + cells[o.clusters[i].nodes_first].print() + " machines at first, " +
           cells[o.clusters[i].nodes_last].print() + " at the end, " +
           multiply(cells[o.clusters[i].utilisation_last], Decimal::of(100)).value_or(Decimal()).print(1) + " % used then\n";
  return out + "\nWhere a number comes from: demarc plan compare --why CELL\n";
}

std::string comparison_json(const Plan& plan, const Model& model, const std::vector<Decimal>& cells) {
  const Outputs& o = model.out;
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("name", plan.name), json.field("example", plan.example), json.field("months", plan.months);
    json.field("verdict", to_string(verdict_of(model, cells)));
    money(json, "cloud_only_tco_usd", cells[o.cloud_only_tco]), money(json, "hybrid_tco_usd", cells[o.hybrid_tco]),
        money(json, "investment_usd", cells[o.investment]);
    money(json, "npv_usd", cells[o.npv]), money(json, "cash_total_usd", cells[o.saving_total]);
    months(json, "payback_months", cells[o.payback_months]), months(json, "discounted_payback_months", cells[o.discounted_payback_months]);
    json.array("workloads", [&] {
      for (std::size_t i = 0; i < plan.workloads.size(); ++i)
        json.object([&] {
          const WorkloadOut& of = o.workloads[i];
          json.field("name", plan.workloads[i].name), json.field("bucket", to_string(plan.workloads[i].bucket));
          text_or_null(json, "cluster", plan.workloads[i].local_cluster);
          money(json, "usd_per_request", cells[of.usd_per_request]), money(json, "cloud_usd", cells[of.cloud_total]),
              money(json, "avoided_usd", cells[of.avoided_total]);
          money(json, "local_usd", cells[of.local_total]), money(json, "net_usd", cells[of.net_total]),
              months(json, "payback_months", cells[of.payback_months]);
        });
    });
    json.array("clusters", [&] {
      for (std::size_t i = 0; i < plan.clusters.size(); ++i)
        json.object([&] {
          json.field("name", plan.clusters[i].name), json.field("nodes_first", cells[o.clusters[i].nodes_first].print()),
              json.field("nodes_last", cells[o.clusters[i].nodes_last].print());
          json.field("utilisation_last", cells[o.clusters[i].utilisation_last].to_double());
        });
    });
    json.array("cumulative_usd", [&] {
      for (const std::uint32_t cell : o.cumulative) json.value(cells[cell].money().print());
    });
  });
  return out;
}

}  // namespace demarc::planning
