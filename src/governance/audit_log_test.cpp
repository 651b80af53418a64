#include "governance/audit_log.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "governance/log_reader.hpp"
#include "governance/prove.hpp"
#include "governance/test_log.hpp"
#include "governance/verify.hpp"
#include "governance/wal.hpp"

namespace demarc::governance {
namespace {

using namespace testing;

VerifyReport verified(Disk& disk, std::optional<std::string> since = {}) {
  return verify_log(disk, "audit", {test_signer().vkey(), std::move(since)});
}

std::string first_problem(const VerifyReport& report) {
  if (report.ok()) return "";
  const Problem& p = report.problems.front();
  return std::string(to_string(p.kind)) + " " + p.file + " " + (p.index ? std::to_string(*p.index) : "-") + " " + p.what;
}

std::string kinds_of(AuditLog& log) {
  std::string out;
  EXPECT_TRUE(log.replay(0, [&](std::uint64_t, StoredRecord&& record) {
    out += kind_of(record.record).substr(0, 1);
    return AuditLog::Replay::go_on;
  }));
  return out;
}

TEST(AuditLog, ReadsBackWhatItWroteAndVerifies) {
  MemoryDisk disk;
  auto log = open_log(disk).value();
  EXPECT_EQ(log->append_blocking(Record{intent_of(1)}).value(), 0U);
  EXPECT_EQ(log->append_blocking(Record{outcome_of(0, 1)}).value(), 1U);
  EXPECT_EQ(log->append_blocking(Record{deny_of(2)}).value(), 2U);
  EXPECT_EQ(kinds_of(*log), "IOD");
  EXPECT_EQ(read_record(log->read(2).value()).value().tenant, "default");
  EXPECT_EQ(log->read(3).error(), DiskError::not_found);
  log->close();
  const VerifyReport report = verified(disk);
  EXPECT_EQ(first_problem(report), "");
  EXPECT_EQ(report.size, 3U);
  EXPECT_EQ(report.kinds, (std::map<std::string, std::uint64_t>{{"DENY", 1}, {"INTENT", 1}, {"OUTCOME", 1}}));
}

TEST(AuditLog, GrowsOverManyTilesSegmentsAndStarts) {
  MemoryDisk disk;
  std::string since;
  for (int start = 0; start < 3; ++start) {
    auto log = open_log(disk).value();
    EXPECT_EQ(log->size(), static_cast<std::uint64_t>(start) * 600);
    for (int i = 0; i < 300; ++i) {
      const auto intent = log->append_blocking(Record{intent_of(i)}).value();
      ASSERT_TRUE(log->append_blocking(Record{outcome_of(intent, i)}));
      if (i == 100) {
        ASSERT_TRUE(log->seal());
        if (start == 1) since = disk.files()["audit/checkpoint"];
      }
    }
    EXPECT_EQ(kinds_of(*log).size(), static_cast<std::size_t>(start + 1) * 600);
    EXPECT_TRUE(log->recovery().crashed_intents.empty());
  }
  EXPECT_EQ(first_problem(verified(disk, since)), "");
  EXPECT_LE(list_wal_segments(disk, "audit/wal").value().size(), 2U);  // the others went once tiles held their records
  const auto verifier = NoteVerifier::parse(test_signer().vkey());
  for (const std::uint64_t index : {0U, 255U, 256U, 1000U, 1799U}) {
    std::string entry;
    ASSERT_TRUE(for_each_entry(disk, "audit", index, index + 1, [&](std::uint64_t, std::string_view bytes) { return entry = bytes, Visit::go_on; }));
    const auto proven = verify_proof(prove(disk, "audit", index).value(), entry, *verifier);
    ASSERT_TRUE(proven);
    EXPECT_EQ(proven.value().index, index);
    EXPECT_EQ(verify_proof(prove(disk, "audit", index).value(), entry + " ", *verifier).error(), ProofError::wrong_hash);
  }
  EXPECT_EQ(prove(disk, "audit", 1800).error(), ProofError::not_covered);
}

Task<void> converse(AuditLog& log, Loop& loop, int n, std::atomic<int>& left) {
  co_await loop.enter();
  const Record intent{intent_of(n)};
  const auto first = co_await log.append(loop, intent);
  EXPECT_TRUE(first);
  OutcomeRecord failed = outcome_of(first.value(), n);
  failed.outcome = AttemptOutcome::error;
  const Record outcome{failed}, again{intent_of(n)};
  const auto second = co_await log.append(loop, outcome, again);  // failover: both in one commit
  EXPECT_TRUE(second);
  const Record last{outcome_of(second.value() + 1, n)};
  EXPECT_TRUE(co_await log.append(loop, last));
  --left;
  left.notify_one();
}

TEST(AuditLog, ServesManyCoroutinesOfSeveralLoops) {
  MemoryDisk disk;
  LogOptions options = test_options();
  options.checkpoint_interval = std::chrono::milliseconds(1);
  auto log = open_log(disk, std::move(options)).value();
  std::atomic<int> left{200};
  {
    ThreadLoop a(0), b(1);
    for (int i = 0; i < 200; ++i) spawn(converse(*log, i % 2 == 0 ? static_cast<Loop&>(a) : b, i, left));
    for (int n = left; n > 0; n = left) left.wait(n);
  }
  log->close();
  const VerifyReport report = verified(disk);
  EXPECT_EQ(first_problem(report), "");
  EXPECT_EQ(report.size, 800U);
  EXPECT_TRUE(report.open_intents.empty());
}

TEST(AuditLog, RefusesAnOutcomeWithoutItsIntent) {
  MemoryDisk disk;
  auto log = open_log(disk).value();
  EXPECT_EQ(log->append_blocking(Record{outcome_of(0, 1)}).error(), LogError::not_open);
  ASSERT_TRUE(log->append_blocking(Record{intent_of(1)}));
  ASSERT_TRUE(log->append_blocking(Record{outcome_of(0, 1)}));
  EXPECT_EQ(log->append_blocking(Record{outcome_of(0, 1)}).error(), LogError::not_open);
  EXPECT_EQ(log->size(), 2U);
}

TEST(AuditLog, ClosesWhatACrashCutOffAndSaysSo) {
  MemoryDisk disk;
  {
    auto log = open_log(disk).value();
    for (int i = 0; i < 40; ++i) ASSERT_TRUE(log->append_blocking(Record{intent_of(i)}));  // over several segments
    ASSERT_TRUE(log->append_blocking(Record{outcome_of(3, 3)}));
    disk.crash_at(1);
  }
  disk.crash(MemoryDisk::Survives::nothing);
  LogOptions options = test_options();
  options.charge_of_crashed = [](const IntentRecord& intent) {
    return Charge{ChargeKind::estimated, Money::from_usd(intent.request.id == "req_4" ? 4 : 1), {}};
  };
  auto log = open_log(disk, std::move(options)).value();
  EXPECT_EQ(log->recovery().crashed_intents.size(), 39U);
  EXPECT_EQ(kinds_of(*log), std::string(40, 'I') + "O" + "R" + std::string(39, 'O'));
  const auto record = std::get<OutcomeRecord>(read_record(log->read(45).value()).value().record);
  EXPECT_EQ(record.intent, 4U);
  EXPECT_EQ(record.outcome, AttemptOutcome::unknown_crash);
  EXPECT_EQ(record.charge.usd, Money::from_usd(4));
  log->close();
  EXPECT_EQ(first_problem(verified(disk)), "");
  EXPECT_TRUE(open_log(disk).value()->recovery().crashed_intents.empty());
}

std::string newest_segment(MemoryDisk& disk) { return "audit/wal/" + wal_segment_name(list_wal_segments(disk, "audit/wal").value().back()); }

void crash_with_records(MemoryDisk& disk, int count) {
  auto log = open_log(disk).value();
  for (int i = 0; i < count; ++i) ASSERT_TRUE(log->append_blocking(Record{deny_of(i)}));
  disk.crash_at(1);
  log.reset();
  disk.crash(MemoryDisk::Survives::nothing);
}

TEST(AuditLog, CutsATornTailAndReportsIt) {
  MemoryDisk disk;
  crash_with_records(disk, 3);
  std::string wal = disk.files()[newest_segment(disk)];
  const auto end = wal.find_last_not_of('\0') + 1;
  wal.resize(end - 100), wal.resize(16 * 1024, '\0');
  disk.put(newest_segment(disk), wal);
  auto log = open_log(disk).value();
  EXPECT_GT(log->recovery().cut_bytes, 0U);
  EXPECT_EQ(kinds_of(*log), "DDR");
  log->close();
  EXPECT_EQ(first_problem(verified(disk)), "");
}

TEST(AuditLog, RefusesToStartOnABrokenCommitWithLaterOnesBehindIt) {
  MemoryDisk disk;
  crash_with_records(disk, 3);
  std::string wal = disk.files()[newest_segment(disk)];
  wal[200] ^= 1;
  disk.put(newest_segment(disk), wal);
  const auto log = open_log(disk);
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().kind, OpenError::Kind::damaged);
}

TEST(AuditLog, RefusesToStartOnAWalShorterThanItsCheckpointOrOnNone) {
  MemoryDisk disk;
  {
    auto log = open_log(disk).value();
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(log->append_blocking(Record{deny_of(i)}));
  }
  const std::string segment = newest_segment(disk), wal = disk.files()[segment];
  disk.put(segment, wal.substr(0, 32) + std::string(wal.size() - 32, '\0'));
  EXPECT_EQ(open_log(disk).error().kind, OpenError::Kind::damaged);
  disk.erase(segment);
  EXPECT_EQ(open_log(disk).error().kind, OpenError::Kind::damaged);
}

TEST(AuditLog, RefusesAnotherKey) {
  MemoryDisk disk;
  ASSERT_TRUE(open_log(disk));
  auto lock = disk.lock("lock").value();
  const auto log = AuditLog::open(disk, *lock, "audit", NoteSigner::create("example.com/log", system_random()), test_options());
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().kind, OpenError::Kind::key);
}

TEST(AuditLog, AfterAFailedSyncNothingIsAcknowledgedAnyMore) {
  for (std::uint64_t n = 1; n <= 2; ++n) {  // the write, then the sync
    MemoryDisk disk;
    auto log = open_log(disk).value();
    ASSERT_TRUE(log->append_blocking(Record{deny_of(0)}));
    disk.fail_at(n);
    EXPECT_EQ(log->append_blocking(Record{deny_of(1)}).error(), LogError::failed);
    EXPECT_FALSE(log->healthy());
    EXPECT_NE(log->failure(), "");
    EXPECT_EQ(log->append_blocking(Record{deny_of(2)}).error(), LogError::failed);
    EXPECT_EQ(log->seal().error(), LogError::failed);
    EXPECT_EQ(log->size(), 1U);
  }
}

TEST(AuditLog, AFullDiskFailsAppendsAndLosesNothing) {
  MemoryDisk disk;
  auto log = open_log(disk).value();
  disk.set_capacity(40 * 1024);
  std::uint64_t acknowledged = 0;
  while (log->append_blocking(Record{deny_of(0)})) ++acknowledged;
  EXPECT_GT(acknowledged, 0U);
  EXPECT_FALSE(log->healthy());
  log.reset();
  disk.set_capacity(UINT64_MAX);
  log = open_log(disk).value();
  EXPECT_EQ(log->size(), acknowledged);
}

TEST(AuditLog, RefusesRecordsAfterClose) {
  MemoryDisk disk;
  auto log = open_log(disk).value();
  log->close();
  EXPECT_EQ(log->append_blocking(Record{deny_of(0)}).error(), LogError::closed);
}

// A life: start, records with seals between them, end. What was acknowledged, as bytes.
void live(MemoryDisk& disk, std::map<std::uint64_t, std::string>& acknowledged) {
  auto opened = open_log(disk);
  if (!opened) return;
  auto log = std::move(opened).value();
  std::optional<std::uint64_t> intent;
  for (int i = 0; i < 24; ++i) {
    const Record record = intent ? Record{outcome_of(*intent, i)} : Record{intent_of(i)};
    const auto index = log->append_blocking(record);
    if (!index) break;
    intent = intent ? std::optional<std::uint64_t>() : index.value();
    acknowledged[index.value()] = (intent ? "INTENT" : "OUTCOME");
    if (i % 5 == 4 && !log->seal()) break;
  }
}

void expect_kept(MemoryDisk& disk, const std::map<std::uint64_t, std::string>& acknowledged, const std::string& where) {
  auto opened = open_log(disk);
  ASSERT_TRUE(opened) << where << ": " << opened.error().message;
  auto log = std::move(opened).value();
  std::map<std::uint64_t, std::string> found;
  ASSERT_TRUE(log->replay(0, [&](std::uint64_t index, StoredRecord&& record) {
    found[index] = kind_of(record.record);
    return AuditLog::Replay::go_on;
  })) << where;
  for (const auto& [index, kind] : acknowledged) ASSERT_EQ(found[index], kind) << where << " record " << index;
  ASSERT_TRUE(log->append_blocking(Record{deny_of(9)})) << where;
  log->close();
  const VerifyReport report = verified(disk);
  ASSERT_EQ(first_problem(report), "") << where;
  ASSERT_TRUE(report.open_intents.empty()) << where;
}

// Every operation with DEMARC_FULL_SWEEP=1 (./test --all), else every seventh, so that the everyday run stays short.
std::uint64_t sweep_step() { return std::getenv("DEMARC_FULL_SWEEP") != nullptr ? 1 : 7; }

void crash_everywhere(MemoryDisk::Survives survives, std::uint64_t seeds) {
  for (std::uint64_t n = 1;; n += sweep_step())
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
      MemoryDisk disk;
      std::map<std::uint64_t, std::string> acknowledged;
      disk.put("lock", "");
      disk.crash_at(n);
      live(disk, acknowledged);
      if (!disk.fault_happened()) return;
      disk.crash(survives, seed);
      ASSERT_NO_FATAL_FAILURE(expect_kept(disk, acknowledged, "crash at " + std::to_string(n) + " seed " + std::to_string(seed)));
    }
}

TEST(AuditLogFaults, ACrashAtAnyOperationLosesNothingAcknowledgedIfNothingUnsyncedSurvives) { crash_everywhere(MemoryDisk::Survives::nothing, 1); }
TEST(AuditLogFaults, ACrashAtAnyOperationLosesNothingAcknowledgedWhateverSurvives) { crash_everywhere(MemoryDisk::Survives::some, 3); }
TEST(AuditLogFaults, AKillAtAnyOperationLosesNothingAcknowledged) { crash_everywhere(MemoryDisk::Survives::all, 1); }

TEST(AuditLogFaults, AnyOneFailingOperationLosesNothingAcknowledged) {
  for (const auto survives : {MemoryDisk::Survives::all, MemoryDisk::Survives::nothing})
    for (std::uint64_t n = 1;; ++n) {
      MemoryDisk disk;
      std::map<std::uint64_t, std::string> acknowledged;
      disk.put("lock", "");
      disk.fail_at(n);
      live(disk, acknowledged);
      if (!disk.fault_happened()) break;
      disk.crash(survives);
      ASSERT_NO_FATAL_FAILURE(expect_kept(disk, acknowledged, "failure at " + std::to_string(n)));
    }
}

TEST(AuditLogFaults, ACrashDuringRecoveryIsRecoveredToo) {
  for (std::uint64_t n = 1;; n += sweep_step()) {
    MemoryDisk disk;
    std::map<std::uint64_t, std::string> acknowledged;
    disk.put("lock", "");
    disk.crash_at(120);
    live(disk, acknowledged);
    disk.crash(MemoryDisk::Survives::some, n);
    disk.crash_at(n);
    live(disk, acknowledged);
    if (!disk.fault_happened()) return;
    disk.crash(MemoryDisk::Survives::some, n + 1);
    ASSERT_NO_FATAL_FAILURE(expect_kept(disk, acknowledged, "crash at " + std::to_string(n)));
  }
}

}  // namespace
}  // namespace demarc::governance
