#include "models/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/pull.hpp"
#include "models/testing/fixture.hpp"
#include "models/verify.hpp"

namespace demarc::models {
namespace {

namespace fs = std::filesystem;

class StoreTest : public testing::Test {
 protected:
  // Pulls a model of the given files from a folder.
  Pulled put(const std::string& name, const std::vector<std::pair<std::string, std::string>>& files) {
    Entry entry = small_model("");
    entry.name = name;
    entry.files.clear();
    for (const auto& [path, text] : files) {
      write_file(folder_.path() / name / path, text);
      entry.files.push_back(spec(path, text));
    }
    PullOptions options;
    options.folder = folder_.path() / name;
    return pull(store_, entry, options).value();
  }

  TemporaryFolder data_, folder_;
  Store store_{data_.path()};
};

TEST_F(StoreTest, GivesTheFileOfAModelOfOneFile) { EXPECT_EQ(read_file(put("one", {{"w.gguf", "weights"}}).model.weights), "weights"); }

TEST_F(StoreTest, GivesTheFolderOfAModelOfSeveralFiles) {
  const Resolved model = put("many", {{"model.bin", "m"}, {"sub/config.json", "c"}}).model;
  EXPECT_EQ(read_file(model.weights / "sub" / "config.json"), "c");
}

TEST_F(StoreTest, StaysWholeWhenTheDataFolderMoves) {
  put("one", {{"w.gguf", "weights"}});
  const TemporaryFolder elsewhere;
  fs::rename(data_.path() / "models", elsewhere.path() / "models");
  fs::rename(data_.path() / "models.lock", elsewhere.path() / "models.lock");
  EXPECT_EQ(read_file(Store(elsewhere.path()).resolve("one")->weights), "weights");
}

TEST_F(StoreTest, KeepsFilesReadOnly) {
  const Resolved model = put("one", {{"w.gguf", "weights"}}).model;
  EXPECT_EQ(fs::status(model.weights).permissions() & fs::perms(0777), fs::perms(0444));
}

TEST_F(StoreTest, RootDigestIsWhatSha256sumPrints) {
  // printf 'HASH_A  a\nHASH_B  b\n' | sha256sum
  EXPECT_EQ(put("many", {{"b", "B"}, {"a", "A"}}).model.digest, "sha256:" + sha256_of(sha256_of("A") + "  a\n" + sha256_of("B") + "  b\n"));
}

TEST_F(StoreTest, RemovingKeepsBytesThatAnotherModelNeeds) {
  put("first", {{"w.gguf", "shared"}, {"a", "only first"}});
  put("second", {{"w.gguf", "shared"}});
  EXPECT_EQ(remove(store_, "first", {})->freed_bytes, std::string("only first").size());
  EXPECT_EQ(read_file(store_.resolve("second")->weights), "shared");
}

TEST_F(StoreTest, ARemovedModelIsNotInstalled) {
  put("one", {{"w.gguf", "weights"}});
  ASSERT_TRUE(remove(store_, "one", {}).ok());
  EXPECT_EQ(store_.resolve("one").error().kind, ModelErrorKind::not_installed);
}

TEST_F(StoreTest, RemovingAnUnknownModelSaysSo) { EXPECT_EQ(remove(store_, "none", {}).error().kind, ModelErrorKind::unknown_model); }

TEST_F(StoreTest, TellsHowToGetAModelThatIsNotHere) { EXPECT_EQ(store_.resolve("whisper-base").error().hint, "demarc models pull whisper-base"); }

TEST_F(StoreTest, DoesNotResolveATruncatedFile) {
  const Resolved model = put("one", {{"w.gguf", "weights"}}).model;
  fs::permissions(model.weights, fs::perms::owner_write, fs::perm_options::add);
  fs::resize_file(model.weights, 3);
  EXPECT_EQ(store_.resolve("one").error().kind, ModelErrorKind::not_installed);
}

TEST_F(StoreTest, VerifyFindsAChangedByte) {
  const Resolved model = put("one", {{"w.gguf", "weights"}}).model;
  fs::permissions(model.weights, fs::perms::owner_write, fs::perm_options::add);
  write_file(fs::canonical(model.weights), "weighTs");
  EXPECT_EQ(verify(store_, "one", {}, {}, {})->front().files.front().condition, FileCondition::changed);
}

TEST_F(StoreTest, VerifyFindsAMissingFile) {
  const Resolved model = put("one", {{"w.gguf", "weights"}}).model;
  fs::remove(fs::canonical(model.weights));
  EXPECT_EQ(verify(store_, {}, {}, {}, {})->front().files.front().condition, FileCondition::missing);
}

TEST_F(StoreTest, VerifyFindsNothingWrongWithWhatWasPulled) {
  put("one", {{"w.gguf", "weights"}});
  EXPECT_TRUE(verify(store_, {}, {}, {}, {})->front().intact());
}

TEST_F(StoreTest, LockingPinsAModelWithoutFetchingIt) {
  ASSERT_TRUE(lock_only(store_, *built_in_catalogue().find("whisper-base"), {}).ok());
  const std::vector<Listed> rows = store_.list(built_in_catalogue()).value();
  for (const Listed& row : rows) {
    EXPECT_EQ(row.locked, row.name == "whisper-base");
    EXPECT_FALSE(row.installed);
  }
}

TEST_F(StoreTest, ListsAnInstalledModelThatTheCatalogueDoesNotKnow) {
  put("own", {{"w.gguf", "weights"}});
  const auto rows = store_.list(built_in_catalogue()).value();
  EXPECT_TRUE(rows.back().name == "own" && rows.back().installed && !rows.back().in_catalogue);
}

TEST(Lock, ReadsBackWhatItWrote) {
  ModelsLock lock;
  for (const Entry& entry : built_in_catalogue().entries) lock.put(locked(entry, entry.sources.front()));
  EXPECT_EQ(print_lock(parse_lock(print_lock(lock), "models.lock").value()), print_lock(lock));
}

TEST(Lock, RefusesAFilesDigestThatTheModelsDigestDoesNotCover) {
  ModelsLock lock;
  lock.put(locked(small_model("x"), small_model("x").sources.front()));
  std::string text = print_lock(lock);
  text.replace(text.find(sha256_of("x")), 64, sha256_of("y"));
  EXPECT_THAT(parse_lock(text, "models.lock").error().message, testing::HasSubstr("not that of its files"));
}

TEST(Lock, IsEmptyWhileThereIsNoFile) {
  const TemporaryFolder data;
  EXPECT_TRUE(read_lock(data.path() / "models.lock")->models.empty());
}

}  // namespace
}  // namespace demarc::models
