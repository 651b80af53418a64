#include "privacy/vault.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <openssl/crypto.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>
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

// A value that stands nowhere in the program, and nowhere in memory but where it is put.
constexpr std::size_t kShortest = 48, kLongest = 120;
char letter_of_value(std::size_t i) { return static_cast<char>('a' + (i * 7 + 3) % 25); }

// How often some of its bytes stand in what the process may write to: of what was freed, the allocator writes over the first ones.
std::size_t copies_in_memory() {
  constexpr std::size_t kFrom = 24;
  const auto is_there = [](const char* at) {
    for (std::size_t i = kFrom; i < kShortest; ++i)
      if (at[i - kFrom] != letter_of_value(i)) return false;
    return true;
  };
  std::size_t copies = 0;
  std::ifstream maps("/proc/self/maps");
  const int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  static std::array<char, std::size_t{1} << 16> window;
  const auto own = reinterpret_cast<std::uintptr_t>(window.data());  // what is looked at stands here as well
  for (std::string line; std::getline(maps, line);) {
    std::uintptr_t begin = 0, end = 0;
    std::array<char, 5> rights{};
    if (std::sscanf(line.c_str(), "%lx-%lx %4s", &begin, &end, rights.data()) != 3 || rights[1] != 'w') continue;
    if (end - begin > std::size_t{1} << 28) continue;  // a sanitizer's shadow
    for (std::uintptr_t at = begin; at < end; at += window.size() - kShortest) {
      const auto got = pread(memory, window.data(), std::min<std::size_t>(window.size(), end - at), static_cast<off_t>(at));
      for (std::ptrdiff_t i = 0; i + static_cast<std::ptrdiff_t>(kShortest - kFrom) <= got; ++i) {
        const std::uintptr_t there = at + static_cast<std::uintptr_t>(i);
        copies += is_there(window.data() + i) && (there < own || there >= own + window.size()) ? 1 : 0;
      }
    }
  }
  close(memory);
  return copies;
}

TEST(Vault, LeavesNoCopyOfAValueBehind) {
  for (const bool surrogates : {false, true}) {
    CountingRandom random;
    std::array<char, kLongest> value{};
    for (std::size_t i = 0; i < value.size(); ++i) value.at(i) = letter_of_value(i);
    {
      Vault vault(random);
      VaultSession session = vault.open({"key", "c"}, kNow);
      if (surrogates) session.use_surrogates("");
      for (std::size_t size = kShortest; size <= kLongest; ++size) ASSERT_TRUE(session.placeholder("PERSON", {value.data(), size}));
      EXPECT_GE(copies_in_memory(), 2U) << "this one and the vault's";
    }
    OPENSSL_cleanse(value.data(), value.size());
    EXPECT_EQ(copies_in_memory(), 0U) << surrogates;
  }
}

}  // namespace
}  // namespace demarc::privacy
