#include "cli/redact/out_folder.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace demarc::cli {
namespace {

namespace fs = std::filesystem;

class OutFolders : public testing::Test {
 protected:
  OutFolders() {
    std::string made = (fs::temp_directory_path() / "demarc-out-XXXXXX").string();
    root = ::mkdtemp(made.data());
  }
  ~OutFolders() override { fs::remove_all(root); }

  std::unique_ptr<OutFolder> open(Restart restart = Restart::no) const {
    auto out = OutFolder::open(root / "out", restart, real_disk());
    EXPECT_TRUE(out) << out.error();
    return *std::move(out);
  }
  // Redacts `from` to `to` with options "o".
  static void redact(OutFolder& out, const Input& input, const std::string& from, const std::string& to) {
    ASSERT_TRUE(out.write(input, to));
    ASSERT_TRUE(out.note({.below = input.below.string(),
                          .input = digest_of(from),
                          .options = "o",
                          .output = digest_of(to),
                          .changed = true,
                          .found = {{.type = "CREDIT_CARD", .tier = "structured", .start = 3, .end = 9, .line = 2, .score = 0.5}}}));
  }
  [[nodiscard]] std::string written(const std::string& below) const {
    std::ifstream in(root / "out" / below, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  fs::path root;
  const Input input{.name = "in/deep/a.txt", .below = "deep/a.txt", .permissions = 0640};
};

TEST_F(OutFolders, RememberWhatIsDone) {
  redact(*open(), input, "old", "new");
  const auto done = open()->done(input, digest_of("old"), "o");
  ASSERT_TRUE(done);
  EXPECT_EQ(written("deep/a.txt"), "new");
  EXPECT_TRUE(done->changed);
  ASSERT_EQ(done->found.size(), 1U);
  EXPECT_EQ(done->found[0].type, "CREDIT_CARD");
  EXPECT_EQ(done->found[0].line, 2U);
}

TEST_F(OutFolders, DoAgainWhatChanged) {
  redact(*open(), input, "old", "new");
  EXPECT_FALSE(open()->done(input, digest_of("other"), "o")) << "the input";
  EXPECT_FALSE(open()->done(input, digest_of("old"), "p")) << "the options";
  std::ofstream(root / "out" / "deep" / "a.txt") << "edited";
  EXPECT_FALSE(open()->done(input, digest_of("old"), "o")) << "the output";
  fs::remove(root / "out" / "deep" / "a.txt");
  EXPECT_FALSE(open()->done(input, digest_of("old"), "o")) << "the output is gone";
}

TEST_F(OutFolders, StartAnewWhereAsked) {
  redact(*open(), input, "old", "new");
  EXPECT_FALSE(open(Restart::yes)->done(input, digest_of("old"), "o"));
}

TEST_F(OutFolders, TakeTheLastOfSeveralLines) {
  const auto out = open();
  redact(*out, input, "old", "new"), redact(*out, input, "old 2", "new 2");
  EXPECT_TRUE(out->done(input, digest_of("old 2"), "o"));
}

TEST_F(OutFolders, AreWholeWhereverTheJournalWasCut) {
  {
    const auto out = open();
    redact(*out, {.below = "b.txt"}, "b", "B"), redact(*out, input, "old", "new");
  }
  const fs::path journal = root / "out" / kStateFolder / "journal.jsonl";
  const auto size = fs::file_size(journal);
  for (auto cut = size; cut-- > 0;) {
    fs::resize_file(journal, cut);
    EXPECT_FALSE(open()->done(input, digest_of("old"), "o")) << cut;
  }
  redact(*open(), input, "old", "new");
  EXPECT_TRUE(open()->done(input, digest_of("old"), "o"));
}

TEST_F(OutFolders, AreWrittenToByOneRunAtATime) {
  const auto first = open();
  const auto second = OutFolder::open(root / "out", Restart::no, real_disk());
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().find("another demarc redact"), std::string::npos);
}

TEST_F(OutFolders, AreNeverLeftThroughALink) {
  fs::create_directories(root / "out"), fs::create_directories(root / "elsewhere");
  fs::create_directory_symlink(root / "elsewhere", root / "out" / "deep");
  EXPECT_FALSE(open()->write(input, "new"));
  EXPECT_TRUE(fs::is_empty(root / "elsewhere"));
}

TEST_F(OutFolders, ReplaceALinkAndNotWhatItLeadsTo) {
  fs::create_directories(root / "out" / "deep");
  std::ofstream(root / "precious") << "precious";
  fs::create_symlink(root / "precious", root / "out" / "deep" / "a.txt");
  EXPECT_TRUE(open()->write(input, "new"));
  EXPECT_EQ(written("deep/a.txt"), "new");
  EXPECT_EQ(fs::file_size(root / "precious"), 8U);
}

TEST_F(OutFolders, KeepAFilesPermissionsAndNothingHalf) {
  const auto out = open();
  ASSERT_TRUE(out->write(input, "new"));
  EXPECT_EQ(fs::status(root / "out" / "deep" / "a.txt").permissions(), fs::perms(0640));
  fs::create_directories(root / "out" / "taken.txt" / "by a folder");
  EXPECT_FALSE(out->write({.below = "taken.txt"}, "new"));
  for (const auto& entry : fs::directory_iterator(root / "out" / kStateFolder))
    EXPECT_FALSE(entry.path().filename().string().starts_with("writing-"));
}

TEST_F(OutFolders, DropWhatAnEarlierRunWroteForAFileThatCannotBeRedactedAnyMore) {
  redact(*open(), input, "old", "new");
  const auto out = open();
  out->drop(input);
  EXPECT_FALSE(fs::exists(root / "out" / "deep" / "a.txt"));
  std::ofstream(root / "out" / "mine.txt") << "not ours";
  out->drop({.below = "mine.txt"});
  EXPECT_TRUE(fs::exists(root / "out" / "mine.txt"));
}

}  // namespace
}  // namespace demarc::cli
