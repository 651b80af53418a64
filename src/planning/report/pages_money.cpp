// The pages about the decision and the money.
#include <algorithm>

#include "planning/model/compare.hpp"
#include "planning/model/why.hpp"
#include "planning/report/charts.hpp"
#include "planning/report/svg.hpp"
#include "planning/report/words.hpp"

namespace demarc::planning {
namespace {

Decimal at(const ReportData& d, std::uint32_t cell) { return d.cells[cell]; }
double f(const ReportData& d, std::uint32_t cell) { return d.cells[cell].to_double(); }

}  // namespace

Page decision_page(const ReportData& d) {
  const Outputs& o = d.model.out;
  const Verdict verdict = verdict_of(d.model, d.cells);
  std::string body;
  const bool worth = verdict == Verdict::worth;
  const bool likely = d.outcome.worth_it >= 0.8;
  const std::string answer = !worth   ? (verdict == Verdict::never ? "Stay in the cloud: on the plan's own values the local tier never pays back."
                                                                   : "Stay in the cloud: it pays back and still loses money over the whole time.")
                             : likely ? "Build the local tier for the boring workloads."
                                      : "The plan pays on its own values, but not surely: settle what moves it most before buying.";
  body += "<p class=\"answer " + std::string(worth && likely ? "good" : worth ? "fair" : "bad") + "\">" + answer + "</p>\n";
  body += "<div class=\"figures\">";
  const auto figure = [&](const std::string& value, const std::string& label) {
    body += "<div><b>" + value + "</b><span>" + label + "</span></div>";
  };
  figure(usd(at(d, o.npv)), "net present value, " + std::to_string(d.plan.months) + " months");
  figure(months_of(at(d, o.payback_months)), "payback on the plan's values");
  figure(percent_of(d.outcome.worth_it), "of draws pay back and are worth it");
  figure(percent_of(d.outcome.payback_within_12), "of draws pay back within 12 months");
  body += "</div>\n";
  std::vector<std::vector<std::string>> rows;
  rows.push_back({"Everything in the cloud", usd_cents(at(d, o.cloud_only_tco)), "cloud_only.tco"});
  rows.push_back({"Cloud and local together", usd_cents(at(d, o.hybrid_tco)), "hybrid.tco"});
  rows.push_back({"Paid before the first month", usd_cents(at(d, o.investment)), "investment.usd"});
  rows.push_back({"Net present value", usd_cents(at(d, o.npv)), "npv.usd"});
  rows.push_back(
      {"Payback; in today’s money", months_of(at(d, o.payback_months)) + "; " + months_of(at(d, o.discounted_payback_months)), "payback.months"});
  body += table({"Over " + std::to_string(d.plan.months) + " months", "Exact, plan’s values", "Cell of the workbook"}, rows);
  rows.clear();
  for (std::size_t i = 0; i < d.plan.workloads.size(); ++i) {
    const WorkloadOut& w = o.workloads[i];
    const bool local = !d.plan.workloads[i].local_cluster.empty();
    rows.push_back({escaped(d.plan.workloads[i].name), std::string(to_string(d.plan.workloads[i].bucket)), usd(at(d, w.cloud_total)),
                    local ? usd(at(d, w.net_total)) : "stays", local ? months_of(at(d, w.payback_months)) : "–"});
  }
  body += "<h3>Workload by workload</h3>\n" + table({"Workload", "Bucket", "In the cloud", "What moving brings", "Payback of its part"}, rows);
  body +=
      paragraph("Range over " + std::to_string(d.outcome.draws) + " draws of " + std::to_string(d.outcome.drawn_inputs) + " uncertain inputs (seed " +
                std::to_string(d.outcome.seed) + "): net present value " + short_usd(d.outcome.npv.p10) + " to " + short_usd(d.outcome.npv.p90) +
                " in eight of ten, median " + short_usd(d.outcome.npv.p50) + "; payback " + months_of(d.outcome.payback_months.p10) + " to " +
                months_of(d.outcome.payback_months.p90) + ". A part’s payback spreads shared costs by load; the sum decides, not the parts.");
  return {"The decision and its probability", body};
}

Page against_page(const ReportData& d) {
  const Outputs& o = d.model.out;
  std::string body = paragraph("This page argues against the recommendation, as strongly as the numbers allow.") + "<ul>";
  const auto item = [&](const std::string& text) { body += "<li>" + text + "</li>\n"; };
  item("In <b>" + percent_of(1 - d.outcome.worth_it) +
       "</b> of the draws building is the wrong decision: it never pays back or its net present value is below zero. " +
       (d.outcome.npv.p10 < 0 ? "In one of ten it loses more than " + short_usd(-d.outcome.npv.p10)
                              : "Nine of ten draws have a net present value above " + short_usd(d.outcome.npv.p10)) +
       ".");
  if (!d.bars.empty()) {
    const Bar& bar = d.bars.front();
    const Decimal worse = std::min(bar.npv_at_low, bar.npv_at_high);
    item("One input alone can decide it: <b>" + escaped(d.model.sheet.inputs()[bar.input].name) + "</b>. At its " +
         (bar.npv_at_low < bar.npv_at_high ? "low" : "high") + " the net present value is " + usd(worse) + ".");
  }
  if (d.break_even)
    item("It is worth it only " + std::string(d.break_even->above ? "above" : "below") + " <b>" + d.break_even->volume_percent.print(0) +
         " %</b> of the planned volume. Projects that are stopped, or move to another product, take their volume with them.");
  if (!d.break_even)
    item(
        "No volume between a hundredth and a hundred times the plan’s makes the net present value change its sign, so volume is no argument either "
        "way.");
  item(
      "Prices fell before (see the last pages). A yearly fall that is steeper than planned leaves owned hardware standing: compare the chart of "
      "prices and volume.");
  std::size_t defaults = 0, measured = 0;
  for (const Input& input : d.model.sheet.inputs())
    defaults += input.quantity.source.starts_with("demarc's default") && !input.per_month ? 1 : 0,
        measured += input.quantity.confidence == Confidence::measured ? 1 : 0;
  item("Of " + std::to_string(d.model.sheet.inputs().size()) + " inputs <b>" + std::to_string(measured) + "</b> are measured; " +
       std::to_string(defaults) + " are defaults that nobody has looked at. The register lists them.");
  for (std::size_t c = 0; c < d.plan.clusters.size(); ++c) {
    const auto& q = d.plan.clusters[c].quantities;
    item("People: " + escaped(d.plan.clusters[c].name) + " is planned with " + q.at("engineer.share").value.print() +
         " engineers. A machine that must be up at night is rarely a part of somebody; with one engineer more a year the plan loses " +
         usd(multiply(q.at("engineer.usd_per_year").value, *divide(Decimal::of(d.plan.months), Decimal::of(12))).value_or(Decimal())) + ".");
    item("The hardware is used to " + number(f(d, o.clusters[c].utilisation_last) * 100, 1) +
         " % in the last month. What stands idle is paid all the same.");
  }
  bool piloted = false;
  for (const Input& input : d.model.sheet.inputs())
    piloted = piloted || (input.name.ends_with("local.rework_percent") && input.quantity.confidence == Confidence::measured);
  if (!piloted)
    item(
        "<b>No pilot stands behind the quality assumed here.</b> If local answers must be done again more often than planned, the saving goes there "
        "first.");
  item(
      "Nothing bought is also an option: prompt caching, batches, a smaller cloud model and shorter prompts save without hardware, and most of it "
      "within a month.");
  return {"What speaks against it", body + "</ul>\n"};
}

Page cash_page(const ReportData& d) {
  std::vector<FanPoint> points;
  for (std::size_t k = 0; k < d.outcome.cumulative.size(); ++k) {
    const Percentiles& p = d.outcome.cumulative[k];
    points.push_back({p.p5, p.p10, p.p50, p.p90, p.p95, f(d, d.model.out.cumulative[k])});
  }
  std::string body = paragraph(
                         "All cash since the decision, month by month: what is bought first, then what each month brings against staying in the "
                         "cloud. Where the curve crosses zero, the money is back.") +
                     fan_chart(points);
  std::vector<std::vector<std::string>> rows;
  for (std::size_t k = 0; k < points.size(); k += 6)
    rows.push_back(
        {std::to_string(k), usd(at(d, d.model.out.cumulative[k])), short_usd(points[k].p10), short_usd(points[k].p50), short_usd(points[k].p90)});
  body += table({"Month", "Plan, exact", "One of ten below", "Median", "One of ten above"}, rows);
  body += paragraph("The resale value at the end (" + usd(at(d, d.model.out.residual)) +
                    " on the plan’s values) counts in the net present value, not in this chart and not in the payback.");
  return {"Cash over " + std::to_string(d.plan.months) + " months", body};
}

Page cost_page(const ReportData& d) {
  const Outputs& o = d.model.out;
  double hardware = 0, power = 0, staff = 0, other = 0;
  for (const ClusterOut& c : o.clusters)
    hardware += f(d, c.charge_total), power += f(d, c.power_total), staff += f(d, c.staff_total), other += f(d, c.other_total);
  const double cloud = f(d, o.cloud_only_tco), rest = f(d, o.hybrid_cloud_total);
  const std::vector<Step> steps = {{"All in the cloud", cloud, true},
                                   {"cloud avoided", rest - cloud},
                                   {"hardware", hardware},
                                   {"people", staff},
                                   {"power", power},
                                   {"space, other", other},
                                   {"rework, checks", f(d, o.rework_total)},
                                   {"paid once", f(d, o.one_off_total)},
                                   {"Hybrid", f(d, o.hybrid_tco), true}};
  std::string body = paragraph("Total cost over " + std::to_string(d.plan.months) +
                               " months: from everything in the cloud (left) to cloud and local together (right). Hardware is spread over its life "
                               "here; when it is paid stands on the page before.") +
                     waterfall(steps);
  std::vector<std::vector<std::string>> rows;
  for (std::size_t c = 0; c < d.plan.clusters.size(); ++c) {
    const ClusterOut& k = o.clusters[c];
    rows.push_back({escaped(d.plan.clusters[c].name), at(d, k.nodes_first).print(0) + " → " + at(d, k.nodes_last).print(0),
                    usd_cents(at(d, k.hardware_total)), usd_cents(at(d, k.charge_total)), usd_cents(at(d, k.power_total)),
                    usd_cents(at(d, k.staff_total)), usd_cents(at(d, k.other_total))});
  }
  body += table({"Cluster", "Machines", "Bought", "Charged", "Power", "People", "Other"}, rows);
  body += paragraph("Compliance work for the cloud, within its cost: " + usd(at(d, o.compliance_total)) +
                    ". Rework and checking quality: " + usd(at(d, o.rework_total)) + ".");
  return {"Total cost, from one world to the other", body};
}

Page tornado_page(const ReportData& d) {
  std::vector<TornadoBar> bars;
  for (const Bar& bar : d.bars) {
    if (bars.size() == 16) break;
    const Input& input = d.model.sheet.inputs()[bar.input];
    bars.push_back({input.name.starts_with("workload.")  ? input.name.substr(9)
                    : input.name.starts_with("cluster.") ? input.name.substr(8)
                                                         : input.name,
                    print_value(bar.low, input.unit), print_value(bar.high, input.unit) + (bar.own_range ? "" : " (±20 %)"),
                    bar.npv_at_low.to_double(), bar.npv_at_high.to_double()});
  }
  std::string body = paragraph(
      "Net present value when one input alone goes to its low (blue) or its high (orange); all others stay. Inputs without a range of their own are "
      "moved by a fifth, so that none hides.");
  body += bars.empty() ? paragraph("No input moves the result.") : tornado_chart(bars, f(d, d.model.out.npv));
  body += paragraph("Whoever wants to make the decision safer measures the topmost first.");
  return {"What the result hangs on", body};
}

Page break_even_page(const ReportData& d) {
  const auto doubles = [](const std::vector<Decimal>& values) {
    std::vector<double> out;
    for (const Decimal& value : values) out.push_back(value.to_double());
    return out;
  };
  std::string body = d.break_even
                         ? paragraph("The plan breaks even at <b>" + d.break_even->volume_percent.print(1) + " %</b> of its volume and is worth it " +
                                     (d.break_even->above ? "above" : "below") + " that. There the hardware is used to " +
                                     number(d.break_even->utilisation.to_double() * 100, 1) + " % in the last month.")
                         : paragraph("At no volume between a hundredth and a hundred times the plan’s does the net present value change its sign.");
  body += surface_chart(doubles(d.surface.volume_percent), doubles(d.surface.price_percent), doubles(d.surface.npv));
  body += paragraph(
      "Each field is the whole model at that volume and that price level: blue is worth it, orange is not. Machines are bought whole, so volume "
      "works in steps.");
  return {"Where it breaks even", body};
}

}  // namespace demarc::planning
