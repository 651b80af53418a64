"""The business case's model once more, written from the formulas of docs/reference/plan.md and from nothing else: what tests hold the program against.

Decimals of 60 digits; no code is shared with src/planning.
"""

import decimal

import yaml

decimal.getcontext().prec = 60
D = decimal.Decimal

DEFAULTS = {
    "discount_percent_per_year": 8, "volume_percent": 100, "hours_per_month": 730,
    "cloud": {"usd_per_egress_gb": 0, "compliance_usd_per_year": 0, "compliance_usd_per_million_tokens": 0, "price_percent": 100, "discount_percent": 0, "commitment_usd_per_month": 0, "credits_usd": 0},
    "workload": {"requests_per_month": 0, "growth_percent_per_year": 0, "cloud.usd_per_month": 0, "cloud.tools_usd_per_month": 0, "cloud.tier_percent": 100, "cloud.region_percent": 100, "cloud.batch_percent": 0,
                 "cloud.batch_price_percent": 50, "cloud.price_change_percent_per_year": 0, "cloud.egress_gb_per_month": 0, "local.share_percent": 100, "local.weight": 1, "local.rework_percent": 0,
                 "local.usd_per_rework": 0, "local.evaluation_usd_per_month": 0, "local.migration_usd": 0},
    "cluster": {"nodes": 1, "utilisation_percent": 30, "peak_to_mean": 4, "spare_nodes": 1, "usd_per_node": 0, "network_usd": 0, "spares_usd": 0, "life_months": 36, "salvage_percent": 0,
                "capital_percent_per_year": 0, "watts_idle": 0, "watts_peak": 0, "pue": "1.4", "usd_per_kwh": "0.15", "space_usd_per_month": 0, "network_usd_per_month": 0, "licences_usd_per_month": 0,
                "maintenance_percent_per_year": 0, "compliance_usd_per_year": 0, "engineer.usd_per_year": 180000, "engineer.share": 1, "engineer.hiring_usd": 0, "migration_usd": 0, "ramp_up_months": 0,
                "outage.percent_per_month": 0, "outage.hours": 0},
}


class Values:
    def __init__(self, node, defaults):
        self.node, self.defaults = node, defaults

    def __call__(self, key):
        node = self.node
        for part in key.split("."):
            node = node.get(part) if isinstance(node, dict) else None
        if isinstance(node, dict):
            node = node["value"]
        return D(str(node if node is not None else self.defaults.get(key, 0)))


def compute(text, prices):
    """`prices`: dollars a million by (model, token class), for workloads that name a model."""
    plan = yaml.load(text, yaml.BaseLoader)
    n = int(plan.get("months", 36))
    general, cloud = Values(plan, DEFAULTS), Values(plan.get("cloud", {}), DEFAULTS["cloud"])
    hours, rate = general("hours_per_month"), general("discount_percent_per_year") / 100 / 12
    level = cloud("price_percent") / 100 * (1 - cloud("discount_percent") / 100)
    months = range(1, n + 1)
    clusters = {c["name"]: Values(c, DEFAULTS["cluster"]) for c in plan.get("clusters", [])}
    ramp = {name: {k: min(D(1), D(k) / (c("ramp_up_months") + 1)) for k in months} for name, c in clusters.items()}

    all_usage, rest_usage, all_tokens, rest_tokens, rework, evaluation = ({k: D(0) for k in months} for _ in range(6))
    load, demand = ({name: {k: D(0) for k in months} for name in clusters} for _ in range(2))
    one_off = D(0)
    for raw in plan["workloads"]:
        w = Values(raw, DEFAULTS["workload"])
        model, home = raw.get("cloud", {}).get("model"), raw.get("local", {}).get("cluster")
        per_request = million = D(0)
        for name in raw.get("tokens", {}):
            tokens = w("tokens." + name)
            given = raw.get("cloud", {}).get("usd_per_million", {})
            price = w("cloud.usd_per_million." + name) if name in given else D(prices[model, name]) if tokens else D(0)
            per_request += tokens * price / 10**6
            million += tokens / 10**6
        for name in raw.get("units", {}):
            per_request += w("units." + name) * w("cloud.usd_per_unit." + name)
        batch_price = w("cloud.batch_price_percent") / 100
        per_request *= w("cloud.tier_percent") / 100 * w("cloud.region_percent") / 100 * (1 - w("cloud.batch_percent") / 100 * (1 - batch_price))
        for k in months:
            years = D(k - 1) / 12
            volume = general("volume_percent") / 100 * (1 + w("growth_percent_per_year") / 100) ** years
            requests = w("requests_per_month") * volume
            usd = (requests * per_request + w("cloud.usd_per_month") * volume) * (1 + w("cloud.price_change_percent_per_year") / 100) ** years * level
            usd += w("cloud.tools_usd_per_month") + w("cloud.egress_gb_per_month") * cloud("usd_per_egress_gb")
            share = w("local.share_percent") / 100 * ramp[home][k] if home else D(0)
            all_usage[k] += usd
            rest_usage[k] += usd * (1 - share)
            all_tokens[k] += requests * million
            rest_tokens[k] += requests * million * (1 - share)
            if home:
                c = clusters[home]
                rest_usage[k] += usd * share * c("outage.percent_per_month") / 100 * c("outage.hours") / hours
                rework[k] += requests * share * w("local.rework_percent") / 100 * w("local.usd_per_rework")
                evaluation[k] += w("local.evaluation_usd_per_month")
                load[home][k] += requests * share * w("local.weight") / (hours * 3600)
                demand[home][k] += requests * w("local.share_percent") / 100 * w("local.weight") / (hours * 3600)
        if home:
            one_off += w("local.migration_usd")

    def bill(usage, tokens):
        credits, out = cloud("credits_usd"), {}
        for k in months:
            gross = max(usage[k], cloud("commitment_usd_per_month"))
            used = min(credits, gross)
            credits -= used
            out[k] = gross - used + cloud("compliance_usd_per_year") / 12 + tokens[k] * cloud("compliance_usd_per_million_tokens")
        return out

    cloud_only, cloud_rest = bill(all_usage, all_tokens), bill(rest_usage, rest_tokens)
    running, charge = {k: D(0) for k in months}, {k: D(0) for k in months}
    hardware = {k: D(0) for k in range(n + 1)}
    residual = D(0)
    for name, c in clusters.items():
        life, salvage = int(c("life_months")), c("salvage_percent") / 100
        sized = "capacity_requests_per_s" in c.node
        need = {k: (demand[name][k] * c("peak_to_mean") / c("capacity_requests_per_s")).to_integral_value(decimal.ROUND_CEILING) + c("spare_nodes") if sized else c("nodes") for k in months}
        nodes = {0: need[1]}
        for k in months:
            nodes[k] = max(nodes[k - 1], need[k])
        fixed, each = c("network_usd") + c("spares_usd"), c("usd_per_node")
        bought = {0: nodes[0] * each + fixed}
        for k in months:
            bought[k] = (nodes[k] - nodes[k - 1]) * each
            if k % life == 0 and k < n:
                bought[k] = nodes[k] * each + fixed - (nodes[k - 1] * each + fixed) * salvage
        last = (n - 1) // life * life if n > life else 0
        for k in range(last, n + 1):
            amount = nodes[k] * each + fixed if k == last else bought[k]
            residual += amount * (1 - (1 - salvage) * min(D(1), D(n - k) / life))
        i = c("capital_percent_per_year") / 100 / 12
        factor = (1 - salvage) / life if i == 0 else (1 - salvage / (1 + i) ** life) * i / (1 - 1 / (1 + i) ** life)
        for k in range(n + 1):
            hardware[k] += bought[k]
        for k in months:
            used = min(D(1), load[name][k] / (nodes[k] * c("capacity_requests_per_s"))) if sized else c("utilisation_percent") / 100 * ramp[name][k]
            watts = c("watts_idle") + used * (c("watts_peak") - c("watts_idle"))
            worth = nodes[k] * each + fixed
            running[k] += nodes[k] * watts * c("pue") * hours / 1000 * c("usd_per_kwh") + c("engineer.usd_per_year") * c("engineer.share") / 12
            running[k] += c("space_usd_per_month") + c("network_usd_per_month") + c("licences_usd_per_month") + worth * c("maintenance_percent_per_year") / 1200 + c("compliance_usd_per_year") / 12
            charge[k] += worth * factor
        one_off += c("migration_usd") + c("engineer.hiring_usd")

    cash = {0: -(hardware[0] + one_off)}
    for k in months:
        cash[k] = cloud_only[k] - cloud_rest[k] - running[k] - rework[k] - evaluation[k] - hardware[k]
    cumulative, present = {0: cash[0]}, {0: cash[0]}
    for k in months:
        cumulative[k] = cumulative[k - 1] + cash[k]
        present[k] = present[k - 1] + cash[k] / (1 + rate) ** k

    def payback(row):
        for k in months:
            if row[k] >= 0:
                return k - 1 - row[k - 1] / (row[k] - row[k - 1])
        return None

    return {
        "cloud_only_tco_usd": sum(cloud_only.values()),
        "hybrid_tco_usd": sum(cloud_rest[k] + running[k] + charge[k] + rework[k] + evaluation[k] for k in months) + one_off,
        "investment_usd": -cash[0], "npv_usd": present[n] + residual / (1 + rate) ** n, "cash_total_usd": cumulative[n],
        "payback_months": payback(cumulative), "discounted_payback_months": payback(present), "cumulative_usd": list(cumulative.values()),
    }
