#include "ledger/price_book.hpp"

#include <gtest/gtest.h>

namespace demarc::ledger {
namespace {

constexpr const char* kHead = "version: 1\nprices:\n";
constexpr const char* kTail = ", source: https://example.com/prices, date: 2026-08-21}\n";

PriceBook book(const std::string& prices) {
  auto loaded = PriceBook::load({{"test", kHead + prices}});
  EXPECT_TRUE(loaded) << loaded.error().print();
  return std::move(loaded).value();
}

std::string line(const std::string& price) { return "  - {" + price + kTail; }

std::string usd(const std::optional<Money>& money) { return money ? money->print() : "unpriced"; }

const Instant kDay = *parse_rfc3339("2026-11-24T00:00:00Z");

TEST(PriceBook, PricesEachClassOfACachedRequest) {
  const PriceBook prices =
      book(line(R"(provider: p, models: [m], batch_percent: 50, usd_per_million: {input: "3", cached_input: "0.3", cache_write_5m: "3.75",)"
                R"( cache_write_1h: "6", output: "15"})"));
  const Usage usage{
      .input_tokens = 2000, .cached_input_tokens = 18'000, .cache_write_tokens = 4000, .cache_write_1h_tokens = 1000, .output_tokens = 800};
  EXPECT_EQ(usd(prices.price("p", "m", usage, kDay)), "0.044400000000");
  EXPECT_EQ(usd(prices.price("p", "m", usage, kDay, PriceMode::batch)), "0.022200000000");
}

TEST(PriceBook, CountsCachedAndReasoningTokensOnce) {
  const PriceBook prices = book(line(R"(provider: p, models: [m], usd_per_million: {input: "1.25", cached_input: "0.125", output: "10"})"));
  const Usage usage{.input_tokens = 5000, .cached_input_tokens = 15'000, .output_tokens = 400, .reasoning_tokens = 600};
  EXPECT_EQ(usd(prices.price("p", "m", usage, kDay)), "0.018125000000");
}

TEST(PriceBook, RoundsTheWholeAttemptOnceHalfToEven) {
  const PriceBook prices = book(line(R"(provider: p, models: [m], usd_per_million: {input: "0.0000005", output: "0.0000005"})"));
  EXPECT_EQ(usd(prices.price("p", "m", {.input_tokens = 1}, kDay)), "0.000000000000");
  EXPECT_EQ(usd(prices.price("p", "m", {.input_tokens = 1, .output_tokens = 1}, kDay)), "0.000000000001");
  EXPECT_EQ(usd(prices.price("p", "m", {.input_tokens = 2, .output_tokens = 1}, kDay)), "0.000000000002");
}

TEST(PriceBook, ChargesTheWholeRequestMoreBeyondTheCliff) {
  const PriceBook prices = book(line(
      R"(provider: p, models: [m], usd_per_million: {input: "1", output: "10"}, tiers: [{above_input_tokens: 1000, input: "2", output: "15"}])"));
  EXPECT_EQ(usd(prices.price("p", "m", {.input_tokens = 1000, .output_tokens = 100}, kDay)), "0.002000000000");
  EXPECT_EQ(usd(prices.price("p", "m", {.input_tokens = 1001, .output_tokens = 100}, kDay)), "0.003502000000");
}

TEST(PriceBook, CountsCachedInputTowardsTheCliff) {
  const PriceBook prices =
      book(line(R"(provider: p, models: [m], usd_per_million: {input: "1", cached_input: "0.1"}, tiers: [{above_input_tokens: 1000, input: "2"}])"));
  EXPECT_EQ(usd(prices.price("p", "m", {.input_tokens = 1, .cached_input_tokens = 1000}, kDay)), "0.000102000000");
}

TEST(PriceBook, IsUnpricedWhenAUsedClassHasNoPrice) {
  const PriceBook prices = book(line(R"(provider: p, models: [m], usd_per_million: {input: "1", output: "2"})"));
  EXPECT_EQ(usd(prices.price("p", "m", {.input_tokens = 1, .input_audio_tokens = 1}, kDay)), "unpriced");
  EXPECT_EQ(usd(prices.price("p", "m", {.input_tokens = 1, .cache_write_1h_tokens = 1}, kDay)), "unpriced");
  EXPECT_EQ(usd(prices.price("p", "m", {.audio_ms = 1}, kDay)), "unpriced");
  EXPECT_EQ(usd(prices.price("p", "m", {.input_tokens = 1}, kDay, PriceMode::batch)), "unpriced");
}

TEST(PriceBook, IsUnpricedWhenNobodySaidWhatWasUsed) {
  const PriceBook prices = book(line(R"(provider: p, models: [m], usd_per_million: {input: "1", output: "2", per_request: "0.01"})"));
  EXPECT_EQ(usd(prices.price("p", "m", {}, kDay)), "unpriced");
}

TEST(PriceBook, IsUnpricedForACountThatCannotBe) {
  const PriceBook prices = book(line(R"(provider: p, models: [m], usd_per_million: {input: "1", output: "2"})"));
  EXPECT_EQ(usd(prices.price("p", "m", {.input_tokens = -1}, kDay)), "unpriced");
  EXPECT_EQ(usd(prices.price("p", "m", {.input_tokens = INT64_MAX}, kDay)), "unpriced");
}

TEST(PriceBook, PricesAudioByTheMinute) {
  const PriceBook prices = book(line(R"(provider: p, models: [m], usd_per_million: {audio_minute: "0.006"})"));
  EXPECT_EQ(usd(prices.price("p", "m", {.audio_ms = 90'500}, kDay)), "0.009050000000");
}

TEST(PriceBook, PricesDocumentsByThePage) {
  const PriceBook prices = book(line(R"(provider: p, models: [m, n*], usd_per_million: {page: "0.004"})"));
  EXPECT_EQ(usd(prices.price("p", "m", {.pages = 12}, kDay)), "0.048000000000");
  EXPECT_EQ(usd(book(line(R"(provider: p, models: [m], usd_per_million: {input: "1"})")).price("p", "m", {.pages = 12}, kDay)), "unpriced");
}

TEST(PriceBook, PricesAudioByTokensWhereTheProviderDoes) {
  const PriceBook prices = book(line(R"(provider: p, models: [m], usd_per_million: {input_audio: "6", output: "10", audio_minute: "0.006"})"));
  EXPECT_EQ(usd(prices.price("p", "m", {.output_tokens = 10, .input_audio_tokens = 100, .audio_ms = 60'000}, kDay)), "0.000700000000");
}

TEST(PriceBook, DoesNotDropAudioThatNeitherUnitPrices) {
  const PriceBook prices = book(line(R"(provider: p, models: [m], usd_per_million: {input: "1", audio_minute: "0.006"})"));
  EXPECT_EQ(usd(prices.price("p", "m", {.input_tokens = 10, .input_audio_tokens = 100}, kDay)), "unpriced");
}

TEST(PriceBook, PrefersTheExactNameOverAnyPattern) {
  const PriceBook prices = book(line(R"(provider: p, models: [gpt-5], usd_per_million: {input: "1"})") +
                                line(R"(provider: p, models: ["gpt-5*"], usd_per_million: {input: "2"})") +
                                line(R"(provider: p, models: ["gpt-5-mini*"], usd_per_million: {input: "3"})"));
  EXPECT_EQ(prices.find("p", "gpt-5", kDay)->rates.input, Money::from_usd(1));
  EXPECT_EQ(prices.find("p", "gpt-5-pro", kDay)->rates.input, Money::from_usd(2));
  EXPECT_EQ(prices.find("p", "gpt-5-mini-2025", kDay)->rates.input, Money::from_usd(3));
  EXPECT_EQ(prices.find("q", "gpt-5", kDay), nullptr);
}

TEST(PriceBook, TakesThePriceThatHeldOnThatDay) {
  const PriceBook prices = book(line(R"(provider: p, models: [m], valid_from: 2026-09-01, usd_per_million: {input: "3"})") +
                                line(R"(provider: p, models: [m], usd_per_million: {input: "2"})"));
  EXPECT_EQ(prices.find("p", "m", *parse_rfc3339("2026-08-31T23:59:59Z"))->rates.input, Money::from_usd(2));
  EXPECT_EQ(prices.find("p", "m", *parse_rfc3339("2026-09-01T00:00:00Z"))->rates.input, Money::from_usd(3));
}

TEST(PriceBook, LetsALaterFileWin) {
  const auto prices = PriceBook::load({{"builtin", kHead + line(R"(provider: p, models: [m], usd_per_million: {input: "1"})")},
                                       {"own", kHead + line(R"(provider: p, models: ["*"], usd_per_million: {input: "7"})")}});
  ASSERT_TRUE(prices);
  EXPECT_EQ(prices->find("p", "m", kDay)->rates.input, Money::from_usd(7));
}

TEST(PriceBook, SaysWhereAFileIsWrong) {
  const auto misspelt = PriceBook::load({{"prices.yaml", "version: 1\nprices:\n  - provider: p\n    model: [m]\n"}});
  ASSERT_FALSE(misspelt);
  EXPECT_EQ(misspelt.error().print(), R"(prices.yaml:4:5: unknown key "model" in a price; did you mean "models"?)");
  const auto twice = PriceBook::load({{"prices.yaml", "version: 1\nversion: 1\n"}});
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().print(), R"(prices.yaml:2:1: duplicate key "version")");
  const auto rounded = PriceBook::load({{"prices.yaml", kHead + line("provider: p, models: [m], usd_per_million: {input: 1e-6}")}});
  ASSERT_FALSE(rounded);
  EXPECT_EQ(rounded.error().print(), R"(prices.yaml:3:57: "1e-6" is not a decimal with at most twelve digits after the point)");
}

TEST(PriceBook, RefusesWhatIsNotYaml) {
  for (const char* text : {"{", "", "[]", "version: 2", "version: 1\nprices: {}", "version: 1\nprices: [7]", "? [a]\n: b"})
    EXPECT_FALSE(PriceBook::load({{"prices.yaml", text}})) << text;
}

TEST(PriceBook, KnowsTheModelsThatPeopleUse) {
  const auto prices = PriceBook::load({builtin_prices()});
  ASSERT_TRUE(prices) << prices.error().print();
  EXPECT_GE(prices->prices().size(), 100U);
  for (const auto& [provider, model] : std::initializer_list<std::pair<const char*, const char*>>{{"openai", "gpt-5-mini"},
                                                                                                  {"openai", "gpt-4o-mini"},
                                                                                                  {"openai", "text-embedding-3-small"},
                                                                                                  {"anthropic", "claude-sonnet-4-5-20250929"},
                                                                                                  {"gemini", "gemini-2.5-pro"},
                                                                                                  {"mistral", "mistral-large-latest"}})
    EXPECT_NE(prices->find(provider, model, kDay), nullptr) << model;
  EXPECT_EQ(usd(prices->price("openai", "gpt-5-mini", {.input_tokens = 1'000'000, .output_tokens = 1'000'000}, kDay)), "2.250000000000");
  EXPECT_EQ(usd(prices->price("openai", "whisper-1", {.audio_ms = 60'000}, kDay)), "0.006000000000");
  EXPECT_EQ(usd(prices->price("mistral", "mistral-ocr-latest", {.pages = 250}, kDay)), "1.000000000000");
}

TEST(PriceBook, NamesSourceAndDayOfEveryBuiltinPrice) {
  const auto prices = PriceBook::load({builtin_prices()});
  ASSERT_TRUE(prices);
  for (const Price& price : prices->prices()) EXPECT_TRUE(price.source.starts_with("https://") && price.date.size() == 10) << price.models[0];
}

TEST(PriceBook, FindsTheProviderByItsHostElseByTheDialect) {
  const auto prices = PriceBook::load({builtin_prices()});
  ASSERT_TRUE(prices);
  const auto of = [&](const char* url) { return prices->provider_of({.base_url = url, .provider = Provider::openai}); };
  EXPECT_EQ(of("https://api.deepseek.com/v1"), "deepseek");
  EXPECT_EQ(of("https://eu.api.mistral.ai:443/v1"), "mistral");
  EXPECT_EQ(of("https://notapi.mistral.ai.example.com/v1"), "openai");
  EXPECT_EQ(of("http://127.0.0.1:9000/v1"), "openai");
}

}  // namespace
}  // namespace demarc::ledger
