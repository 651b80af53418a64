#include "planning/model/builder.hpp"

namespace demarc::planning {
namespace {

// base to the power of n, in few multiplications.
Expr power(Builder& b, Expr base, int n) {
  if (n == 0) return b.number(1);
  if (n == 1) return base;
  const Expr half = power(b, base, n / 2);
  return n % 2 == 0 ? half * half : half * half * base;
}

}  // namespace

Row build_ramp(Builder& b, const ClusterPlan& c) {
  const std::string prefix = "cluster." + c.name + ".";
  const Expr months = b.input(c.quantities, Section::cluster, prefix, "ramp_up_months");
  return b.row(prefix + "ramp", Unit::factor, "how much of its share it carries already",
               [&](int k, const Row&) { return smaller(b.number(1), b.number(k) / (months + b.number(1))); });
}

ClusterRows build_cluster(Builder& b, const Plan& plan, const ClusterPlan& c, const Row& ramp, const std::vector<const WorkloadRows*>& served) {
  const std::string prefix = "cluster." + c.name + ".";
  const auto input = [&](const std::string& key) { return b.input(c.quantities, Section::cluster, prefix, key); };
  const auto share = [&](const std::string& key) { return input(key) / b.number(100); };
  const int n = b.months(), life = static_cast<int>(c.quantities.at("life_months").value.to_double());
  const bool sized = c.quantities.contains("capacity_requests_per_s");
  ClusterRows out{.ramp = ramp};

  const auto over_served = [&](const std::string& name, const std::string& label, Row WorkloadRows::* which) {
    return b.row(prefix + name, Unit::per_second, label, [&](int k, const Row&) {
      std::vector<Expr> parts;
      for (const WorkloadRows* w : served) parts.push_back(in_month(w->*which, k));
      return b.sum(parts);
    });
  };
  out.load = over_served("load", "mean load", &WorkloadRows::load);
  const Row demand = over_served("demand", "mean load once everything moved", &WorkloadRows::demand);

  // Nodes are bought for the peak with spares, never sold back before their time.
  const auto needed = [&](int k) {
    return sized ? ceiling(in_month(demand, k) * input("peak_to_mean") / input("capacity_requests_per_s")) + input("spare_nodes") : input("nodes");
  };
  out.nodes = b.row(
      prefix + "nodes", Unit::count, "machines",
      [&](int k, const Row& row) { return k == 0 ? needed(1) : larger(row[static_cast<std::size_t>(k) - 1], needed(k)); }, 0);
  const Row used = b.row(prefix + "utilisation", Unit::factor, "mean utilisation", [&](int k, const Row&) {
    if (sized) return smaller(b.number(1), in_month(out.load, k) / (in_month(out.nodes, k) * input("capacity_requests_per_s")));
    return share("utilisation_percent") * in_month(ramp, k);
  });

  // Hardware: paid when it is bought (cash), charged over its life (cost).
  const Expr fixed = input("network_usd") + input("spares_usd");
  const Expr salvage = share("salvage_percent");
  out.hardware = b.row(
      prefix + "hardware.usd", Unit::usd, "hardware bought, less what the old one brought",
      [&](int k, const Row&) {
        const Expr all = in_month(out.nodes, k) * input("usd_per_node") + fixed;
        if (k == 0) return all;
        const Expr more = (in_month(out.nodes, k) - in_month(out.nodes, k - 1)) * input("usd_per_node");
        return k % life == 0 && k < n ? all - (in_month(out.nodes, k - 1) * input("usd_per_node") + fixed) * salvage : more;
      },
      0);
  const Expr rate = share("capital_percent_per_year") / b.number(12);
  const Expr grown = power(b, b.number(1) + rate, life);
  const Expr annuity = (b.number(1) - salvage / grown) * rate / (b.number(1) - b.number(1) / grown);
  const Expr charged =
      b.cell(prefix + "charge_per_usd", Unit::factor, "monthly charge per dollar of hardware: a straight line, or an annuity at the cost of capital",
             choose(b.number(0) - rate, (b.number(1) - salvage) / b.number(life), annuity));
  const Row worth = b.row(prefix + "hardware_in_use.usd", Unit::usd, "price of the hardware in use",
                          [&](int k, const Row&) { return in_month(out.nodes, k) * input("usd_per_node") + fixed; });
  out.charge =
      b.row(prefix + "charge.usd", Unit::usd, "hardware, spread over its life", [&](int k, const Row&) { return in_month(worth, k) * charged; });

  const Expr hours = b.input(plan.general, Section::general, "", "hours_per_month");
  const Row power_usd = b.row(prefix + "power.usd", Unit::usd, "electricity with the room's overhead", [&](int k, const Row&) {
    const Expr watts = input("watts_idle") + in_month(used, k) * (input("watts_peak") - input("watts_idle"));
    return in_month(out.nodes, k) * watts * input("pue") * hours / b.number(1000) * input("usd_per_kwh");
  });
  const Row staff = b.row(prefix + "staff.usd", Unit::usd, "engineers",
                          [&](int, const Row&) { return input("engineer.usd_per_year") * input("engineer.share") / b.number(12); });
  const Row other = b.row(prefix + "other.usd", Unit::usd, "space, lines, licences, maintenance, compliance", [&](int k, const Row&) {
    return input("space_usd_per_month") + input("network_usd_per_month") + input("licences_usd_per_month") +
           in_month(worth, k) * share("maintenance_percent_per_year") / b.number(12) + input("compliance_usd_per_year") / b.number(12);
  });
  out.running = b.row(prefix + "running.usd", Unit::usd, "the local tier's bills",
                      [&](int k, const Row&) { return in_month(power_usd, k) + in_month(staff, k) + in_month(other, k); });
  out.one_off = b.cell(prefix + "one_off.usd", Unit::usd, "setting up and finding people", input("migration_usd") + input("engineer.hiring_usd"));

  // What is left of each purchase at the end, on a straight line from its price to its salvage.
  const int last = n > life ? (n - 1) / life * life : 0;
  std::vector<Expr> left;
  for (int k = last; k <= n; ++k) {
    const Expr bought = k == last ? in_month(out.nodes, k) * input("usd_per_node") + fixed : in_month(out.hardware, k);
    left.push_back(bought * (b.number(1) - (b.number(1) - salvage) * smaller(b.number(1), b.number(n - k) / b.number(life))));
  }
  out.residual = b.cell(prefix + "residual.usd", Unit::usd, "what the hardware is still worth at the end", b.sum(left));

  const auto index = [&](Expr cell) { return b.index(cell); };
  out.out = {.nodes_first = index(in_month(out.nodes, 0)),
             .nodes_last = index(in_month(out.nodes, n)),
             .utilisation_last = index(in_month(used, n)),
             .hardware_total = index(b.total(prefix + "hardware.total", "hardware bought", out.hardware, 0)),
             .charge_total = index(b.total(prefix + "charge.total", "hardware, charged", out.charge)),
             .power_total = index(b.total(prefix + "power.total", "electricity", power_usd)),
             .staff_total = index(b.total(prefix + "staff.total", "engineers", staff)),
             .other_total = index(b.total(prefix + "other.total", "space, lines, licences, maintenance, compliance", other))};
  return out;
}

}  // namespace demarc::planning
