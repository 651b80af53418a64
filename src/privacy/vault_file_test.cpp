#include "privacy/vault_file.hpp"

#include <gtest/gtest.h>

#include "core/io/disk_memory.hpp"
#include "privacy/restore.hpp"

namespace demarc::privacy {
namespace {

class SetClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return {wall_ns}; }
  [[nodiscard]] Monotonic monotonic() const override { return {mono_ns}; }
  void pass(std::chrono::nanoseconds time) { wall_ns += time.count(), mono_ns += time.count(); }
  std::int64_t wall_ns = 1'800'000'000'000'000'000, mono_ns = 5'000'000'000;
};

constexpr std::string_view kPath = "/data/vault/values.sealed";

// One life of the program: a vault and its file.
struct Life {
  Life(Disk& disk, const Digest& key, SetClock& clock, VaultLimits limits = {}) {
    auto opened = VaultFile::open(disk, "/data/vault", key, system_random(), clock);
    if (!opened) {
      error = opened.error();
      return;
    }
    file = std::move(*opened);
    vault = std::make_unique<Vault>(file->secret(), system_random(), limits, file.get());
    auto attached = file->attach(*vault, limits.life);
    if (!attached) {
      error = attached.error();
      return;
    }
    loaded = *attached;
    file->start();
  }
  Life(const Life&) = delete;
  Life& operator=(const Life&) = delete;
  ~Life() {
    if (file) file->close();
  }
  VaultSession open(std::string_view conversation, std::string_view caller = "key") {
    return vault->open({caller, conversation}, Monotonic{5'000'000'000});
  }
  std::string error;
  std::unique_ptr<VaultFile> file;
  std::unique_ptr<Vault> vault;
  VaultFile::Loaded loaded;
};

class VaultOnDisk : public testing::Test {
 protected:
  // As kill -9 does: what was kept is on the disk, the rest is not.
  void die() { disk_.crash(MemoryDisk::Survives::nothing); }
  std::string bytes() { return disk_.files().at(std::string(kPath)); }

  MemoryDisk disk_;
  SetClock clock_;
  Digest key_ = *parse_vault_key("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
};

TEST_F(VaultOnDisk, RestoresAfterTheProcessDied) {
  std::string word, name;
  {
    Life run(disk_, key_, clock_);
    VaultSession session = run.open("c");
    word = *session.placeholder("EMAIL_ADDRESS", "ada@example.org");
    session.use_surrogates("");
    name = *session.placeholder("PERSON", "Ada Lovelace");
    ASSERT_TRUE(run.file->kept_blocking());
    die();
  }
  Life again(disk_, key_, clock_);
  ASSERT_EQ(again.error, "");
  EXPECT_EQ(again.loaded.values, 4U);  // the name's two words have stand-ins of their own
  EXPECT_EQ(restore(again.open("c").tokens(), word + ", " + name), "ada@example.org, Ada Lovelace");
  EXPECT_EQ(restore(again.open("d").tokens(), word), word);
  EXPECT_EQ(restore(again.open("c", "other").tokens(), word), word);
}

TEST_F(VaultOnDisk, MakesTheSameWordsAfterARestartAlsoOfWhatWasNotKept) {
  std::string word;
  {
    Life run(disk_, key_, clock_);
    word = *run.open("c").placeholder("PERSON", "Ada");
    die();
  }
  EXPECT_EQ(*Life(disk_, key_, clock_).open("c").placeholder("PERSON", "Ada"), word);
}

TEST_F(VaultOnDisk, WritesAllOfItAtTheEndWhereItsThreadWasNeverStarted) {
  std::string word;
  {
    auto file = *VaultFile::open(disk_, "/data/vault", key_, system_random(), clock_);
    Vault vault(file->secret(), system_random(), {}, file.get());
    ASSERT_TRUE(file->attach(vault, VaultLimits{}.life).ok());
    word = *vault.open({"key", "c"}, Monotonic{clock_.mono_ns}).placeholder("PERSON", "Ada");
    file->close();
    (void)*vault.open({"key", "c"}, Monotonic{clock_.mono_ns}).placeholder("PERSON", "Bob");  // too late
    file->close();
  }
  Life again(disk_, key_, clock_);
  EXPECT_EQ(again.loaded.values, 1U);
  EXPECT_EQ(restore(again.open("c").tokens(), word), "Ada");
}

TEST_F(VaultOnDisk, HoldsNothingPlain) {
  Life run(disk_, key_, clock_);
  VaultSession session = run.open("conversation-7", "dmc_live_ab12cd34");
  const std::string word = *session.placeholder("EMAIL_ADDRESS", "ada@example.org");
  ASSERT_TRUE(run.file->kept_blocking());
  EXPECT_GT(bytes().size(), 100U);
  for (std::string_view plain : {std::string_view("ada"), std::string_view("example"), std::string_view(word), std::string_view("EMAIL"),
                                 std::string_view("conversation-7"), std::string_view("ab12cd34")})
    EXPECT_EQ(bytes().find(plain), std::string::npos) << plain;
  EXPECT_EQ(bytes().find(std::string_view(reinterpret_cast<const char*>(key_.data()), 16)), std::string::npos);
}

TEST_F(VaultOnDisk, RefusesAnotherKeyAndSaysWhatToDo) {
  {
    Life run(disk_, key_, clock_);
    (void)*run.open("c").placeholder("PERSON", "Ada");
    ASSERT_TRUE(run.file->kept_blocking());
  }
  Digest other = key_;
  other[0] ^= 1;
  const Life run(disk_, other, clock_);
  EXPECT_NE(run.error.find("another key"), std::string::npos) << run.error;
  EXPECT_NE(run.error.find("Give the former key again"), std::string::npos);
}

TEST_F(VaultOnDisk, DropsWhatWasTamperedWithAndKeepsTheRest) {
  std::vector<std::string> words;
  {
    Life run(disk_, key_, clock_);
    VaultSession session = run.open("c");
    for (const char* name : {"Ada", "Bob", "Cleo"}) words.push_back(*session.placeholder("PERSON", name));
    ASSERT_TRUE(run.file->kept_blocking());
  }
  const std::string whole = bytes();
  const std::size_t first = whole.find('\n') + 1;
  const VaultFrame frame = *read_frame(std::string_view(whole).substr(first));
  for (std::size_t at = first + 4; at < first + frame.size; ++at) {  // every byte of the first frame, its length apart
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 0x20);
    disk_.put(std::string(kPath), changed);
    Life run(disk_, key_, clock_);
    ASSERT_GE(run.loaded.dropped_records, 1U) << at;
    ASSERT_EQ(restore(run.open("c").tokens(), words[0]), words[0]) << at;
    if (run.loaded.dropped_records == 1) ASSERT_EQ(restore(run.open("c").tokens(), words[2]), "Cleo") << at;
  }
}

TEST_F(VaultOnDisk, DropsARecordThatWasDoubledOrMoved) {
  {
    Life run(disk_, key_, clock_);
    VaultSession session = run.open("c");
    (void)*session.placeholder("PERSON", "Ada");
    ASSERT_TRUE(run.file->kept_blocking());
    run.vault->drop({"key", "c"});
    ASSERT_TRUE(run.file->kept_blocking());
  }
  std::string whole = bytes();
  const std::size_t first = whole.find('\n') + 1;
  const VaultFrame frame = *read_frame(std::string_view(whole).substr(first));
  disk_.put(std::string(kPath), whole + whole.substr(first, frame.size));  // what was dropped does not come back
  const Life run(disk_, key_, clock_);
  EXPECT_EQ(run.loaded.dropped_records, 1U);
  EXPECT_EQ(run.loaded.conversations, 0U);
}

TEST_F(VaultOnDisk, ReadsUpToATornEnd) {
  {
    Life run(disk_, key_, clock_);
    VaultSession session = run.open("c");
    for (const char* name : {"Ada", "Bob"}) (void)*session.placeholder("PERSON", name);
    ASSERT_TRUE(run.file->kept_blocking());
  }
  const std::string whole = bytes();
  for (std::size_t size = whole.find('\n') + 1; size < whole.size(); ++size) {
    disk_.put(std::string(kPath), whole.substr(0, size));
    const Life run(disk_, key_, clock_);
    ASSERT_EQ(run.error, "");
    ASSERT_LE(run.loaded.values, 1U);
    ASSERT_EQ(run.loaded.dropped_records, 0U);
  }
}

TEST_F(VaultOnDisk, HasNothingOfACallerLeftAfterAnErasure) {
  Life run(disk_, key_, clock_);
  for (const char* conversation : {"a", "b"}) (void)*run.open(conversation).placeholder("PERSON", "Ada");
  const std::string word = *run.open("a", "other").placeholder("PERSON", "Ada");
  ASSERT_TRUE(run.file->kept_blocking());
  const std::size_t before = bytes().size();
  EXPECT_EQ(run.vault->drop_caller("key"), 2U);
  ASSERT_TRUE(run.file->rewritten_blocking());
  EXPECT_LT(bytes().size(), before / 2);
  run.file->close();
  Life again(disk_, key_, clock_);
  EXPECT_EQ(again.loaded.conversations, 1U);
  EXPECT_EQ(restore(again.open("a", "other").tokens(), word), "Ada");
}

TEST_F(VaultOnDisk, ForgetsWhatWasNotUsedForItsLifeAlsoWhileItWasDown) {
  {
    Life run(disk_, key_, clock_);
    (void)*run.open("old").placeholder("PERSON", "Ada");
    clock_.pass(std::chrono::hours(8));
    (void)*run.vault->open({"key", "young"}, clock_.monotonic()).placeholder("PERSON", "Ada");
    ASSERT_TRUE(run.file->kept_blocking());
  }
  clock_.pass(std::chrono::hours(6));
  const Life run(disk_, key_, clock_);
  EXPECT_EQ(run.loaded.conversations, 1U);
}

TEST_F(VaultOnDisk, IsBoundedAndTheOldestGoes) {
  {
    Life run(disk_, key_, clock_, {.conversations = 2});
    for (const char* conversation : {"a", "b", "c"}) {
      (void)*run.open(conversation).placeholder("PERSON", "Ada");
      clock_.pass(std::chrono::seconds(1));
    }
    ASSERT_TRUE(run.file->kept_blocking());
  }
  Life run(disk_, key_, clock_, {.conversations = 2});
  EXPECT_EQ(run.loaded.conversations, 2U);
  EXPECT_EQ(run.open("a").tokens()->size(), 0U);
}

TEST_F(VaultOnDisk, DoesNotGrowWithWhatIsGone) {
  Life run(disk_, key_, clock_, {.conversations = 1});
  const std::string large(60'000, 'x');
  for (int i = 0; i < 300; ++i) {
    (void)*run.open(std::to_string(i)).placeholder("PERSON", large);
    ASSERT_TRUE(run.file->kept_blocking());
  }
  EXPECT_LT(bytes().size(), std::size_t{5} << 20);  // 18 MB went through it
}

TEST_F(VaultOnDisk, GoesOnInMemoryWhenTheDiskFailsAndWritesAllOnceItWorksAgain) {
  std::string word;
  {
    Life run(disk_, key_, clock_);
    disk_.set_capacity(10);
    word = *run.open("c").placeholder("PERSON", "Ada");
    EXPECT_FALSE(run.file->kept_blocking());
    EXPECT_NE(run.file->failure(), "");
    EXPECT_EQ(restore(run.open("c").tokens(), word), "Ada");
    disk_.set_capacity(UINT64_MAX);
    EXPECT_TRUE(run.file->kept_blocking());
    EXPECT_EQ(run.file->failure(), "");
  }
  EXPECT_EQ(restore(Life(disk_, key_, clock_).open("c").tokens(), word), "Ada");
}

TEST_F(VaultOnDisk, LosesNothingThatWasKeptWhateverOperationFails) {
  for (std::uint64_t n = 1;; ++n) {
    MemoryDisk disk;
    std::string word;
    bool kept = false;
    {
      Life run(disk, key_, clock_);
      word = *run.open("c").placeholder("PERSON", "Ada");
      kept = run.file->kept_blocking();
      disk.crash_at(n);
      (void)*run.open("d").placeholder("PERSON", "Bob");
      (void)run.file->rewritten_blocking();
    }
    const bool happened = disk.fault_happened();
    disk.crash(MemoryDisk::Survives::some, n);
    Life again(disk, key_, clock_);
    ASSERT_TRUE(kept);
    ASSERT_EQ(again.error, "") << n;
    ASSERT_EQ(restore(again.open("c").tokens(), word), "Ada") << n;
    if (!happened) return;
  }
}

TEST(VaultKey, IsThirtyTwoBytesInHexOrBase64) {
  EXPECT_TRUE(parse_vault_key(" 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"));
  EXPECT_TRUE(parse_vault_key("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="));
  for (std::string_view wrong :
       {"", "secret", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==", "zz0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"})
    EXPECT_FALSE(parse_vault_key(wrong)) << wrong;
}

TEST(Sealed, OpensUnderItsOwnKeyAndAssociatedDataOnly) {
  const Digest key{1}, other{2};
  const std::string sealed = seal(key, "a", "value", system_random());
  EXPECT_EQ(unseal(key, "a", sealed), "value");
  EXPECT_FALSE(unseal(other, "a", sealed));
  EXPECT_FALSE(unseal(key, "b", sealed));
  EXPECT_FALSE(unseal(key, "a", sealed.substr(1)));
  EXPECT_NE(seal(key, "a", "value", system_random()), sealed);  // a nonce of its own
}

}  // namespace
}  // namespace demarc::privacy
