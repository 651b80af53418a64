#include "ledger/focus.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/strings.hpp"

namespace demarc::ledger {
namespace {

using ::testing::IsSubsetOf;

UsageRow cloud_row() {
  UsageRow row{
      .group = {"2026-12-31", "cloud", "frontier", "gpt-5-mini", "claims", "", "chat"}, .requests = 2, .attempts = 3, .usd = *Money::parse("1.25")};
  row.usage = {.input_tokens = 100, .output_tokens = 7};
  row.unpriced = 1;
  return row;
}

// The value of each column, by its name.
std::vector<std::pair<std::string, std::string>> columns_of(const UsageRow& row) {
  const std::string text = format_focus({row}, "log.example/1");
  const auto lines = split(text, '\n');
  const auto names = split(trim(lines[0]), ','), values = split(trim(lines[1]), ',');
  EXPECT_EQ(names.size(), values.size());
  std::vector<std::pair<std::string, std::string>> columns;
  for (std::size_t i = 0; i < names.size(); ++i) columns.emplace_back(names[i], values[i]);
  return columns;
}

std::string value(const UsageRow& row, std::string_view column) {
  for (const auto& [name, text] : columns_of(row))
    if (name == column) return text;
  return "no such column";
}

TEST(Focus, HasEveryMandatoryColumn) {
  const std::vector<std::string> mandatory = {
      "BilledCost",  "BillingAccountId",  "BillingAccountName", "BillingCurrency", "BillingPeriodStart", "BillingPeriodEnd", "ChargeCategory",
      "ChargeClass", "ChargeDescription", "ChargePeriodStart",  "ChargePeriodEnd", "ContractedCost",     "EffectiveCost",    "InvoiceIssuerName",
      "ListCost",    "PricingQuantity",   "PricingUnit",        "ProviderName",    "PublisherName",      "ServiceCategory",  "ServiceName"};
  std::vector<std::string> names;
  for (const auto& [name, text] : columns_of(cloud_row())) names.push_back(name);
  EXPECT_THAT(mandatory, IsSubsetOf(names));
}

TEST(Focus, SaysTheOperationAndWhatItCountsBesideTokens) {
  UsageRow row = cloud_row();
  row.group[6] = "ocr", row.usage = {.pages = 12};
  EXPECT_EQ(value(row, "x_Operation") + " " + value(row, "x_Pages") + " " + value(row, "x_AudioSeconds"), "ocr 12 ");
  row.usage = {.audio_ms = 61'500};
  EXPECT_EQ(value(row, "x_AudioSeconds"), "61.500");
}

TEST(Focus, BillsWhatAProviderWasPaid) {
  EXPECT_EQ(value(cloud_row(), "BilledCost"), "1.250000000000");
  EXPECT_EQ(value(cloud_row(), "EffectiveCost"), "1.250000000000");
  EXPECT_EQ(value(cloud_row(), "InvoiceIssuerName"), "frontier");
  EXPECT_EQ(value(cloud_row(), "x_UnpricedAttempts"), "1");
}

TEST(Focus, BillsNothingForOwnHardwareAndSaysWhatItCost) {
  UsageRow row = cloud_row();
  row.group[1] = "local";
  EXPECT_EQ(value(row, "BilledCost"), "0.000000000000");
  EXPECT_EQ(value(row, "EffectiveCost"), "1.250000000000");
  EXPECT_EQ(value(row, "InvoiceIssuerName"), "log.example/1");
}

TEST(Focus, SpansTheDayAndItsMonthAlsoAtTheEndOfAYear) {
  EXPECT_EQ(value(cloud_row(), "ChargePeriodStart"), "2026-12-31T00:00:00Z");
  EXPECT_EQ(value(cloud_row(), "ChargePeriodEnd"), "2027-01-01T00:00:00Z");
  EXPECT_EQ(value(cloud_row(), "BillingPeriodStart"), "2026-12-01T00:00:00Z");
  EXPECT_EQ(value(cloud_row(), "BillingPeriodEnd"), "2027-01-01T00:00:00Z");
}

TEST(Focus, CountsTokensElseSecondsElseCalls) {
  UsageRow row = cloud_row();
  EXPECT_EQ(value(row, "PricingQuantity") + " " + value(row, "PricingUnit"), "107 Tokens");
  row.usage = {.audio_ms = 3050};
  EXPECT_EQ(value(row, "PricingQuantity") + " " + value(row, "PricingUnit"), "3.050 Seconds");
  row.usage = {};
  EXPECT_EQ(value(row, "PricingQuantity") + " " + value(row, "PricingUnit"), "3 Requests");
}

}  // namespace
}  // namespace demarc::ledger
