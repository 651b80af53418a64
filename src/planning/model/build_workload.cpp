#include "planning/model/builder.hpp"

namespace demarc::planning {

WorkloadRows build_workload(Builder& b, const Plan& plan, const WorkloadPlan& w, const Row* ramp) {
  const std::string prefix = "workload." + w.name + ".";
  const auto input = [&](const std::string& key) { return b.input(w.quantities, Section::workload, prefix, key); };
  const auto share = [&](const std::string& key) { return input(key) / b.number(100); };
  const auto cloud = [&](const std::string& key) { return b.input(plan.cloud, Section::cloud, "cloud.", key); };
  WorkloadRows out;

  std::vector<Expr> priced, tokens, units;
  for (const Key& key : keys_of(Section::workload)) {
    if (key.name.starts_with("units.") && w.quantities.at(std::string(key.name)).value != Decimal())
      units.push_back(input(std::string(key.name)) * input("cloud.usd_per_unit." + std::string(key.name.substr(6))));
    if (!key.name.starts_with("tokens.") || w.quantities.at(std::string(key.name)).value == Decimal()) continue;
    const Expr count = input(std::string(key.name));
    tokens.push_back(count);
    priced.push_back(count * input("cloud.usd_per_million." + std::string(key.name.substr(7))));
  }
  out.million_tokens_per_request =
      b.cell(prefix + "million_tokens_per_request", Unit::count, "million tokens a request", b.sum(tokens) / b.number(1'000'000));
  Expr asked = b.sum(priced) / b.number(1'000'000);
  if (!units.empty()) asked = asked + b.sum(units);
  const Expr batch = b.number(1) - share("cloud.batch_percent") * (b.number(1) - share("cloud.batch_price_percent"));
  out.usd_per_request = b.cell(prefix + "usd_per_request", Unit::usd, "what the cloud asks for a request, at today's list",
                               asked * share("cloud.tier_percent") * share("cloud.region_percent") * batch);

  const Expr growth =
      b.cell(prefix + "growth_a_month", Unit::factor, "growth of volume in a month", root12(b.number(1) + share("growth_percent_per_year")));
  const Expr trend = b.cell(prefix + "price_change_a_month", Unit::factor, "change of price in a month",
                            root12(b.number(1) + share("cloud.price_change_percent_per_year")));
  const Expr volume_now = b.share(plan.general, Section::general, "", "volume_percent");
  out.volume = b.row(prefix + "volume", Unit::factor, "volume against today's",
                     [&](int k, const Row& row) { return k == 1 ? volume_now : row[static_cast<std::size_t>(k) - 1] * growth; });
  const Row price = b.row(prefix + "price", Unit::factor, "price against today's",
                          [&](int k, const Row& row) { return k == 1 ? b.number(1) : row[static_cast<std::size_t>(k) - 1] * trend; });
  out.requests =
      b.row(prefix + "requests", Unit::count, "requests", [&](int k, const Row&) { return input("requests_per_month") * in_month(out.volume, k); });

  const Expr level = cloud("price_percent") / b.number(100) * (b.number(1) - cloud("discount_percent") / b.number(100));
  const Expr fixed = input("cloud.tools_usd_per_month") + input("cloud.egress_gb_per_month") * cloud("usd_per_egress_gb");
  out.cloud_all = b.row(prefix + "cloud_all.usd", Unit::usd, "cloud usage, everything in the cloud", [&](int k, const Row&) {
    const Expr usage = in_month(out.requests, k) * out.usd_per_request + input("cloud.usd_per_month") * in_month(out.volume, k);
    return usage * in_month(price, k) * level + fixed;
  });
  if (ramp == nullptr) {
    out.cloud_rest = out.cloud_all;
    return out;
  }
  out.share = b.row(prefix + "local_share", Unit::factor, "share that the local tier serves",
                    [&](int k, const Row&) { return share("local.share_percent") * in_month(*ramp, k); });
  out.cloud_rest = b.row(prefix + "cloud_rest.usd", Unit::usd, "cloud usage that stays",
                         [&](int k, const Row&) { return in_month(out.cloud_all, k) * (b.number(1) - in_month(out.share, k)); });
  out.rework = b.row(prefix + "rework.usd", Unit::usd, "local answers done again", [&](int k, const Row&) {
    return in_month(out.requests, k) * in_month(out.share, k) * share("local.rework_percent") * input("local.usd_per_rework");
  });
  const Expr seconds = b.input(plan.general, Section::general, "", "hours_per_month") * b.number(3600);
  out.load = b.row(prefix + "load", Unit::per_second, "its load on the local tier, in requests of the profile",
                   [&](int k, const Row&) { return in_month(out.requests, k) * in_month(out.share, k) * input("local.weight") / seconds; });
  out.demand = b.row(prefix + "demand", Unit::per_second, "the load once the whole share is local",
                     [&](int k, const Row&) { return in_month(out.requests, k) * share("local.share_percent") * input("local.weight") / seconds; });
  out.evaluation = input("local.evaluation_usd_per_month");
  out.migration = input("local.migration_usd");
  return out;
}

}  // namespace demarc::planning
