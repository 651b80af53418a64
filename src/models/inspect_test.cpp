#include "models/inspect.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/format/testing/bytes.hpp"
#include "models/make.hpp"
#include "models/testing/fixture.hpp"

namespace demarc::models {
namespace {

class InspectTest : public testing::Test {
 protected:
  // The check as demarc-check makes it, counted, without its process.
  FileCheck check() {
    return [this](std::string_view name, const std::filesystem::path& file) -> ModelResult<format::Facts> {
      ++runs_;
      auto facts = format::check(name, read_file(file));
      if (!facts) return fail(ModelError{ModelErrorKind::bad_weights, facts.error()});
      return std::move(*facts);
    };
  }
  LockedModel install(const std::string& name, const std::string& bytes) {
    const FileSpec file = spec(name + ".gguf", bytes);
    write_file(store_.blob(file.sha256), bytes);
    LockedModel model{.name = name, .licence = "MIT", .engine = "llama.cpp", .roles = {Role::chat}, .source_uri = "file:/x", .files = {file}};
    model.digest = root_digest(model.files);
    const auto lock = store_.lock_folder({}, {});
    EXPECT_TRUE(lock.ok() && store_.install(model).ok());
    return model;
  }
  const TemporaryFolder data_;
  const Store store_{data_.path()};
  int runs_ = 0;
};

TEST_F(InspectTest, RemembersWhatPassedUntilTheBytesAreOthers) {
  install("m", format::testing::small_gguf());
  const auto first = inspect(store_, *store_.resolve("m"), check());
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->gguf->architecture, "llama");
  EXPECT_EQ(inspect(store_, *store_.resolve("m"), check()).value(), *first);
  EXPECT_EQ(runs_, 1);
  const std::filesystem::path blob = store_.blob(store_.resolve("m")->locked.files[0].sha256);
  std::string hostile = format::testing::small_gguf();
  hostile[8] = '\xff';  // of as many bytes, under the same name
  std::filesystem::remove(blob);
  write_file(blob, hostile);
  const auto again = inspect(store_, *store_.resolve("m"), check());
  EXPECT_EQ(runs_, 2);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ModelErrorKind::bad_weights);
}

TEST_F(InspectTest, DoesNotRememberARefusal) {
  install("m", "GGUF is not all that makes one");
  EXPECT_FALSE(inspect(store_, *store_.resolve("m"), check()));
  EXPECT_FALSE(inspect(store_, *store_.resolve("m"), check()));
  EXPECT_EQ(runs_, 2);
}

TEST_F(InspectTest, AModelWithoutWeightsIsNone) {
  install("m", "");
  const auto empty = inspect(store_, *store_.resolve("m"), check());
  ASSERT_FALSE(empty);
}

TEST_F(InspectTest, WhatWasMadeIsPinnedWithItsLineageAndChecked) {
  const LockedModel source = install("m", format::testing::small_gguf());
  const std::filesystem::path part = store_.incoming() / "made.part";
  const Lineage lineage{"m", source.digest, "llama-quantize", "0 (0c1e57098)", "llama-quantize m.gguf m-q8_0.gguf Q8_0"};
  write_file(part, "no model");
  EXPECT_FALSE(keep_made(store_, source, {"m-q8_0", "m-q8_0.gguf", part, lineage}, check(), {}));
  write_file(part, format::testing::small_gguf() + std::string(32, 'x'));
  const auto made = keep_made(store_, source, {"m-q8_0", "m-q8_0.gguf", part, lineage}, check(), {});
  ASSERT_TRUE(made) << made.error().message;
  const auto lock = read_lock(store_.lock_file());
  ASSERT_TRUE(lock);
  EXPECT_EQ(lock->find("m-q8_0")->lineage, lineage);
  EXPECT_EQ(lock->find("m-q8_0")->licence, "MIT");
  EXPECT_EQ(lock->find("m")->lineage, std::nullopt);
  EXPECT_TRUE(store_.resolve("m-q8_0"));
  EXPECT_EQ(keep_made(store_, source, {"m-q8_0", "m-q8_0.gguf", part, lineage}, check(), {}).error().kind, ModelErrorKind::changed);
}

}  // namespace
}  // namespace demarc::models
