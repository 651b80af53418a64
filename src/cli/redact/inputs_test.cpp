#include "cli/redact/inputs.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

namespace demarc::cli {
namespace {

namespace fs = std::filesystem;

class Inputs : public testing::Test {
 protected:
  Inputs() {
    std::string made = (fs::temp_directory_path() / "demarc-inputs-XXXXXX").string();
    root = ::mkdtemp(made.data());
  }
  ~Inputs() override { fs::remove_all(root); }

  void file(const std::string& path) const {
    fs::create_directories((root / path).parent_path());
    std::ofstream(root / path) << "text";
  }
  [[nodiscard]] std::string at(const std::string& path) const { return (root / path).string(); }
  static std::vector<std::string> below(const Walked& walked) {
    std::vector<std::string> out;
    for (const Input& input : walked.inputs) out.push_back(input.below.string());
    return out;
  }

  fs::path root;
};

using Names = std::vector<std::string>;

TEST_F(Inputs, OfAFolderAreWholeAndInOrder) {
  file("in/b.txt"), file("in/a/z.txt"), file("in/a.txt");
  EXPECT_EQ(below(*find_inputs({at("in")}, {})), (Names{"a/z.txt", "a.txt", "b.txt"}));
}

TEST_F(Inputs, LeaveOutWhatIsHiddenAndCountIt) {
  file("in/.git/config"), file("in/.env"), file("in/a.txt");
  const auto walked = find_inputs({at("in")}, {});
  EXPECT_EQ(below(*walked), Names{"a.txt"});
  EXPECT_EQ(walked->hidden, 2U);
  EXPECT_EQ(find_inputs({at("in")}, {.hidden = Hidden::take})->inputs.size(), 3U);
}

TEST_F(Inputs, NeverFollowALinkBelowAFolder) {
  file("in/a.txt"), file("elsewhere/secret.txt");
  fs::create_directory_symlink(root / "in", root / "in" / "loop");
  fs::create_symlink(root / "elsewhere" / "secret.txt", root / "in" / "link.txt");
  const auto walked = find_inputs({at("in")}, {});
  EXPECT_EQ(below(*walked), Names{"a.txt"});
  EXPECT_EQ(walked->links, 2U);
}

TEST_F(Inputs, DoNotHoldTheOutputFolder) {
  file("in/a.txt"), file("in/out/a.txt");
  EXPECT_EQ(below(*find_inputs({at("in")}, {.out = root / "in" / "out"})), Names{"a.txt"});
  EXPECT_EQ(below(*find_inputs({at("in")}, {.out = root / "in" / "." / "out"})), Names{"a.txt"});
}

TEST_F(Inputs, AreNeverOverwritten) {
  file("in/a.txt");
  EXPECT_FALSE(find_inputs({at("in")}, {.out = root / "in"}));
  EXPECT_FALSE(find_inputs({at("in/a.txt")}, {.out = root / "in"}));
}

TEST_F(Inputs, ThatWouldBecomeOneFileAreNamed) {
  file("a/x.txt"), file("b/x.txt");
  const auto walked = find_inputs({at("a/x.txt"), at("b/x.txt")}, {.out = root / "out"});
  ASSERT_FALSE(walked);
  EXPECT_NE(walked.error().find("a/x.txt"), std::string::npos);
  EXPECT_NE(walked.error().find("b/x.txt"), std::string::npos);
  EXPECT_TRUE(find_inputs({at("a/x.txt"), at("b/x.txt")}, {})) << "nothing is written";
}

TEST_F(Inputs, ThatAreNamedTwiceAreReadOnce) {
  file("in/a.txt");
  EXPECT_EQ(find_inputs({at("in/a.txt"), at("in"), at("in/../in/a.txt")}, {})->inputs.size(), 1U);
}

TEST_F(Inputs, PassOverWhatIsNoFile) {
  file("in/a.txt");
  ASSERT_EQ(::mkfifo(at("in/pipe").c_str(), 0600), 0);
  const auto walked = find_inputs({at("in")}, {});
  EXPECT_EQ(below(*walked), Names{"a.txt"});
  EXPECT_EQ(walked->special, 1U);
}

TEST_F(Inputs, ThatCannotBeListedAreNamedAndSpareTheOthers) {
  file("in/a.txt"), file("in/closed/b.txt");
  fs::permissions(root / "in" / "closed", fs::perms::none);
  fs::permissions(root, static_cast<fs::perms>(0755));
  const uid_t user = ::geteuid();  // root may read everything
  if (user == 0) ASSERT_EQ(::seteuid(65'534), 0);
  const auto walked = find_inputs({at("in")}, {});
  ASSERT_EQ(::seteuid(user), 0);
  fs::permissions(root / "in" / "closed", fs::perms::owner_all);
  EXPECT_EQ(below(*walked), Names{"a.txt"});
  ASSERT_EQ(walked->failed.size(), 1U);
}

TEST_F(Inputs, HaveALimit) {
  file("in/a.txt"), file("in/b.txt");
  EXPECT_TRUE(find_inputs({at("in")}, {.most = 2}));
  EXPECT_FALSE(find_inputs({at("in")}, {.most = 1}));
}

}  // namespace
}  // namespace demarc::cli
