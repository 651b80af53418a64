#include "ledger/focus.hpp"

#include <array>
#include <chrono>

#include "base/check.hpp"
#include "ledger/csv.hpp"

namespace demarc::ledger {
namespace {

constexpr std::array kBy = {UsageBy::day, UsageBy::tier, UsageBy::upstream, UsageBy::model, UsageBy::team, UsageBy::workload, UsageBy::operation};

constexpr std::string_view kHeading =
    "BilledCost,BillingAccountId,BillingAccountName,BillingCurrency,BillingPeriodEnd,BillingPeriodStart,ChargeCategory,ChargeClass,"
    "ChargeDescription,ChargePeriodEnd,ChargePeriodStart,ContractedCost,EffectiveCost,InvoiceIssuerName,ListCost,PricingQuantity,PricingUnit,"
    "ProviderName,PublisherName,ServiceCategory,ServiceName,ServiceSubcategory,x_Attempts,x_AudioSeconds,x_InputTokens,x_Operation,x_OutputTokens,x_"
    "Pages,"
    "x_Team,x_Tier,x_UnpricedAttempts,x_Workload\r\n";

using std::chrono::year_month_day;

year_month_day date_of(std::string_view day) {  // as the store groups: 2026-11-24
  CHECK(day.size() == 10);
  const auto number = [&](std::size_t at, std::size_t digits) {
    int value = 0;
    for (const char c : day.substr(at, digits)) value = value * 10 + (c - '0');
    return value;
  };
  return std::chrono::year(number(0, 4)) / number(5, 2) / number(8, 2);
}

std::string midnight(std::chrono::sys_days day) {
  const std::string text = format_rfc3339({std::chrono::nanoseconds(day.time_since_epoch()).count()});
  return text.substr(0, 19) + "Z";
}

struct Quantity {
  std::string number;
  std::string_view unit;
};

std::string seconds_of(std::int64_t ms) {
  const std::string rest = std::to_string(1000 + ms % 1000);
  return std::to_string(ms / 1000) + "." + rest.substr(1);
}

// What the price is for: tokens, else seconds of audio, else pages; where nobody said either, the calls.
Quantity quantity_of(const UsageRow& row) {
  if (row.usage.known() && row.usage.total_input() + row.usage.total_output() > 0)
    return {std::to_string(row.usage.total_input() + row.usage.total_output()), "Tokens"};
  if (row.usage.audio_ms) return {seconds_of(*row.usage.audio_ms), "Seconds"};
  if (row.usage.pages) return {std::to_string(*row.usage.pages), "Pages"};
  return {std::to_string(row.attempts), "Requests"};
}

std::string line_of(const UsageRow& row, std::string_view account) {
  CHECK(row.group.size() == kBy.size());
  const std::string &tier = row.group[1], &upstream = row.group[2], &model = row.group[3], &team = row.group[4], &workload = row.group[5],
                    &operation = row.group[6];
  const bool local = tier == to_string(Tier::local);
  const year_month_day date = date_of(row.group[0]);
  const std::chrono::sys_days day(date), month(date.year() / date.month() / 1), next_month((date.year() / date.month() + std::chrono::months(1)) / 1);
  const std::string cost = row.usd.print(), issuer(local ? account : std::string_view(upstream));
  const Quantity quantity = quantity_of(row);
  const std::array fields = {local ? Money{}.print() : cost,
                             std::string(account),
                             std::string(account),
                             std::string("USD"),
                             midnight(next_month),
                             midnight(month),
                             std::string("Usage"),
                             std::string(),  // ChargeClass: no correction
                             model + " at " + upstream,
                             midnight(day + std::chrono::days(1)),
                             midnight(day),
                             cost,
                             cost,
                             issuer,
                             cost,
                             quantity.number,
                             std::string(quantity.unit),
                             upstream,
                             issuer,
                             std::string("AI and Machine Learning"),
                             model,
                             std::string("Generative AI"),
                             std::to_string(row.attempts),
                             row.usage.audio_ms ? seconds_of(*row.usage.audio_ms) : std::string(),
                             row.usage.known() ? std::to_string(row.usage.total_input()) : std::string(),
                             operation,
                             row.usage.known() ? std::to_string(row.usage.total_output()) : std::string(),
                             row.usage.pages ? std::to_string(*row.usage.pages) : std::string(),
                             team,
                             tier,
                             std::to_string(row.unpriced),
                             workload};
  std::string line;
  for (const std::string& field : fields) line += (line.empty() ? "" : ",") + csv_field(field);
  return line + "\r\n";
}

}  // namespace

UsageQuery focus_query(UsageQuery asked) {
  asked.by.assign(kBy.begin(), kBy.end());
  return asked;
}

std::string format_focus(const std::vector<UsageRow>& rows, std::string_view account) {
  std::string out(kHeading);
  for (const UsageRow& row : rows) out += line_of(row, account);
  return out;
}

}  // namespace demarc::ledger
