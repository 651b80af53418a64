#include "store/sqlite_store.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <fstream>

#include "store/test_store.hpp"

namespace demarc::store {
namespace {

const Instant kDay = *parse_rfc3339("2026-11-24T12:00:00Z");

void sql(const std::string& path, const char* text) {
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(db, text, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
  sqlite3_close(db);
}

Receipt full_receipt() {
  IntentRecord intent{.attempt = 0, .rules = {"a", "b"}, .matched = {"c"}, .requires_ = {"redact"}, .upstream = "u", .model = "m"};
  intent.request = {.id = "req_full", .parent = "req_parent", .received = kDay, .key_id = "k", .team = "t", .role = "r", .workload = "w"};
  intent.request.operation = Operation::fim, intent.request.dialect = "openai.chat", intent.request.model_requested = "auto";
  intent.request.declared = Sensitivity::internal, intent.request.sensitivity = Sensitivity::restricted;
  intent.request.findings = FindingCounts{{"PERSON", 2}, {"US_SSN", 1}};
  intent.request.policy_digest = "sha256:x";
  intent.request.job = {.id = "batch_1", .piece = 12, .run = 2};
  intent.request.context_tokens = 900, intent.request.context_tokens_by = CountedBy::tokenizer;
  intent.tier = Tier::cloud, intent.model_digest = "sha256:y", intent.redactions = {{"US_SSN", 1}}, intent.kind = "hedge";
  OutcomeRecord outcome{.intent = 10, .id = "req_full", .outcome = AttemptOutcome::cancelled, .reason = "client_gone", .status = 200, .last = true};
  outcome.model_served = "m-1", outcome.finish_reason = "stop";
  outcome.usage = {1, 2, 3, 4, 5, 6, 7, 8, true};
  outcome.charge = {ChargeKind::estimated, Money::parse("12345678901.000000000001"), Alternative{"v", "n", Money::parse("0.5")}};
  outcome.answer_findings = {{"SECRET", 3}};
  outcome.queued_ms = 1, outcome.first_token_ms = 2, outcome.total_ms = 3, outcome.log_us = 4;
  Receipt receipt;
  receipt.add(10, intent);
  receipt.add(12, outcome);
  receipt.add(13, DenyRecord{.effect = Effect::unavailable, .cause = "down", .rules = {"x"}, .matched = {"y"}, .status = 503});
  intent.attempt = 1;
  receipt.add(14, intent);
  return receipt;
}

TEST(SqliteStore, GivesBackEveryFieldOfAReceipt) {
  TestStore db;
  ASSERT_TRUE(db.store->commit({"log", 15}, {full_receipt()}));
  db.reopen();
  EXPECT_EQ(db.store->receipt("req_full").value(), full_receipt());
  EXPECT_EQ(db.store->receipt_of_intent(14).value(), full_receipt());
  EXPECT_EQ(db.store->receipt("req_other").value(), std::nullopt);
}

TEST(SqliteStore, ListsSubRequestsWithTheirParent) {
  TestStore db;
  Receipt parent = test_receipt(0, kDay, Money{});
  parent.id = "req_parent";
  ASSERT_TRUE(db.store->commit({"log", 15}, {parent, full_receipt()}));
  EXPECT_EQ(db.store->receipt("req_parent").value()->sub_requests, std::vector<std::string>{"req_full"});
}

TEST(SqliteStore, RemembersHowFarTheLogIsIn) {
  TestStore db;
  EXPECT_EQ(db.store->projected_to().value(), Projected{});
  ASSERT_TRUE(db.store->commit({"log", 7}, {}));
  db.reopen();
  EXPECT_EQ(db.store->projected_to().value(), (Projected{"log", 7}));
}

TEST(SqliteStore, AddsMoneyBeyondWhatSqliteCanCount) {
  TestStore db;
  const Money much = *Money::parse("9223372036854775807.999999999999");
  ASSERT_TRUE(db.store->commit({"log", 4}, {test_receipt(0, kDay, much), test_receipt(2, kDay, much)}));
  EXPECT_EQ(db.store->usage({}).value()[0].usd, much + much);
}

TEST(SqliteStore, GroupsUsageAsAsked) {
  TestStore db;
  Receipt first = test_receipt(0, kDay, Money::from_usd(1)), second = test_receipt(2, {kDay.unix_ns + 86'400'000'000'000}, std::nullopt);
  first.team = "a", second.team = "b";
  ASSERT_TRUE(db.store->commit({"log", 4}, {first, second}));
  const auto rows = db.store->usage({.by = {UsageBy::day, UsageBy::team, UsageBy::tier}}).value();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].group, (std::vector<std::string>{"2026-11-24", "a", "cloud"}));
  EXPECT_EQ(rows[0].unpriced, 0);
  EXPECT_EQ(rows[1].group, (std::vector<std::string>{"2026-11-25", "b", "cloud"}));
  EXPECT_EQ(rows[1].unpriced, 1);
}

TEST(SqliteStore, FiltersUsageByTimeAndScope) {
  TestStore db;
  Receipt first = test_receipt(0, kDay, Money::from_usd(1)), second = test_receipt(2, {kDay.unix_ns + 1}, Money::from_usd(2));
  second.team = "b";
  ASSERT_TRUE(db.store->commit({"log", 4}, {first, second}));
  const auto usd = [&](const UsageQuery& query) { return db.store->usage(query).value()[0].usd; };
  EXPECT_EQ(usd({.since = Instant{kDay.unix_ns + 1}}), Money::from_usd(2));
  EXPECT_EQ(usd({.until = Instant{kDay.unix_ns + 1}}), Money::from_usd(1));
  EXPECT_EQ(usd({.only = {.team = "b"}}), Money::from_usd(2));
}

TEST(SqliteStore, KeepsKeysWhenProjectionsAreCleared) {
  TestStore db;
  const KeyRecord key{.id = "dmc_live_1",
                      .hash = std::string("\0\xff\x1f", 3),
                      .name = "ci",
                      .team = "t",
                      .role = "r",
                      .scopes = {"inference", "usage:read"},
                      .workloads = {"triage"},
                      .sensitivity = Sensitivity::confidential,
                      .created = kDay,
                      .expires = {kDay.unix_ns + 5}};
  ASSERT_TRUE(db.store->put_key(key));
  ASSERT_TRUE(db.store->commit({"log", 2}, {test_receipt(0, kDay, Money{})}));
  ASSERT_TRUE(db.store->clear_projections());
  db.reopen();
  EXPECT_EQ(db.store->projected_to().value(), Projected{});
  EXPECT_EQ(db.store->receipt("req_0").value(), std::nullopt);
  EXPECT_EQ(db.store->key("dmc_live_1").value(), key);
  EXPECT_EQ(db.store->keys().value(), std::vector<KeyRecord>{key});
}

TEST(SqliteStore, TakesAKeyThatLostItsEndForOver) {
  TestStore db;
  ASSERT_TRUE(db.store->put_key({.id = "k", .created = kDay, .expires = {kDay.unix_ns + 5}}));
  sql(db.path(), "UPDATE api_keys SET expires_ns = NULL");
  EXPECT_EQ(db.store->key("k").value()->expires, kDay);
}

TEST(SqliteStore, IsReadableForItsOwnerAlone) {
  TestStore db;
  struct stat info{};
  ASSERT_EQ(stat(db.path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600);
}

TEST(SqliteStore, RefusesAFileThatIsNoDatabase) {
  TestStore db;
  const std::string path = db.folder / "other.sqlite";
  std::ofstream(path) << std::string(5000, 'x');
  auto opened = SqliteStore::open(path);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, StoreError::Kind::corrupt);
  EXPECT_NE(opened.error().message.find("come back from the audit log"), std::string::npos) << opened.error().message;
}

TEST(SqliteStore, BringsAFileOfTheFirstVersionUpToDate) {
  TestStore db;
  sql(db.path(),
      "ALTER TABLE attempts DROP COLUMN pages; ALTER TABLE attempts DROP COLUMN context_tokens; ALTER TABLE attempts DROP COLUMN context_tokens_by; "
      "ALTER TABLE requests DROP COLUMN job; ALTER TABLE requests DROP COLUMN job_piece; ALTER TABLE requests DROP COLUMN job_run; "
      "ALTER TABLE api_keys ADD COLUMN last_used_ns INTEGER; PRAGMA user_version = 1");
  db.reopen();
  ASSERT_TRUE(db.store->commit({"log", 15}, {full_receipt()}));
  EXPECT_EQ(db.store->receipt("req_full").value(), full_receipt());
}

TEST(SqliteStore, RefusesAFileOfANewerDemarc) {
  TestStore db;
  sql(db.path(), "PRAGMA user_version = 99");
  auto opened = SqliteStore::open(db.path());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, StoreError::Kind::newer);
}

TEST(SqliteStore, RefusesAFolderThatIsNotThere) {
  auto opened = SqliteStore::open("/nonexistent/db.sqlite");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, StoreError::Kind::unavailable);
}

TEST(SqliteStore, LeavesEverythingAsItWasWhenACommitFails) {
  TestStore db;
  ASSERT_TRUE(db.store->commit({"log", 2}, {test_receipt(0, kDay, Money::from_usd(1))}));
  sql(db.path(), "CREATE TRIGGER broken BEFORE INSERT ON attempts WHEN new.intent = 4 BEGIN SELECT RAISE(ABORT, 'injected'); END");
  EXPECT_FALSE(db.store->commit({"log", 6}, {test_receipt(2, kDay, Money::from_usd(1)), test_receipt(4, kDay, Money::from_usd(1))}));
  EXPECT_EQ(db.store->projected_to().value(), (Projected{"log", 2}));
  EXPECT_EQ(db.store->receipt("req_2").value(), std::nullopt);
  EXPECT_TRUE(db.store->commit({"log", 4}, {test_receipt(2, kDay, Money::from_usd(1))}));
}

}  // namespace
}  // namespace demarc::store
