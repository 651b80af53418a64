#include "access/keys.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <limits>
#include <map>
#include <set>
#include <sstream>

namespace demarc::access {
namespace {

constexpr Instant kNow{1'790'000'000'000'000'000};
constexpr std::int64_t kDayNs = 86'400'000'000'000;
const std::string kPepper(kPepperBytes, 'p');

class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  void fill(void* into, std::size_t size_bytes) override {  // splitmix64
    auto* out = static_cast<unsigned char*>(into);
    for (std::size_t i = 0; i < size_bytes; ++i) {
      std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9, z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
      out[i] = static_cast<unsigned char>(z >> 32);
    }
  }

 private:
  std::uint64_t state_;
};

NewKey key_of(std::uint64_t seed, KeyOrder order = {.name = "test"}) {
  SeededRandom random(seed);
  auto made = create_key(order, kPepper, random, kNow);
  CHECK(made.ok());
  return std::move(made).value();
}

TEST(KeyFormat, HoldsForEveryKeyThatIsMade) {
  std::set<std::string> ids;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const NewKey made = key_of(seed, {.env = seed % 2 == 0 ? "live" : "t3st", .name = "x"});
    const auto text = parse_key(made.secret);
    ASSERT_TRUE(text) << made.secret;
    EXPECT_EQ(text->id, made.record.id);
    EXPECT_EQ(text->env, seed % 2 == 0 ? "live" : "t3st");
    EXPECT_TRUE(is_key_id(made.record.id));
    EXPECT_EQ(made.secret.size(), 4 + 4 + 1 + 8 + 1 + 43 + 6U);
    EXPECT_EQ(made.record.hash.size(), 32U);
    EXPECT_TRUE(ids.insert(made.record.id).second);
  }
}

TEST(KeyFormat, RefusesEverySingleChangedCharacterBeforeAnyLookup) {
  const std::string key = key_of(7).secret;
  for (std::size_t i = 0; i < key.size(); ++i)
    for (const char c : {'A', 'z', '0', '_', '-', ' ', '\0', '\xff'}) {
      std::string changed = key;
      if (changed[i] == c) continue;
      changed[i] = c;
      EXPECT_FALSE(parse_key(changed)) << i << " " << static_cast<int>(c);
    }
}

TEST(KeyFormat, RefusesEveryCutAndEveryExtension) {
  const std::string key = key_of(8).secret;
  for (std::size_t n = 0; n < key.size(); ++n) {
    EXPECT_FALSE(parse_key(key.substr(0, n)));
    EXPECT_FALSE(parse_key(key.substr(n + 1)));
  }
  EXPECT_FALSE(parse_key(key + "0"));
  EXPECT_FALSE(parse_key(std::string(10'000'000, 'a')));
}

TEST(KeyFormat, HasTheChecksumOfZlib) {  // CRC-32 of the text before it, by Python's zlib.crc32, in base62 of 0-9A-Za-z
  const std::string body = "dmc_live_00000000_" + std::string(43, '0');
  EXPECT_TRUE(parse_key(body + "4WfLIK"));
}

TEST(KeyFormat, SpreadsItsDigitsEvenly) {
  std::map<char, int> counts;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    const std::string secret = key_of(seed).secret;
    for (const char c : secret.substr(18, 43)) ++counts[c];
  }
  EXPECT_EQ(counts.size(), 62U);
  for (const auto& [digit, count] : counts) {  // 86'000 / 62 = 1387 expected, standard deviation 37
    EXPECT_GT(count, 1387 - 6 * 37) << digit;
    EXPECT_LT(count, 1387 + 6 * 37) << digit;
  }
}

TEST(Keys, LiveNinetyDaysUnlessAskedAndNeverLongerThanAYear) {
  SeededRandom random(1);
  EXPECT_EQ(key_of(1).record.expires.unix_ns - kNow.unix_ns, 90 * kDayNs);
  for (const std::int64_t days : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{366}, std::numeric_limits<std::int64_t>::max()})
    EXPECT_EQ(create_key({.name = "x", .days = days}, kPepper, random, kNow).error(), KeyError::bad_lifetime);
  EXPECT_TRUE(create_key({.name = "x", .days = 365}, kPepper, random, kNow));
}

TEST(Keys, RefuseOrdersThatNobodyCouldMean) {
  SeededRandom random(1);
  const auto error_of = [&](const KeyOrder& order) { return create_key(order, kPepper, random, kNow).error(); };
  for (const char* env : {"", "Live", "1x", "a_b", "abcdefghijklmnopq"}) EXPECT_EQ(error_of({.env = env, .name = "x"}), KeyError::bad_env) << env;
  for (const char* name : {"", "  ", "a\nb", "\xff"}) EXPECT_EQ(error_of({.name = name}), KeyError::bad_name) << name;
  EXPECT_EQ(error_of({.name = "x", .team = "a b"}), KeyError::bad_team);
  EXPECT_EQ(error_of({.name = "x", .role = "a\r\nb"}), KeyError::bad_role);
  EXPECT_EQ(error_of({.name = "x", .scopes = {"root"}}), KeyError::unknown_scope);
  EXPECT_EQ(error_of({.name = "x", .scopes = {}}), KeyError::no_scope);
  EXPECT_EQ(error_of({.name = "x", .workloads = {""}}), KeyError::bad_workload);
  EXPECT_EQ(create_key({.name = "x"}, "short", random, kNow).error(), KeyError::bad_pepper);
}

TEST(Keys, AreFoundByTheWholeSecretOnly) {
  const NewKey one = key_of(1), two = key_of(2);
  const auto set = make_key_set({one.record, two.record}, kPepper);
  ASSERT_NE(set->find(one.secret), nullptr);
  EXPECT_EQ(set->find(one.secret)->id, one.record.id);
  EXPECT_EQ(set->find(key_of(3).secret), nullptr);
  EXPECT_EQ(make_key_set({one.record}, std::string(kPepperBytes, 'q'))->find(one.secret), nullptr);  // another data folder's pepper
}

TEST(Keys, OfTheSameIdButAnotherSecretOpenNothing) {
  const NewKey one = key_of(1), two = key_of(2);
  KeyRecord forged = two.record;  // two's id with one's hash
  forged.hash = one.record.hash;
  const auto set = make_key_set({forged}, kPepper);
  EXPECT_EQ(set->find(two.secret), nullptr);
  EXPECT_EQ(set->find(one.secret), nullptr);
}

TEST(Keys, WithADamagedOrZeroHashOpenNothing) {
  const NewKey one = key_of(1);
  for (const std::string& hash : {std::string(), std::string(31, 'x'), std::string(32, '\0')}) {
    KeyRecord record = one.record;
    record.hash = hash;
    EXPECT_EQ(make_key_set({record}, kPepper)->find(one.secret), nullptr);
  }
}

TEST(Rotation, KeepsRightsAndLeavesTheOldKeyGoodForTheOverlap) {
  SeededRandom random(9);
  const KeyRecord old = key_of(1, {.env = "ci",
                                   .name = "n",
                                   .team = "t",
                                   .scopes = {"inference", "usage:read"},
                                   .workloads = {"w"},
                                   .sensitivity = Sensitivity::confidential,
                                   .days = 30})
                            .record;
  const Instant later{kNow.unix_ns + 20 * kDayNs};
  const auto rotation = rotate_key(old, std::chrono::hours(24), kPepper, random, later);
  ASSERT_TRUE(rotation);
  EXPECT_NE(rotation->fresh.record.id, old.id);
  EXPECT_EQ(rotation->fresh.record.scopes, old.scopes);
  EXPECT_EQ(rotation->fresh.record.sensitivity, old.sensitivity);
  EXPECT_EQ(rotation->fresh.record.expires.unix_ns, later.unix_ns + 30 * kDayNs);
  EXPECT_EQ(state_of(rotation->old, later), KeyState::active);
  EXPECT_EQ(state_of(rotation->old, Instant{later.unix_ns + kDayNs}), KeyState::revoked);
}

TEST(Rotation, NeverLengthensTheOldKeyAndHappensOnce) {
  SeededRandom random(9);
  const KeyRecord old = key_of(1, {.name = "n", .days = 30}).record;
  const auto rotation = rotate_key(old, std::chrono::days(365), kPepper, random, kNow);
  ASSERT_TRUE(rotation);
  EXPECT_EQ(*rotation->old.revoked, old.expires);
  EXPECT_EQ(rotate_key(rotation->old, std::chrono::hours(1), kPepper, random, kNow).error(), KeyError::not_active);
  EXPECT_EQ(rotate_key(old, std::chrono::hours(1), kPepper, random, old.expires).error(), KeyError::not_active);
  EXPECT_EQ(rotate_key(old, std::chrono::seconds(-1), kPepper, random, kNow).error(), KeyError::bad_lifetime);
}

TEST(Scopes, StandInTheReferenceWithTheirMeaning) {
  std::ifstream in(std::string(DEMARC_SOURCE_DIR) + "/docs/reference/keys.md");
  std::ostringstream text;
  text << in.rdbuf();
  for (const ScopeSpec& scope : scopes()) {
    const std::string row = "| `" + std::string(scope.name) + "` | " + std::string(scope.meaning) + " |";
    EXPECT_NE(text.str().find(row), std::string::npos) << row;
  }
}

TEST(Keyring, HandsOutTheSetThatIsInForceWhileOthersFinishWithTheirs) {
  const NewKey one = key_of(1);
  Keyring ring(make_key_set({one.record}, kPepper));
  const auto before = ring.current();
  ring.replace(make_key_set({}, kPepper));
  EXPECT_EQ(ring.current()->find(one.secret), nullptr);
  EXPECT_NE(before->find(one.secret), nullptr);
  EXPECT_TRUE(before->any_active(kNow));
  EXPECT_FALSE(before->any_active(one.record.expires));
}

}  // namespace
}  // namespace demarc::access
