// The pages about what is known: invoices, workloads, capacity, quality, vendors, assumptions.
#include <algorithm>
#include <cmath>
#include <map>

#include "planning/model/why.hpp"
#include "planning/report/charts.hpp"
#include "planning/report/svg.hpp"
#include "planning/report/words.hpp"

namespace demarc::planning {
namespace {

std::string money(Money m) { return usd_cents(Decimal::of(m)); }

// The model's result with some inputs multiplied.
std::optional<std::vector<Decimal>> stressed(const ReportData& d, std::string_view input, std::int64_t percent) {
  std::vector<Decimal> inputs = input_values(d.model.sheet);
  const auto at = d.model.sheet.find_input(input);
  if (!at) return {};
  inputs[*at] = divide(*multiply(inputs[*at], Decimal::of(percent)), Decimal::of(100)).value_or(inputs[*at]);
  auto cells = evaluate(d.model.sheet, &inputs);
  return cells ? std::optional(std::move(*cells)) : std::nullopt;
}

}  // namespace

std::vector<Spend> spend_of(const ReportData& d) {
  std::vector<Spend> out;
  for (const WorkloadPlan& w : d.plan.workloads) {
    const auto cell = d.model.sheet.find_cell("workload." + w.name + ".cloud_all.usd[1]");
    if (!cell) continue;
    const std::size_t slash = w.cloud_model.find('/');
    out.push_back({w.name, slash == std::string::npos ? "not named" : w.cloud_model.substr(0, slash),
                   slash == std::string::npos ? "not named" : w.cloud_model.substr(slash + 1), "", d.cells[*cell].money()});
  }
  return out;
}

Page reconciliation_page(const ReportData& d) {
  std::string body = paragraph("Before anything is planned: does what was used, at list prices, add up to what was billed?");
  if (!d.reconciliation || d.reconciliation->invoice_rows == 0)
    return {"Reconciled to the invoice", body + missing("No invoice was imported, so nothing here is proved.", "demarc plan import INVOICE USAGE")};
  const Reconciliation& r = *d.reconciliation;
  const std::string share = number(r.unexplained_share() * 100, 3) + " %";
  body += "<div class=\"figures\"><div><b>" + money(r.billed) + "</b><span>billed</span></div><div><b>" + money(r.computed) +
          "</b><span>usage at the price book</span></div><div><b>" + money(r.difference()) + "</b><span>difference</span></div><div><b>" + share +
          "</b><span>unexplained (goal: at most 0.5 %)</span></div></div>\n";
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < std::min<std::size_t>(r.causes.size(), 14); ++i) {
    const CausePart& part = r.causes[i];
    rows.push_back({std::string(to_string(part.cause)), escaped(part.provider + " " + part.what), money(part.usd), escaped(part.hint)});
  }
  body += rows.empty() ? paragraph("Usage and bill agree to the last pico-dollar.") : table({"Cause", "What", "Difference", "What to do"}, rows);
  std::map<FindingKind, std::int64_t> counts;
  for (const Finding& finding : d.findings) ++counts[finding.kind];
  std::string findings;
  for (const auto& [kind, count] : counts) findings += (findings.empty() ? "" : ", ") + std::to_string(count) + " × " + std::string(to_string(kind));
  body += paragraph(std::to_string(r.invoice_rows) + " rows of invoices and " + std::to_string(r.usage_rows) +
                    " of usage were compared day by day and model by model. " +
                    (findings.empty() ? "Nothing strange was found in the files."
                                      : "Found in the files: " + findings + "; <code>demarc plan import</code> lists each with file and line."));
  return {"Reconciled to the invoice", body};
}

Page inventory_page(const ReportData& d) {
  std::string body = paragraph(
      "Every use of a model that was found, by how boring it is (bounded, checkable, steady: right) and what it costs (up). What stands at the right "
      "above is worth moving first.");
  if (d.inventory.empty())
    return {"The workloads, classified",
            body + missing("No usage was imported, so the workloads are those of the plan alone.", "demarc plan import USAGE; demarc plan classify")};
  double most = 0.01, least = 1e300;
  for (const Workload& w : d.inventory) most = std::max(most, w.usd_per_month), least = std::min(least, std::max(w.usd_per_month, 0.01));
  std::vector<Dot> dots;
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < d.inventory.size(); ++i) {
    const Workload& w = d.inventory[i];
    const Classified& c = d.classes[i];
    const double y = most > least * 1.01 ? std::log(std::max(w.usd_per_month, 0.01) / least) / std::log(most / least) : 0.5;
    std::string reasons;
    for (std::size_t r = 0; r < std::min<std::size_t>(c.reasons.size(), 3); ++r) reasons += (r == 0 ? "" : "; ") + c.reasons[r].says;
    dots.push_back({w.name, 0.04 + 0.92 * c.score, 0.13 + 0.74 * y, w.usd_per_month / most,
                    c.side == Side::boring      ? colour::kLocal
                    : c.side == Side::strategic ? colour::kCloud
                                                : colour::kGrey,
                    w.name + ": " + std::string(to_string(c.side)) + ", score " + percent_of(c.score) + ", " + short_usd(w.usd_per_month) +
                        " a month; " + reasons});
    if (rows.size() < 12)
      rows.push_back({escaped(w.name), std::string(to_string(c.side)) + (c.corrected ? "*" : ""), percent_of(c.score),
                      number(w.requests_per_month, 0), short_usd(w.usd_per_month), escaped(reasons)});
  }
  body += scatter(dots, {.x = "score: how boring",
                         .y = "dollars a month (logarithmic)",
                         .left = "open-ended, long",
                         .right = "bounded, checkable",
                         .quadrants = {"keep in the cloud", "move first", "leave alone", "move when convenient"}});
  body += table({"Workload", "Bucket", "Score", "Requests a month", "Cost a month", "Strongest reasons"}, rows);
  body += paragraph(
      "Computed here from counts; no text was read and nothing was sent anywhere. * corrected by a person. Grey: too little is known to say.");
  return {"The workloads, classified", body};
}

Page capacity_page(const ReportData& d) {
  std::string body = paragraph(
      "Hardware is bought for the busiest minutes and paid around the clock. So the trace of real arrivals is replayed against what one machine was "
      "measured to do within the target.");
  if (!d.capacity)
    return {"Capacity against the peak", body + missing("No trace was replayed; the plan's capacity is an assumption.",
                                                        "demarc plan size TRACE --profile PROFILES --first-token-ms 500")};
  const CapacityData& c = *d.capacity;
  std::vector<Column> minutes;
  // What one machine carries on average goes with peaks of this shape: in its busiest minute it serves that much more.
  const double holds = c.sizing.capacity_per_s * c.sizing.shape.peak_to_mean * c.sizing.machines;
  const std::size_t each = std::max<std::size_t>(1, c.sizing.shape.per_minute.size() / 60);
  for (std::size_t i = 0; i < c.sizing.shape.per_minute.size(); i += each) {
    double peak = 0;
    for (std::size_t j = i; j < std::min(i + each, c.sizing.shape.per_minute.size()); ++j) peak = std::max(peak, c.sizing.shape.per_minute[j] / 60);
    minutes.push_back({c.sizing.shape.per_minute.size() <= 20 || (i / each) % 10 == 0 ? std::to_string(i) : "", peak,
                       "minute " + std::to_string(i) + ": " + number(peak, 2) + " requests a second"});
  }
  body += columns(
      minutes,
      {{c.sizing.shape.mean_per_s, "mean " + number(c.sizing.shape.mean_per_s, 1)},
       {holds, (c.sizing.machines == 1 ? "one machine" : std::to_string(c.sizing.machines) + " machines") + std::string(": ") + number(holds, 1)}},
      each == 1 ? "requests a second, by minute of the trace"
                : "requests a second in the busiest of each " + std::to_string(each) + " minutes of the trace");
  const Replay& r = c.sizing.at_that;
  body += table(
      {"Measured", "Value"},
      {{"Trace", escaped(c.trace)},
       {"Engine profile", escaped(c.profile + " (" + c.source + ")")},
       {"Target", escaped(c.target)},
       {"Requests; mean; busiest minute",
        std::to_string(r.requests) + "; " + number(c.sizing.shape.mean_per_s, 2) + " /s; " + number(c.sizing.shape.peak_to_mean, 2) + " × the mean"},
       {"Machines that meet the target; with spares", std::to_string(c.sizing.machines) + "; " + std::to_string(c.sizing.machines + c.spares)},
       {"First token: median, 95 %, 99 %",
        number(r.first_token_s.p50 * 1000, 0) + ", " + number(r.first_token_s.p95 * 1000, 0) + ", " + number(r.first_token_s.p99 * 1000, 0) + " ms"},
       {"Whole answer: median, 95 %, 99 %", number(r.total_s.p50, 2) + ", " + number(r.total_s.p95, 2) + ", " + number(r.total_s.p99, 2) + " s"},
       {"Mean rate one machine carries through such peaks", number(c.sizing.capacity_per_s, 3) + " /s"},
       {"Used, of the tokens that could be written", percent_of(r.utilisation)}});
  body += paragraph(
      "Use follows from the peak; it is not assumed. A machine reads one prompt at a time in this replay and writes nothing meanwhile, which is a "
      "little worse than engines that mix both.");
  return {"Capacity against the peak", body};
}

Page quality_page(const ReportData& d) {
  std::string body = paragraph(
      "What counts is the cost of an answer that is accepted. Local answers that must be done again cost the rework, and that is in these numbers.");
  std::vector<Dumbbell> bars;
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < d.plan.workloads.size(); ++i) {
    const WorkloadPlan& w = d.plan.workloads[i];
    const WorkloadOut& o = d.model.out.workloads[i];
    double requests = 0, served = 0;
    for (int k = 1; k <= d.plan.months; ++k) {
      const std::string month = "[" + std::to_string(k) + "]";
      const auto cell = d.model.sheet.find_cell("workload." + w.name + ".requests" + month),
                 share = d.model.sheet.find_cell("workload." + w.name + ".local_share" + month);
      const double count = cell ? d.cells[*cell].to_double() : 0;
      requests += count, served += share ? count * d.cells[*share].to_double() : 0;
    }
    if (requests <= 0) continue;
    const double cloud = d.cells[o.cloud_total].to_double() / requests * 1000;
    const auto local = served > 0 ? std::optional(d.cells[o.local_total].to_double() / served * 1000) : std::nullopt;
    const Quantity& rework = w.quantities.at("local.rework_percent");
    const std::string again = local ? rework.value.print() + " %" : "–";
    bars.push_back({w.name, cloud, local, local ? again + " done again" : "stays in the cloud"});
    rows.push_back(
        {escaped(w.name), short_usd(cloud), local ? short_usd(*local) : "–", again, local ? std::string(to_string(rework.confidence)) : "–"});
  }
  body += bars.empty() ? std::string() : dumbbells(bars);
  body += table({"Workload", "Cloud, a thousand", "Local, a thousand", "Done again", "How sure that is"}, rows);
  body += paragraph("The cloud’s answers are the yardstick here, not the truth: a pilot with a reference or with people’s judgement measures both.");
  return {"Quality against cost", body};
}

Page concentration_page(const ReportData& d) {
  const std::vector<Spend> spend = spend_of(d);
  std::string body = paragraph("How much of the spend hangs on whom, and what the plan is worth when they change their mind.");
  std::vector<ShareBar> bars;
  std::vector<std::vector<std::string>> rows;
  for (const auto& [label, by] :
       {std::pair("Provider", &Spend::provider), std::pair("Model", &Spend::model), std::pair("Workload", &Spend::workload)}) {
    const Concentration c = concentration(spend, by);
    ShareBar bar{label, {}};
    for (const Share& s : c.shares)
      bar.parts.push_back({s.name, s.share, s.name + ": " + percent_of(s.share) + ", " + usd(Decimal::of(s.usd)) + " a month"});
    bars.push_back(bar);
    rows.push_back(
        {label, number(c.hhi, 0), number(c.effective, 2), c.shares.empty() ? "–" : escaped(c.shares[0].name) + ", " + percent_of(c.shares[0].share)});
  }
  body += share_bars(bars) + table({"By", "Index (0 to 10,000)", "As if among equals", "Largest"}, rows);
  rows.clear();
  const auto scenario = [&](const std::string& name, const std::optional<std::vector<Decimal>>& cells) {
    if (!cells) return;
    rows.push_back({name, usd((*cells)[d.model.out.cloud_only_tco]), usd((*cells)[d.model.out.hybrid_tco]), usd((*cells)[d.model.out.npv]),
                    months_of((*cells)[d.model.out.payback_months])});
  };
  scenario("As planned", d.cells);
  scenario("Cloud prices half as high again", stressed(d, "cloud.price_percent", 150));
  scenario("Cloud prices twice as high", stressed(d, "cloud.price_percent", 200));
  scenario("Cloud prices at half", stressed(d, "cloud.price_percent", 50));
  scenario("Half the volume", stressed(d, "volume_percent", 50));
  body += "<h3>Stress</h3>\n" + table({"If", "All in the cloud", "Hybrid", "Net present value", "Payback"}, rows);
  double away = 0, all = 0;
  for (std::size_t i = 0; i < d.plan.workloads.size(); ++i) {
    const auto cell = d.model.sheet.find_cell("workload." + d.plan.workloads[i].name + ".requests[" + std::to_string(d.plan.months) + "]");
    const double month = cell ? d.cells[*cell].to_double() : 0;
    all += month, away += d.plan.workloads[i].local_cluster.empty()
                              ? 0
                              : month * d.plan.workloads[i].quantities.at("local.share_percent").value.to_double() / 100;
  }
  body += paragraph("A day without the cloud, in the last month: of " + number(all / 30.42, 0) + " requests <b>" + number(away / 30.42, 0) +
                    "</b> are served at home all the same, " + number((all - away) / 30.42, 0) + " wait or fail.");
  std::string history;
  for (const OutageRecord& o : d.history.outages)
    history += (history.empty() ? "" : "; ") + escaped(o.service) + " " + number(o.availability() * 100, 2) + " % over " + number(o.days, 0) +
               " days to " + o.until;
  body += paragraph("What happened before: " + history + " (" + (d.history.outages.empty() ? std::string() : escaped(d.history.outages[0].source)) +
                    ").");
  return {"Concentration and stress", body};
}

Page calendar_page(const ReportData& d) {
  std::string body =
      paragraph("When the models that the plan uses go away, as far as their providers have said, and how much notice they gave before.");
  std::vector<CalendarRow> rows;
  std::vector<std::string> providers;
  for (const WorkloadPlan& w : d.plan.workloads) {
    const std::size_t slash = w.cloud_model.find('/');
    if (slash == std::string::npos) continue;
    const std::string provider = w.cloud_model.substr(0, slash), model = w.cloud_model.substr(slash + 1);
    if (std::ranges::find(providers, provider) == providers.end()) providers.push_back(provider);
    const Retirement* going = d.retirements.find(provider, model);
    rows.push_back(
        {w.name + ": " + model, going == nullptr ? "" : going->retired,
         going == nullptr ? model + ": no date of retirement is known" : model + ": retired " + going->retired + ", read " + going->verified,
         going == nullptr ? 0 : days_between(d.today, going->retired)});
  }
  std::ranges::sort(rows,
                    [](const CalendarRow& a, const CalendarRow& b) { return a.date.empty() != b.date.empty() ? !a.date.empty() : a.days < b.days; });
  if (rows.size() > 14) rows.resize(14);
  body += rows.empty() ? paragraph("The plan names no cloud model.") : calendar(rows, 540, d.today);
  std::vector<std::vector<std::string>> notice, ahead, prices;
  for (const std::string& provider : providers) {
    const auto days = d.retirements.median_notice_days(provider);
    notice.push_back({escaped(provider), days ? std::to_string(*days) + " days" : "too few are known"});
  }
  if (!notice.empty()) body += "<h3>Notice, in the median of what was retired</h3>\n" + table({"Provider", "Median notice"}, notice);
  for (const Retirement& r : d.retirements.all()) {
    if (std::ranges::find(providers, r.provider) == providers.end()) continue;
    const int days = days_between(d.today, r.retired);
    if (days >= 0 && days <= 365 && ahead.size() < 9) ahead.push_back({escaped(r.model), escaped(r.provider), r.retired, std::to_string(days)});
  }
  std::ranges::sort(ahead, {}, [](const auto& row) { return row[2]; });
  if (!ahead.empty())
    body += "<h3>Announced by these providers for the next year</h3>\n" + table({"Model", "Provider", "Ends", "Days from now"}, ahead);
  for (const PriceChange& p : d.history.price_changes)
    prices.push_back({escaped(p.model), p.date, "$" + escaped(p.from), "$" + escaped(p.to), number(p.factor, 2) + " ×"});
  body += "<h3>Prices that moved, dollars a million tokens</h3>\n" + table({"Model", "From", "Before", "After", "Factor"}, prices);
  return {"Deprecation calendar", body};
}

Page register_page(const ReportData& d) {
  std::string body =
      paragraph("Every input, with its source. Whoever doubts a number changes it in the plan or in the workbook, and everything follows.");
  std::vector<std::vector<std::string>> rows, defaults;
  for (const Input& input : d.model.sheet.inputs()) {
    if (input.per_month && !input.name.ends_with("[1]")) continue;
    const Quantity& q = input.quantity;
    const std::string range = q.low ? " (" + q.low->print() + " to " + q.high->print() + ", " + std::string(to_string(q.spread)) + ")" : "";
    if (q.source.starts_with("demarc's default")) {
      defaults.push_back({escaped(input.name), print_value(q.value, input.unit)});
      continue;
    }
    std::string source = q.source.starts_with("http") ? escaped(q.source.substr(q.source.find("//") + 2, 44)) : escaped(q.source);
    rows.push_back({"<code>" + escaped(input.name) + "</code>", print_value(q.value, input.unit) + escaped(range),
                    source + (q.line > 0 ? " (plan, line " + std::to_string(q.line) + ")" : ""), q.date.empty() ? "–" : q.date,
                    std::string(to_string(q.confidence))});
  }
  body += "<div class=\"register\">" + table({"Input", "Value", "Source", "Date", "Confidence"}, rows) + "</div>";
  body += "<h3>Left at demarc’s defaults (confidence low)</h3>\n<p class=\"small\">";
  for (std::size_t i = 0; i < defaults.size(); ++i) body += (i == 0 ? "" : "; ") + defaults[i][0] + " = " + defaults[i][1];
  return {"Register of assumptions", body + "</p>\n"};
}

}  // namespace demarc::planning
