#include "code/index.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "code/context.hpp"

namespace demarc::code {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::Not;

class IndexTest : public testing::Test {
 protected:
  IndexTest() {
    std::string name = testing::TempDir() + "code-XXXXXX";
    folder_ = mkdtemp(name.data());
    fs::create_directories(folder_ / "repo");
  }
  ~IndexTest() override { fs::remove_all(folder_); }

  void write(const std::string& path, const std::string& text) {
    fs::create_directories((folder_ / "repo" / path).parent_path());
    std::ofstream(folder_ / "repo" / path) << text;
  }
  CodeIndex open() { return std::move(*CodeIndex::open(folder_ / "index", folder_ / "repo")); }
  Updated update(CodeIndex& index) { return *index.update({}, nullptr); }
  static std::vector<std::string> paths(CodeIndex& index) {
    const auto files = index.files();
    std::vector<std::string> paths;
    for (const RepositoryFile& file : *files) paths.push_back(file.path);
    std::ranges::sort(paths);
    return paths;
  }
  fs::path folder_;
};

constexpr const char* kInvoice =
    "class Invoice:\n    def __init__(self, customer, lines):\n        self.lines = lines\n\n    def total_cents(self):\n        return "
    "sum(line.cents for line in self.lines)\n";

TEST_F(IndexTest, HoldsWhatGitWouldListAndNothingThatIsIgnored) {
  write(".gitignore", "build/\n*.gen.py\n!kept.gen.py\n");
  write("src/.gitignore", "/local.py\n");
  for (const char* path : {"a.py", "build/b.py", "x.gen.py", "kept.gen.py", "src/local.py", "src/deep/local.py", "picture.png"})
    write(path, "x = 1\n");
  CodeIndex index = open();
  update(index);
  EXPECT_THAT(paths(index), ElementsAre("a.py", "kept.gen.py", "src/deep/local.py"));
}

TEST_F(IndexTest, NeverRunsWhatTheRepositorysOwnConfigurationNames) {
  write("a.py", "x = 1\n");
  const std::string trap = folder_ / "sprung";
  write(".git/HEAD", "ref: refs/heads/main\n");
  write(".git/config", "[core]\n\trepositoryformatversion = 0\n\tfsmonitor = \"touch " + trap + "; false\"\n");
  fs::create_directories(folder_ / "repo/.git/objects"), fs::create_directories(folder_ / "repo/.git/refs");
  CodeIndex index = open();
  update(index);
  EXPECT_THAT(paths(index), ElementsAre("a.py"));
  EXPECT_FALSE(fs::exists(trap));
}

TEST_F(IndexTest, LeavesFilesWithSecretsOutWhole) {
  write("settings.py", "AWS_ACCESS_KEY_ID = 'AKIAZ7Q3M5XW2RT6VBNP'\ndef connect(): pass\n");
  write("a.py", "x = 1\n");
  CodeIndex index = open();
  EXPECT_EQ(update(index).with_secrets, 1);
  EXPECT_THAT(paths(index), ElementsAre("a.py"));
  EXPECT_TRUE(index.defined("connect")->empty());
  EXPECT_FALSE(index.text("settings.py").has_value());
}

TEST_F(IndexTest, DoesNotGiveOutAFileThatChangedSinceItWasSearchedForSecrets) {
  write("a.py", "x = 1\n");
  CodeIndex index = open();
  update(index);
  write("a.py", "key = 'AKIAZ7Q3M5XW2RT6VBNP'\n");
  EXPECT_FALSE(index.text("a.py").has_value());
}

TEST_F(IndexTest, ReadsAgainOnlyWhatChanged) {
  write("a.py", "def one(): pass\n"), write("b.py", "def two(): pass\n");
  {
    CodeIndex index = open();
    EXPECT_EQ(update(index).read_anew, 2);
  }
  write("b.py", "def three(): pass\n");
  fs::remove(folder_ / "repo/a.py");
  CodeIndex index = open();
  const Updated updated = update(index);
  EXPECT_EQ(updated.read_anew, 1);
  EXPECT_EQ(updated.removed, 1);
  EXPECT_EQ(index.defined("three")->size(), 1);
  EXPECT_TRUE(index.defined("two")->empty());
}

TEST_F(IndexTest, ShowsAtACursorWhatTheNamesAroundItAre) {
  write("shop/invoice.py", kInvoice);
  write("shop/other.py", "def unrelated(): pass\n");
  write("report.py", "from shop.invoice import Invoice\n\ndef report(customer, lines):\n    invoice = Invoice(customer, lines)\n    return \n");
  CodeIndex index = open();
  update(index);
  const auto pieces =
      context_for(index,
                  {.path = "report.py",
                   .prefix = "from shop.invoice import Invoice\n\ndef report(customer, lines):\n    invoice = Invoice(customer, lines)\n    return ",
                   .suffix = "\n"},
                  {});
  ASSERT_TRUE(pieces.ok());
  EXPECT_THAT(*pieces, Contains(testing::AllOf(Field(&Piece::path, "shop/invoice.py"), Field(&Piece::text, HasSubstr("def total_cents(self):")))));
  EXPECT_THAT(*pieces, Not(Contains(Field(&Piece::path, "shop/other.py"))));
}

TEST_F(IndexTest, ShowsTheSamePiecesWhileALineIsTyped) {
  write("shop/invoice.py", kInvoice);
  write("report.py", "from shop.invoice import Invoice\n");
  CodeIndex index = open();
  update(index);
  const std::string before = "from shop.invoice import Invoice\n\ndef report(customer, lines):\n    invoice = Invoice(customer, lines)\n";
  const auto text_at = [&](const std::string& typed) {
    std::string all;
    const auto pieces = context_for(index, {.path = "report.py", .prefix = before + typed, .suffix = "\n"}, {});
    for (const Piece& piece : *pieces) all += piece.text;
    return all;
  };
  EXPECT_EQ(text_at("    ret"), text_at("    return invoice.tot"));
}

TEST_F(IndexTest, ShowsWhereSomebodyWroteNearlyTheSame) {
  std::string alike =
      "def load_orders(session, since):\n    query = session.query(Order)\n    query = query.filter(Order.created >= since)\n    return "
      "query.order_by(Order.created).all()\n";
  write("orders.py", alike);
  write("refunds.py", "def load_refunds(session, since):\n");
  CodeIndex index = open();
  update(index);
  const auto pieces = context_for(
      index,
      {.path = "refunds.py",
       .prefix =
           "def load_refunds(session, since):\n    query = session.query(Refund)\n    query = query.filter(Refund.created >= since)\n    return ",
       .suffix = "\n"},
      {});
  EXPECT_THAT(*pieces, Contains(Field(&Piece::text, HasSubstr("order_by(Order.created)"))));
}

TEST_F(IndexTest, HoldsToItsLimitOfBytes) {
  write("shop/invoice.py", kInvoice);
  write("report.py", "from shop.invoice import Invoice\n");
  CodeIndex index = open();
  update(index);
  const auto pieces = context_for(
      index, {.path = "report.py", .prefix = "from shop.invoice import Invoice\n\nInvoice(customer, lines)\n", .suffix = ""}, {.bytes = 40});
  std::size_t bytes = 0;
  for (const Piece& piece : *pieces) bytes += piece.text.size();
  EXPECT_LE(bytes, 40);
}

}  // namespace
}  // namespace demarc::code
