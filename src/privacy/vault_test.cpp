#include "privacy/vault.hpp"

#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "privacy/placeholder.hpp"
#include "privacy/restore.hpp"

namespace demarc::privacy {
namespace {

class CountingRandom final : public Random {
 public:
  void fill(void* into, std::size_t size_bytes) override {
    for (std::size_t i = 0; i < size_bytes; ++i)
      static_cast<std::uint8_t*>(into)[i] = static_cast<std::uint8_t>((next_ = next_ * 6364136223846793005ULL + 1442695040888963407ULL) >> 56U);
  }

 private:
  std::uint64_t next_ = 1;
};

constexpr Monotonic kNow{1'000'000'000};

TEST(Vault, GivesAValueTheSamePlaceholderInEveryTurn) {
  CountingRandom random;
  Vault vault(random);
  const std::string first = *vault.open({"key", "c1"}, kNow).placeholder("EMAIL_ADDRESS", "ada@example.org");
  EXPECT_EQ(*vault.open({"key", "c1"}, kNow).placeholder("EMAIL_ADDRESS", "ada@example.org"), first);
  EXPECT_EQ(first.substr(0, 6), "EMAILX");
  EXPECT_EQ(first.size(), 6 + kPlaceholderDigits);
}

TEST(Vault, GivesOtherCallersConversationsTypesAndValuesOtherPlaceholders) {
  CountingRandom random;
  Vault vault(random);
  const auto digits = [&](ConversationKey key, std::string_view type, std::string_view value) {
    const std::string made = *vault.open(key, kNow).placeholder(type, value);
    return made.substr(made.size() - kPlaceholderDigits);
  };
  const std::set<std::string> all = {digits({"key", "c1"}, "A", "v"), digits({"other", "c1"}, "A", "v"), digits({"key", "c2"}, "A", "v"),
                                     digits({"key", "c1"}, "B", "v"), digits({"key", "c1"}, "A", "w"),   digits({"", ""}, "A", "v"),
                                     digits({"", ""}, "A", "v"),      digits({"keyc", "1"}, "A", "v")};
  EXPECT_EQ(all.size(), 8U);
}

TEST(Vault, RestoresNoPlaceholderOfAnotherConversation) {
  CountingRandom random;
  Vault vault(random);
  VaultSession mine = vault.open({"key", "c1"}, kNow), theirs = vault.open({"other", "c1"}, kNow);
  const std::string word = *theirs.placeholder("EMAIL_ADDRESS", "ada@example.org");
  (void)*mine.placeholder("EMAIL_ADDRESS", "bob@example.org");
  EXPECT_EQ(restore(mine.tokens(), word), word);
  EXPECT_EQ(restore(theirs.tokens(), word), "ada@example.org");
}

TEST(Vault, ForgetsTheConversationUsedLeastRecently) {
  CountingRandom random;
  Vault vault(random, {.conversations = 2});
  (void)*vault.open({"k", "a"}, kNow).placeholder("T", "v");
  (void)*vault.open({"k", "b"}, kNow).placeholder("T", "v");
  (void)vault.open({"k", "a"}, kNow);
  (void)vault.open({"k", "c"}, kNow);
  EXPECT_EQ(vault.conversations(), 2U);
  EXPECT_EQ(vault.open({"k", "a"}, kNow).tokens()->size(), 1U);
  EXPECT_EQ(vault.open({"k", "b"}, kNow).tokens()->size(), 0U);
}

TEST(Vault, ForgetsAfterItsLifeAndWhenTold) {
  CountingRandom random;
  Vault vault(random, {.life = std::chrono::hours(1)});
  (void)*vault.open({"k", "a"}, kNow).placeholder("T", "v");
  vault.expire(kNow + std::chrono::minutes(59));
  EXPECT_EQ(vault.conversations(), 1U);
  vault.expire(kNow + std::chrono::minutes(60));
  EXPECT_EQ(vault.conversations(), 0U);
  (void)vault.open({"k", "a"}, kNow);
  vault.drop({"k", "a"});
  EXPECT_EQ(vault.conversations(), 0U);
}

TEST(Vault, IsBoundedInValuesAndBytes) {
  CountingRandom random;
  Vault vault(random, {.values = 2, .value_bytes = 10, .total_bytes = 100});
  VaultSession session = vault.open({"k", "a"}, kNow);
  EXPECT_TRUE(session.placeholder("T", "1"));
  EXPECT_TRUE(session.placeholder("T", "2"));
  EXPECT_TRUE(session.placeholder("T", "1"));
  EXPECT_FALSE(session.placeholder("T", "3"));
  EXPECT_FALSE(session.placeholder("T", "12345678901"));
  EXPECT_GT(vault.bytes(), 100U);
  vault.expire(kNow);
  EXPECT_EQ(vault.bytes(), 0U);
  EXPECT_EQ(session.tokens()->size(), 2U);  // who still has it may go on
}

TEST(Vault, ServesSeveralThreadsAtOnce) {
  CountingRandom random;
  Vault vault(random, {.conversations = 8});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&vault, t] {
      for (int i = 0; i < 300; ++i) {
        VaultSession session = vault.open({"k", std::to_string(i % 16)}, Monotonic{i});
        const std::string word = *session.placeholder("T", std::to_string(i * 4 + t));
        EXPECT_EQ(restore(session.tokens(), word), std::to_string(i * 4 + t));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace demarc::privacy
