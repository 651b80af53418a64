#include "planning/model/build_model.hpp"

#include "base/check.hpp"
#include "planning/model/builder.hpp"

namespace demarc::planning {

Expr in_month(const Row& row, int k) { return row[static_cast<std::size_t>(k)]; }

Expr Builder::input(const Quantities& from, Section section, const std::string& prefix, const std::string& key) {
  const std::string name = prefix + key;
  const auto have = inputs_.find(name);
  if (have != inputs_.end()) return have->second;
  const Key* known = find_key(section, key);
  const auto found = from.find(key);
  CHECK(known != nullptr && found != from.end());
  return inputs_
      .emplace(name, sheet_.input({.name = name,
                                   .label = std::string(known->label),
                                   .unit = known->unit,
                                   .quantity = found->second,
                                   .lowest = *Decimal::parse(known->lowest),
                                   .highest = *Decimal::parse(known->highest)}))
      .first->second;
}

Expr Builder::monthly_event(const Quantities& from, const std::string& prefix, const std::string& key, int month) {
  const Key* known = find_key(Section::cluster, key);
  const Quantity& quantity = from.at(key);
  return sheet_.input({.name = prefix + key + "[" + std::to_string(month) + "]",
                       .label = std::string(known->label),
                       .unit = known->unit,
                       .quantity = quantity,
                       .per_month = true});
}

Expr Builder::sum(const std::vector<Expr>& parts) {
  if (parts.empty()) return number(0);
  Expr out = parts.front();
  for (std::size_t i = 1; i < parts.size(); ++i) out = out + parts[i];
  return out;
}

Expr Builder::total(const std::string& name, const std::string& label, const Row& row, int first, Unit unit) {
  std::vector<Expr> parts;
  for (int k = first; k <= months_; ++k) parts.push_back(in_month(row, k));
  return cell(name, unit, label + ", all months", sum(parts));
}

namespace {

// One world's cloud bill: usage or the commitment, whichever is more, less credits while they last, and compliance.
Row build_bill(Builder& b, const Plan& plan, const std::string& world, const Row& usage, const Row& million_tokens, const std::string& compliance_key,
               Row& compliance) {
  const auto cloud = [&](const std::string& key) { return b.input(plan.cloud, Section::cloud, "cloud.", key); };
  const Row gross = b.row(world + ".bill.usd", Unit::usd, "usage, or the commitment if that is more",
                          [&](int k, const Row&) { return larger(in_month(usage, k), cloud("commitment_usd_per_month")); });
  Row credit(static_cast<std::size_t>(b.months()) + 1), left(static_cast<std::size_t>(b.months()) + 1);
  for (int k = 1; k <= b.months(); ++k) {
    const auto at = static_cast<std::size_t>(k);
    const Expr before = k == 1 ? cloud("credits_usd") : left[at - 1];
    credit[at] = b.cell(world + ".credits.usd", Unit::usd, "credits used", smaller(before, gross[at]), k);
    left[at] = b.cell(world + ".credits_left.usd", Unit::usd, "credits left", before - credit[at], k);
  }
  compliance = b.row(world + ".compliance.usd", Unit::usd, "compliance work for the cloud", [&](int k, const Row&) {
    return cloud(compliance_key) / b.number(12) + in_month(million_tokens, k) * cloud("compliance_usd_per_million_tokens");
  });
  return b.row(world + ".cloud.usd", Unit::usd, "the cloud, all of it",
               [&](int k, const Row&) { return in_month(gross, k) - in_month(credit, k) + in_month(compliance, k); });
}

Expr build_payback(Builder& b, const std::string& name, const std::string& label, const Row& cumulative) {
  Expr later = b.number(kNeverMonths);
  for (int k = b.months(); k >= 1; --k) {
    const Expr before = in_month(cumulative, k - 1), now = in_month(cumulative, k);
    const Expr part = (b.number(0) - before) / larger(now - before, b.decimal("0.000000001"));
    later = b.cell(name + ".from", Unit::months, label + ", if not before this month", choose(now, b.number(k - 1) + part, later), k);
  }
  return b.cell(name + ".months", Unit::months, label + "; " + std::to_string(kNeverMonths) + " is never", later);
}

}  // namespace

Model build_model(const Plan& plan) {
  Model model;
  Builder b(model.sheet, plan.months);
  const int n = plan.months;
  Outputs& out = model.out;

  std::map<std::string, Row> ramps;
  for (const ClusterPlan& cluster : plan.clusters) ramps[cluster.name] = build_ramp(b, cluster);
  std::vector<WorkloadRows> workloads;
  for (const WorkloadPlan& w : plan.workloads)
    workloads.push_back(build_workload(b, plan, w, w.local_cluster.empty() ? nullptr : &ramps.at(w.local_cluster)));
  std::vector<ClusterRows> clusters;
  for (const ClusterPlan& cluster : plan.clusters) {
    std::vector<const WorkloadRows*> served;
    for (std::size_t i = 0; i < workloads.size(); ++i)
      if (plan.workloads[i].local_cluster == cluster.name) served.push_back(&workloads[i]);
    clusters.push_back(build_cluster(b, plan, cluster, ramps.at(cluster.name), served));
  }

  // A row over workloads.
  const auto over = [&](const std::string& name, Unit unit, const std::string& label, auto&& of) {
    return b.row(name, unit, label, [&](int k, const Row&) {
      std::vector<Expr> parts;
      for (std::size_t i = 0; i < workloads.size(); ++i)
        if (std::optional<Expr> part = of(i, k)) parts.push_back(*part);
      return b.sum(parts);
    });
  };
  const auto is_local = [&](std::size_t i) { return !plan.workloads[i].local_cluster.empty(); };
  for (const Bucket bucket : {Bucket::boring, Bucket::strategic})
    over(
        "bucket." + std::string(to_string(bucket)) + ".cloud_all.usd", Unit::usd, "cloud usage of the " + std::string(to_string(bucket)) + " bucket",
        [&](std::size_t i, int k) { return plan.workloads[i].bucket == bucket ? std::optional(in_month(workloads[i].cloud_all, k)) : std::nullopt; });
  const Row all_usage = over("cloud_only.usage.usd", Unit::usd, "cloud usage, everything in the cloud",
                             [&](std::size_t i, int k) { return std::optional(in_month(workloads[i].cloud_all, k)); });
  const Row all_tokens = over("cloud_only.million_tokens", Unit::count, "million tokens in the cloud", [&](std::size_t i, int k) {
    return std::optional(in_month(workloads[i].requests, k) * workloads[i].million_tokens_per_request);
  });
  const Row rest_tokens = over("hybrid.million_tokens", Unit::count, "million tokens that stay in the cloud", [&](std::size_t i, int k) {
    const Expr tokens = in_month(workloads[i].requests, k) * workloads[i].million_tokens_per_request;
    return std::optional(is_local(i) ? tokens * (b.number(1) - in_month(workloads[i].share, k)) : tokens);
  });
  // While the local tier is down the cloud serves its share.
  std::vector<Row> events;
  for (const ClusterPlan& cluster : plan.clusters) {
    Row row(static_cast<std::size_t>(n) + 1);
    if (cluster.quantities.at("outage.hours").value != Decimal() && cluster.quantities.at("outage.percent_per_month").value != Decimal())
      for (int k = 1; k <= n; ++k)
        row[static_cast<std::size_t>(k)] = b.monthly_event(cluster.quantities, "cluster." + cluster.name + ".", "outage.percent_per_month", k);
    events.push_back(std::move(row));
  }
  const Row outage = b.row("hybrid.outage.usd", Unit::usd, "cloud usage while the local tier is down", [&](int k, const Row&) {
    std::vector<Expr> parts;
    for (std::size_t c = 0; c < plan.clusters.size(); ++c) {
      if (events[c][static_cast<std::size_t>(k)].sheet == nullptr) continue;
      std::vector<Expr> away;
      for (std::size_t i = 0; i < workloads.size(); ++i)
        if (plan.workloads[i].local_cluster == plan.clusters[c].name)
          away.push_back(in_month(workloads[i].cloud_all, k) - in_month(workloads[i].cloud_rest, k));
      const std::string prefix = "cluster." + plan.clusters[c].name + ".";
      parts.push_back(b.sum(away) * in_month(events[c], k) / b.number(100) *
                      b.input(plan.clusters[c].quantities, Section::cluster, prefix, "outage.hours") /
                      b.input(plan.general, Section::general, "", "hours_per_month"));
    }
    return b.sum(parts);
  });
  const Row rest_usage = over("hybrid.usage.usd", Unit::usd, "cloud usage that stays",
                              [&](std::size_t i, int k) { return std::optional(in_month(workloads[i].cloud_rest, k)); });
  const Row rest_all = b.row("hybrid.usage_with_outages.usd", Unit::usd, "cloud usage that stays, and that of outages",
                             [&](int k, const Row&) { return in_month(rest_usage, k) + in_month(outage, k); });

  Row compliance_all, compliance_rest;
  const Row cloud_only = build_bill(b, plan, "cloud_only", all_usage, all_tokens, "compliance_usd_per_year", compliance_all);
  const Row hybrid_cloud =
      build_bill(b, plan, "hybrid", rest_all, rest_tokens,
                 plan.cloud.contains("compliance_after_usd_per_year") ? "compliance_after_usd_per_year" : "compliance_usd_per_year", compliance_rest);
  const Row rework = over("hybrid.rework.usd", Unit::usd, "local answers done again",
                          [&](std::size_t i, int k) { return is_local(i) ? std::optional(in_month(workloads[i].rework, k)) : std::nullopt; });
  const Row evaluation = over("hybrid.evaluation.usd", Unit::usd, "checking quality",
                              [&](std::size_t i, int) { return is_local(i) ? std::optional(workloads[i].evaluation) : std::nullopt; });
  const auto over_clusters = [&](int k, Row ClusterRows::* which) {
    std::vector<Expr> parts;
    for (const ClusterRows& cluster : clusters) parts.push_back(in_month(cluster.*which, k));
    return b.sum(parts);
  };
  const Row running = b.row("hybrid.local_running.usd", Unit::usd, "the local tier's bills",
                            [&](int k, const Row&) { return over_clusters(k, &ClusterRows::running); });
  const Row hardware =
      b.row("hybrid.hardware.usd", Unit::usd, "hardware bought", [&](int k, const Row&) { return over_clusters(k, &ClusterRows::hardware); }, 0);
  const Row charge = b.row("hybrid.charge.usd", Unit::usd, "hardware, spread over its life",
                           [&](int k, const Row&) { return over_clusters(k, &ClusterRows::charge); });
  const Row hybrid = b.row("hybrid.cost.usd", Unit::usd, "what the hybrid costs, hardware as it is charged", [&](int k, const Row&) {
    return in_month(hybrid_cloud, k) + in_month(running, k) + in_month(charge, k) + in_month(rework, k) + in_month(evaluation, k);
  });

  std::vector<Expr> one_offs, residuals;
  for (const ClusterRows& cluster : clusters) one_offs.push_back(cluster.one_off), residuals.push_back(cluster.residual);
  for (std::size_t i = 0; i < workloads.size(); ++i)
    if (is_local(i)) one_offs.push_back(workloads[i].migration);
  const Expr one_off = b.cell("one_off.usd", Unit::usd, "setting up, moving, finding people", b.sum(one_offs));
  const Expr residual = b.cell("residual.usd", Unit::usd, "what the hardware is still worth at the end", b.sum(residuals));
  const Expr investment = b.cell("investment.usd", Unit::usd, "paid before the first month", in_month(hardware, 0) + one_off);

  const Row saving = b.row("saving.usd", Unit::usd, "what the month brings, before hardware", [&](int k, const Row&) {
    return in_month(cloud_only, k) - in_month(hybrid_cloud, k) - in_month(running, k) - in_month(rework, k) - in_month(evaluation, k);
  });
  const Row cash = b.row(
      "cash.usd", Unit::usd, "cash of the month",
      [&](int k, const Row&) { return k == 0 ? b.number(0) - investment : in_month(saving, k) - in_month(hardware, k); }, 0);
  const Row cumulative = b.row(
      "cumulative.usd", Unit::usd, "cash so far",
      [&](int k, const Row& row) { return k == 0 ? in_month(cash, 0) : row[static_cast<std::size_t>(k) - 1] + in_month(cash, k); }, 0);
  const Expr rate = b.share(plan.general, Section::general, "", "discount_percent_per_year") / b.number(12);
  const Row discount = b.row(
      "discount", Unit::factor, "what a dollar of this month is worth today",
      [&](int k, const Row& row) { return k == 0 ? b.number(1) : row[static_cast<std::size_t>(k) - 1] / (b.number(1) + rate); }, 0);
  const Row present = b.row(
      "cumulative_present.usd", Unit::usd, "cash so far, in today's money",
      [&](int k, const Row& row) {
        return k == 0 ? in_month(cash, 0) : row[static_cast<std::size_t>(k) - 1] + in_month(cash, k) * in_month(discount, k);
      },
      0);

  const auto index = [&](Expr cell) { return b.index(cell); };
  out.investment = index(investment);
  out.residual = index(residual);
  out.npv = index(b.cell("npv.usd", Unit::usd, "net present value: all cash and what the hardware is still worth, in today's money",
                         in_month(present, n) + residual * in_month(discount, n)));
  out.payback_months = index(build_payback(b, "payback", "months until what came back covers what was paid", cumulative));
  out.discounted_payback_months = index(build_payback(b, "discounted_payback", "the same in today's money", present));
  out.saving_total =
      index(b.cell("cash.total", Unit::usd, "cash over all months, without what the hardware is still worth", in_month(cumulative, n)));
  out.cloud_only_tco = index(b.total("cloud_only.tco", "everything in the cloud", cloud_only));
  out.hybrid_cloud_total = index(b.total("hybrid.cloud.total", "the cloud's part of the hybrid", hybrid_cloud));
  out.compliance_total = index(b.total("hybrid.compliance.total", "compliance work for the cloud", compliance_rest));
  const Expr rework_total = b.total("hybrid.rework.total", "answers done again", rework),
             evaluation_total = b.total("hybrid.evaluation.total", "checking quality", evaluation);
  out.rework_total = index(b.cell("hybrid.quality.total", Unit::usd, "rework and checking quality, all months", rework_total + evaluation_total));
  out.one_off_total = index(one_off);
  out.hybrid_tco = index(b.cell("hybrid.tco", Unit::usd, "the hybrid, all months",
                                b.total("hybrid.cost.total", "the hybrid without what is paid once", hybrid) + one_off));
  for (int k = 0; k <= n; ++k) out.cumulative.push_back(index(in_month(cumulative, k)));
  for (int k = 1; k <= n; ++k) out.cloud_only.push_back(index(in_month(cloud_only, k))), out.hybrid.push_back(index(in_month(hybrid, k)));
  for (const ClusterRows& cluster : clusters) out.clusters.push_back(cluster.out);

  // Each workload by itself: its share of a cluster is its share of the load.
  for (std::size_t i = 0; i < workloads.size(); ++i) {
    const std::string prefix = "workload." + plan.workloads[i].name + ".";
    const WorkloadRows& w = workloads[i];
    WorkloadOut cells{};
    cells.usd_per_request = index(w.usd_per_request);
    const Expr cloud_total = b.total(prefix + "cloud_all.total", "in the cloud", w.cloud_all);
    cells.cloud_total = index(cloud_total);
    if (!is_local(i)) {
      const Expr nothing = b.cell(prefix + "net.total", Unit::usd, "stays in the cloud", b.number(0));
      cells.avoided_total = cells.local_total = cells.net_total = index(nothing);
      cells.payback_months = index(b.cell(prefix + "payback.months", Unit::months, "stays in the cloud", b.number(kNeverMonths)));
      out.workloads.push_back(cells);
      continue;
    }
    const ClusterRows& cluster = clusters[static_cast<std::size_t>(
        std::ranges::find(plan.clusters, plan.workloads[i].local_cluster, &ClusterPlan::name) - plan.clusters.begin())];
    const Row avoided = b.row(prefix + "avoided.usd", Unit::usd, "cloud usage avoided",
                              [&](int k, const Row&) { return in_month(w.cloud_all, k) - in_month(w.cloud_rest, k); });
    const auto part = [&](int k) { return in_month(w.load, k) / larger(in_month(cluster.load, k), b.decimal("0.000000001")); };
    const Row bills = b.row(prefix + "bills.usd", Unit::usd, "its part of the local tier's bills, rework and checks",
                            [&](int k, const Row&) { return in_month(cluster.running, k) * part(k) + in_month(w.rework, k) + w.evaluation; });
    const Row charged = b.row(prefix + "charged.usd", Unit::usd, "its part of the hardware",
                              [&](int k, const Row&) { return in_month(cluster.charge, k) * part(k); });
    const Expr avoided_total = b.total(prefix + "avoided.total", "cloud usage avoided", avoided);
    const Expr bills_total = b.total(prefix + "bills.total", "bills", bills);
    const Expr local_total = b.cell(prefix + "local.total", Unit::usd, "its part of the local tier, all months",
                                    bills_total + b.total(prefix + "charged.total", "hardware", charged) + w.migration);
    cells.avoided_total = index(avoided_total);
    cells.local_total = index(local_total);
    cells.net_total = index(b.cell(prefix + "net.total", Unit::usd, "what moving it brings, all months", avoided_total - local_total));
    const Expr paid = b.cell(prefix + "paid.usd", Unit::usd, "its part of what is paid first",
                             (in_month(cluster.hardware, 0) + cluster.one_off) * part(n) + w.migration);
    const Expr brings = b.cell(prefix + "brings.usd", Unit::usd, "what its mean month brings", (avoided_total - bills_total) / b.number(n));
    const Expr least = b.decimal("0.000000001"), after = paid / larger(brings, least);
    cells.payback_months = index(b.cell(prefix + "payback.months", Unit::months,
                                        "paid ÷ brings, within the plan's months; " + std::to_string(kNeverMonths) + " is never",
                                        choose(brings - least, choose(b.number(n) - after, after, b.number(kNeverMonths)), b.number(kNeverMonths))));
    out.workloads.push_back(cells);
  }
  return model;
}

}  // namespace demarc::planning
