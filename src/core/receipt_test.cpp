#include "core/receipt.hpp"

#include <gtest/gtest.h>

namespace demarc {
namespace {

IntentRecord intent(std::uint32_t attempt, std::string upstream, Tier tier) {
  IntentRecord record{.attempt = attempt};
  record.request.id = "req_1";
  record.request.received = *parse_rfc3339("2026-11-24T09:30:00.123Z");
  record.request.model_requested = "auto";
  record.rules = {"cloud-for-open-data"};
  record.upstream = std::move(upstream), record.model = "gpt-5-mini", record.tier = tier;
  return record;
}

OutcomeRecord outcome(std::uint64_t of, AttemptOutcome how, Charge charge) {
  return {.intent = of, .id = "req_1", .outcome = how, .last = how == AttemptOutcome::served, .charge = std::move(charge)};
}

Charge usd(ChargeKind kind, const char* money) { return {.kind = kind, .usd = *Money::parse(money)}; }

TEST(Receipt, ChargeIsTheSumOfItsAttempts) {
  Receipt receipt;
  receipt.add(5, intent(0, "chat-local", Tier::local));
  receipt.add(6, outcome(5, AttemptOutcome::error, usd(ChargeKind::local, "0.000000000001")));
  receipt.add(7, intent(1, "frontier", Tier::cloud));
  receipt.add(9, outcome(7, AttemptOutcome::served, usd(ChargeKind::billed, "0.25")));
  EXPECT_EQ(receipt.charge().usd->print(), "0.250000000001");
  EXPECT_EQ(receipt.charge().kind, ChargeKind::billed);
}

TEST(Receipt, CallsASumWithAnUnpricedPartAnEstimate) {
  Receipt receipt;
  receipt.add(5, intent(0, "a", Tier::cloud));
  receipt.add(6, outcome(5, AttemptOutcome::error, Charge{}));
  receipt.add(7, intent(1, "b", Tier::cloud));
  receipt.add(8, outcome(7, AttemptOutcome::served, usd(ChargeKind::billed, "1")));
  EXPECT_EQ(receipt.charge().kind, ChargeKind::estimated);
  EXPECT_EQ(receipt.unpriced(), 1);
}

TEST(Receipt, IsUnpricedRatherThanFreeWhenNoAttemptHasAPrice) {
  Receipt receipt;
  receipt.add(5, intent(0, "a", Tier::cloud));
  receipt.add(6, outcome(5, AttemptOutcome::served, Charge{}));
  EXPECT_EQ(receipt.charge().usd, std::nullopt);
  EXPECT_NE(receipt_json(receipt, "log").find(R"("charge":{"usd":null,"kind":"unpriced")"), std::string::npos);
}

TEST(Receipt, TakesEachRecordOnce) {
  Receipt receipt;
  EXPECT_TRUE(receipt.add(5, intent(0, "a", Tier::cloud)));
  EXPECT_TRUE(receipt.add(6, outcome(5, AttemptOutcome::served, usd(ChargeKind::billed, "1"))));
  const Receipt once = receipt;
  EXPECT_FALSE(receipt.add(5, intent(0, "a", Tier::cloud)));
  EXPECT_FALSE(receipt.add(6, outcome(5, AttemptOutcome::served, usd(ChargeKind::billed, "1"))));
  EXPECT_EQ(receipt, once);
}

TEST(Receipt, NamesTheAttemptThatAnswered) {
  Receipt receipt;
  receipt.add(5, intent(0, "hedged", Tier::cloud));
  receipt.add(6, intent(1, "winner", Tier::cloud));
  receipt.add(7, outcome(6, AttemptOutcome::served, {}));
  receipt.add(8, outcome(5, AttemptOutcome::cancelled, {}));
  EXPECT_EQ(receipt.answering()->upstream, "winner");
}

TEST(Receipt, HasNotEndedWhileAnAttemptIsOpen) {
  Receipt receipt;
  receipt.add(5, intent(0, "a", Tier::cloud));
  receipt.add(6, intent(1, "shadow", Tier::local));
  receipt.add(7, outcome(5, AttemptOutcome::served, {}));
  EXPECT_FALSE(receipt.ended());
  receipt.add(8, outcome(6, AttemptOutcome::served, {}));
  EXPECT_TRUE(receipt.ended());
}

TEST(Receipt, PrintsTheFieldsThatProductMdFixes) {
  Receipt receipt;
  IntentRecord first = intent(0, "frontier", Tier::cloud);
  first.request.findings = FindingCounts{{"US_SSN", 1}};
  first.redactions = {{"US_SSN", 1}};
  first.request.context_tokens = 11, first.request.context_tokens_by = CountedBy::bytes;
  receipt.add(1041, first);
  OutcomeRecord served = outcome(1041, AttemptOutcome::served, usd(ChargeKind::billed, "0.00012345"));
  served.charge.alternative = Alternative{"chat-local", "qwen", Money::parse("0.000009")};
  served.usage.input_tokens = 12, served.usage.audio_ms = 1500;
  served.model_served = "gpt-5-mini-2025-08-07", served.total_ms = 40, served.log_us = 1250;
  receipt.add(1042, served);
  EXPECT_EQ(
      receipt_json(receipt, "origin"),
      R"({"id":"req_1","time":"2026-11-24T09:30:00.123Z","parent":null,"sub_requests":[],"caller":{"key":null,"team":null},"workload":null,)"
      R"("operation":"chat","dialect":"","declared":"internal","sensitivity":"internal","findings":{"US_SSN":1},"redactions":{"US_SSN":1},)"
      R"("answer_findings":{},"decision":{"effect":"permit","rules":["cloud-for-open-data"],"cause":null,"matched":[],"requires":[],"policy":null},)"
      R"("tier":"cloud","upstream":"frontier","requested_model":"auto","served_model":"gpt-5-mini-2025-08-07","model_digest":null,"attempts":[)"
      R"({"upstream":"frontier","model":"gpt-5-mini","tier":"cloud","kind":"call","outcome":"served","reason":null,"intent":1041,)"
      R"("outcome_record":1042,"usd":"0.000123450000","context_tokens":11,"context_tokens_by":"bytes"}],"usage":{"input_tokens":12,"cached_input_tokens":null,"cache_write_tokens":null,)"
      R"("cache_write_1h_tokens":null,"output_tokens":null,"reasoning_tokens":null,"input_audio_tokens":null,"audio_seconds":1.5,"pages":null,)"
      R"("estimated":false},"charge":{"usd":"0.000123450000","kind":"billed","alternative":{"upstream":"chat-local","model":"qwen",)"
      R"("usd":"0.000009000000"}},"timing_ms":{"queued":0,"first_token":0,"total":40,"log":1.25},"audit":{"log":"origin","size":1043}})");
}

}  // namespace
}  // namespace demarc
