#include "models/snapshot.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/store.hpp"
#include "models/testing/fixture.hpp"

namespace demarc::models {
namespace {

TEST(IsDated, KnowsHowEachProviderWritesADate) {
  EXPECT_TRUE(is_dated("gpt-5-mini-2025-08-07", Provider::openai));
  EXPECT_TRUE(is_dated("gpt-4-0613", Provider::azure));
  EXPECT_TRUE(is_dated("claude-sonnet-4-20250514", Provider::anthropic));
  EXPECT_TRUE(is_dated("anthropic.claude-3-5-sonnet-20241022-v2:0", Provider::bedrock));
  EXPECT_TRUE(is_dated("mistral-large-2512", Provider::mistral));
}

TEST(IsDated, TakesNoVersionForADate) {
  EXPECT_FALSE(is_dated("gpt-5-mini", Provider::openai));
  EXPECT_FALSE(is_dated("gpt-5.1", Provider::openai));
  EXPECT_FALSE(is_dated("claude-sonnet-latest", Provider::anthropic));
  EXPECT_FALSE(is_dated("claude-opus-4-1", Provider::anthropic));
  EXPECT_FALSE(is_dated("gemini-2.0-flash-001", Provider::gemini));
  EXPECT_FALSE(is_dated("mistral-large-latest", Provider::mistral));
  EXPECT_FALSE(is_dated("model-9999", Provider::openai));
  EXPECT_FALSE(is_dated("model-2025-13-07", Provider::openai));
  EXPECT_FALSE(is_dated("", Provider::openai));
}

TEST(LockSnapshot, PinsAndUnpins) {
  const TemporaryFolder data;
  const Store store(data.path());
  ASSERT_TRUE(lock_snapshot(store, {"frontier", "gpt-5-mini-2025-08-07", Provider::openai}, {}));
  EXPECT_TRUE(read_lock(store.lock_file())->pins("frontier", "gpt-5-mini-2025-08-07"));
  EXPECT_FALSE(read_lock(store.lock_file())->pins("other", "gpt-5-mini-2025-08-07"));
  ASSERT_TRUE(unlock_snapshot(store, "frontier", "gpt-5-mini-2025-08-07", {}));
  EXPECT_FALSE(read_lock(store.lock_file())->pins("frontier", "gpt-5-mini-2025-08-07"));
  EXPECT_FALSE(unlock_snapshot(store, "frontier", "gpt-5-mini-2025-08-07", {}));
}

TEST(LockSnapshot, RefusesAnAliasAndSaysWhatToDo) {
  const TemporaryFolder data;
  const auto locked = lock_snapshot(Store(data.path()), {"frontier", "gpt-5-mini", Provider::openai}, {});
  ASSERT_FALSE(locked);
  EXPECT_THAT(locked.error().message, testing::HasSubstr("frontier/gpt-5-mini is an alias"));
  EXPECT_THAT(locked.error().hint, testing::HasSubstr("dated"));
}

TEST(Lock, KeepsSnapshotsBesideModels) {
  ModelsLock lock;
  lock.put(locked(small_model("x"), small_model("x").sources.front()));
  lock.put(PinnedSnapshot{"frontier", "gpt-5-mini-2025-08-07", Provider::openai});
  lock.put(PinnedSnapshot{"frontier", "gpt-5-mini-2025-08-07", Provider::openai});
  const auto read = parse_lock(print_lock(lock), "models.lock");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->snapshots.size(), 1U);
  EXPECT_EQ(print_lock(*read), print_lock(lock));
}

TEST(Lock, RefusesAnAliasThatSomebodyWroteIn) {
  const auto read = parse_lock("version: 1\nmodels: []\nsnapshots:\n  - {upstream: a, model: gpt-5, provider: openai}\n", "models.lock");
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, testing::HasSubstr("models.lock:4"));
}

}  // namespace
}  // namespace demarc::models
