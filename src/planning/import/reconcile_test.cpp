#include "planning/import/reconcile.hpp"

#include <gtest/gtest.h>

namespace demarc::planning {
namespace {

TEST(Reconcile, SplitsEveryDifferenceIntoCausesThatAddUpToIt) {
  static const auto prices = ledger::PriceBook::load({ledger::builtin_prices()});
  const auto usage = [](const char* model, const char* day, std::int64_t input) {
    return DayTotal{
        .kind = RowKind::usage, .provider = "openai", .model = model, .day = day, .currency = "USD", .usage = {.input_tokens = input}, .rows = 1};
  };
  const auto bill = [](const char* model, const char* day, const char* usd, RowKind kind = RowKind::invoice) {
    return DayTotal{.kind = kind, .provider = "openai", .model = model, .day = day, .currency = "USD", .rows = 1, .cost = *Money::parse(usd)};
  };
  const std::vector<DayTotal> days = {usage("gpt-4.1", "2026-03-01", 50'000'000), bill("gpt-4.1", "2026-03-01", "90"),
                                      usage("gpt-4.1", "2026-03-02", 25'000'000), bill("gpt-4.1", "2026-03-02", "45"),  // 10 % off
                                      bill("gpt-4.1", "2026-03-03", "45"),        usage("gpt-4.1-mini", "2026-03-01", 1'000'000),
                                      usage("own-tuned", "2026-03-01", 5),        bill("own-tuned", "2026-03-01", "7"),
                                      bill("images", "2026-03-01", "11"),         bill("credit", "2026-03-01", "-3", RowKind::credit)};
  const Reconciliation found = reconcile(days, *prices);
  Money sum;
  std::vector<Cause> causes;
  for (const CausePart& part : found.causes) sum += part.usd, causes.push_back(part.cause);
  EXPECT_EQ(sum, found.difference());
  for (const Cause cause : {Cause::credits, Cause::not_metered, Cause::missing_usage, Cause::missing_invoice, Cause::unpriced, Cause::price})
    EXPECT_NE(std::ranges::find(causes, cause), causes.end()) << to_string(cause);
  EXPECT_EQ(found.unexplained, Money{});
}

TEST(Reconcile, CallsABillThatWandersUnexplained) {
  static const auto prices = ledger::PriceBook::load({ledger::builtin_prices()});
  std::vector<DayTotal> days;
  for (const auto& [day, usd] : std::vector<std::pair<const char*, const char*>>{{"2026-03-01", "90"}, {"2026-03-02", "130"}}) {
    days.push_back({.kind = RowKind::usage,
                    .provider = "openai",
                    .model = "gpt-4.1",
                    .day = day,
                    .currency = "USD",
                    .usage = {.input_tokens = 50'000'000},
                    .rows = 1});
    days.push_back(
        {.kind = RowKind::invoice, .provider = "openai", .model = "gpt-4.1", .day = day, .currency = "USD", .rows = 1, .cost = *Money::parse(usd)});
  }
  EXPECT_GT(reconcile(days, *prices).unexplained_share(), 0.05);
}

}  // namespace
}  // namespace demarc::planning
