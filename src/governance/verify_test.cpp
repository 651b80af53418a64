#include "governance/verify.hpp"

#include <gtest/gtest.h>

#include "governance/prove.hpp"
#include "governance/sealer.hpp"
#include "governance/test_log.hpp"
#include "governance/wal.hpp"

namespace demarc::governance {
namespace {

using namespace testing;

VerifyReport verified(Disk& disk, std::optional<std::string> since = {}) {
  return verify_log(disk, "audit", {test_signer().vkey(), std::move(since)});
}

bool has(const VerifyReport& report, ProblemKind kind) {
  for (const Problem& problem : report.problems)
    if (problem.kind == kind) return true;
  return false;
}

// A closed log of `count` records.
std::map<std::string, std::string> small_log(int count, std::uint64_t segment_bytes = 8192) {
  MemoryDisk disk;
  LogOptions options = test_options();
  options.segment_bytes = segment_bytes;
  auto log = open_log(disk, options).value();
  for (int i = 0; i < count; i += 2) {
    const auto intent = log->append_blocking(Record{intent_of(i)}).value();
    EXPECT_TRUE(log->append_blocking(Record{outcome_of(intent, i)}));
  }
  log->close();
  return disk.files();
}

void put_all(MemoryDisk& disk, const std::map<std::string, std::string>& files) {
  for (const auto& [path, contents] : files) disk.put(path, contents);
}

TEST(Verify, FindsAnyFlippedBitInAnyFile) {
  const auto files = small_log(8);
  MemoryDisk disk;
  put_all(disk, files);
  ASSERT_TRUE(verified(disk).ok());
  EXPECT_GE(files.size(), 5U);  // checkpoint, vkey, a bundle, a tile, a segment
  for (const auto& [path, contents] : files) {
    std::string changed = contents;
    for (std::size_t bit = 0; bit < contents.size() * 8; bit += contents.size() > 4096 ? 13 : 1) {
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);
      disk.put(path, changed);
      ASSERT_FALSE(verified(disk).ok()) << path << " byte " << bit / 8 << " bit " << bit % 8;
      changed[bit / 8] = contents[bit / 8];
    }
    disk.put(path, contents);
  }
}

TEST(Verify, FindsFlippedBitsInFullTilesToo) {
  const auto files = small_log(300, 64 * 1024);
  MemoryDisk disk;
  put_all(disk, files);
  ASSERT_TRUE(verified(disk).ok());
  for (const auto& [path, contents] : files)
    for (std::size_t bit = 3; bit < contents.size() * 8; bit += contents.size() * 8 / 12 + 1) {
      std::string changed = contents;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);
      disk.put(path, changed);
      ASSERT_FALSE(verified(disk).ok()) << path << " byte " << bit / 8;
      disk.put(path, contents);
    }
}

TEST(Verify, FindsAnyMissingAnyShortenedAndAnyAddedFile) {
  const auto files = small_log(300);
  for (const auto& [path, contents] : files) {
    MemoryDisk disk;
    put_all(disk, files);
    disk.erase(path);
    EXPECT_FALSE(verified(disk).ok()) << path;
    disk.put(path, contents.substr(0, contents.size() / 2));
    EXPECT_FALSE(verified(disk).ok()) << path;
  }
  for (const std::string path :
       {"audit/note.txt", "audit/tile/0/005", "audit/tile/0/001.p/200", "audit/tile/entries/001.p/45", "audit/wal/x", "audit/tile/3/000"}) {
    MemoryDisk disk;
    put_all(disk, files);
    disk.put(path, "x");
    EXPECT_FALSE(verified(disk).ok()) << path;
  }
}

// The log as someone with the key's folder but not the key would rewrite it: all hashes right, the old signature.
VerifyReport rewritten(const std::vector<std::string>& entries, const std::map<std::string, std::string>& files) {
  MemoryDisk disk;
  CHECK(make_directories(disk, "audit/wal").ok());
  const NoteSigner signer = test_signer();
  Sealer sealer(disk, "audit", signer);
  for (const std::string& entry : entries) CHECK(sealer.add(entry).ok());
  CHECK(sealer.checkpoint().ok());
  WalWriter wal(disk, "audit/wal", 4096);
  CHECK(wal.begin_segment(entries.size(), {}).ok());
  disk.put("audit/vkey", files.at("audit/vkey"));
  disk.put("audit/checkpoint", files.at("audit/checkpoint"));
  return verified(disk);
}

TEST(Verify, FindsRemovedReorderedAndAddedRecordsBehindRightHashes) {
  const auto files = small_log(6);
  std::vector<std::string> entries;
  const auto views = parse_bundle(files.at("audit/tile/entries/000.p/6")).value();
  for (const std::string_view entry : views) entries.emplace_back(entry);
  EXPECT_TRUE(rewritten(entries, files).ok());
  auto changed = entries;
  changed.pop_back();
  EXPECT_FALSE(rewritten(changed, files).ok());
  changed = entries;
  changed.push_back(entries[0]);
  EXPECT_FALSE(rewritten(changed, files).ok());
  changed = entries;
  std::swap(changed[1], changed[2]);
  EXPECT_FALSE(rewritten(changed, files).ok());
  changed = entries;
  changed.erase(changed.begin() + 2, changed.begin() + 4);
  EXPECT_FALSE(rewritten(changed, files).ok());
}

TEST(Verify, FindsAnotherKeyARollbackAndAnotherHistory) {
  const auto older = small_log(4), newer = small_log(8);
  MemoryDisk disk;
  put_all(disk, older);
  EXPECT_TRUE(has(verify_log(disk, "audit", {NoteSigner::create("example.com/log", system_random()).vkey(), {}}), ProblemKind::bad_checkpoint));
  EXPECT_TRUE(has(verified(disk, newer.at("audit/checkpoint")), ProblemKind::rolled_back));
  EXPECT_TRUE(verified(disk, older.at("audit/checkpoint")).ok());
  auto log = open_log(disk).value();
  ASSERT_TRUE(log->append_blocking(Record{deny_of(1)}));
  log->close();
  EXPECT_TRUE(verified(disk, older.at("audit/checkpoint")).ok());
  const std::string fork = sign_checkpoint({"example.com/log", 4, leaf_hash("another history")}, test_signer());
  EXPECT_TRUE(has(verified(disk, fork), ProblemKind::inconsistent));
}

TEST(Verify, CountsWhatNoCheckpointCoversYetAndWhatIsInFlight) {
  MemoryDisk disk;
  auto log = open_log(disk).value();
  ASSERT_TRUE(log->append_blocking(Record{deny_of(1)}));
  ASSERT_TRUE(log->seal());
  ASSERT_TRUE(log->append_blocking(Record{intent_of(1)}));
  const VerifyReport report = verified(disk);
  EXPECT_TRUE(report.ok());
  EXPECT_EQ(report.size, 1U);
  EXPECT_EQ(report.uncovered, 1U);
  EXPECT_EQ(report.open_intents, std::vector<std::uint64_t>{1});
}

TEST(Prove, AProofWithAnyBitFlippedProvesNothing) {
  const auto files = small_log(6);
  MemoryDisk disk;
  put_all(disk, files);
  const auto verifier = *NoteVerifier::parse(test_signer().vkey());
  const std::string proof = prove(disk, "audit", 3).value(), entry((*parse_bundle(files.at("audit/tile/entries/000.p/6")))[3]);
  ASSERT_TRUE(verify_proof(proof, entry, verifier));
  for (std::size_t bit = 0; bit < proof.size() * 8; ++bit) {
    std::string changed = proof;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);
    EXPECT_FALSE(verify_proof(changed, entry, verifier)) << bit;
  }
}

}  // namespace
}  // namespace demarc::governance
