// The plan as tables for other programs: months as CSV, and a forecast in FOCUS's columns.
#include <array>
#include <chrono>

#include "ledger/csv.hpp"
#include "planning/report/report.hpp"

namespace demarc::planning {
namespace {

std::string day(std::chrono::year_month month) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-01T00:00:00Z", static_cast<int>(month.year()), static_cast<unsigned>(month.month()));
  return text.data();
}

std::chrono::year_month month_of(const std::string& today) {
  return std::chrono::year(std::stoi(today.substr(0, 4))) / static_cast<int>(std::stoi(today.substr(5, 2)));
}

}  // namespace

std::string print_csv(const ReportData& d) {
  std::string out = "month,cloud_only_usd,hybrid_usd,cumulative_cash_usd,cumulative_p10_usd,cumulative_p50_usd,cumulative_p90_usd\r\n";
  for (int k = 0; k <= d.plan.months; ++k) {
    const auto at = static_cast<std::size_t>(k);
    const auto cost = [&](const std::vector<std::uint32_t>& row) { return k == 0 ? std::string("0") : d.cells[row[at - 1]].money().print(); };
    const Percentiles& p = d.outcome.cumulative[at];
    out += std::to_string(k) + "," + cost(d.model.out.cloud_only) + "," + cost(d.model.out.hybrid) + "," +
           d.cells[d.model.out.cumulative[at]].money().print();
    for (const double value : {p.p10, p.p50, p.p90}) out += "," + Decimal::nearest(value).print(2);
    out += "\r\n";
  }
  return out;
}

std::string print_focus(const ReportData& d) {
  std::string out =
      "BilledCost,BillingAccountId,BillingAccountName,BillingCurrency,BillingPeriodEnd,BillingPeriodStart,ChargeCategory,ChargeClass,"
      "ChargeDescription,ChargePeriodEnd,ChargePeriodStart,ContractedCost,EffectiveCost,"
      "InvoiceIssuerName,ListCost,PricingQuantity,PricingUnit,ProviderName,PublisherName,ServiceCategory,ServiceName,ServiceSubcategory,x_Forecast,x_"
      "Tier,x_Workload\r\n";
  const auto first = month_of(d.today) + std::chrono::months(1);
  const auto line = [&](int k, const std::string& cell, const std::string& provider, const std::string& what, const std::string& tier,
                        const std::string& workload) {
    const auto found = d.model.sheet.find_cell(cell + "[" + std::to_string(k) + "]");
    if (!found) return;
    const std::string cost = d.cells[*found].money().print(), from = day(first + std::chrono::months(k - 1)),
                      to = day(first + std::chrono::months(k));
    const std::string who = ledger::csv_field(provider), account = ledger::csv_field(d.plan.name);
    out += "0," + account + "," + account + ",USD," + to + "," + from + ",Usage,," + ledger::csv_field(what) + "," + to + "," + from + "," + cost +
           "," + cost + "," + who + "," + cost + ",1,Months," + who + "," + who + ",AI and Machine Learning," + who + ",Generative AI,true," + tier +
           "," + ledger::csv_field(workload) + "\r\n";
  };
  for (int k = 1; k <= d.plan.months; ++k) {
    for (const WorkloadPlan& w : d.plan.workloads) {
      const std::string provider = w.cloud_model.substr(0, w.cloud_model.find('/'));
      line(k, "workload." + w.name + (w.local_cluster.empty() ? ".cloud_all.usd" : ".cloud_rest.usd"), provider.empty() ? "not named" : provider,
           "forecast: " + w.cloud_model, "cloud", w.name);
    }
    for (const ClusterPlan& c : d.plan.clusters)
      for (const char* part : {"charge", "power", "staff", "other"})
        line(k, "cluster." + c.name + "." + part + ".usd", d.plan.name, "forecast: " + c.name + ", " + part, "local", "");
  }
  return out;
}

}  // namespace demarc::planning
