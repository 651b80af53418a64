#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "governance/log_reader.hpp"
#include "governance/tiles.hpp"

namespace demarc::governance {
namespace {

struct Folder {
  std::string path = [] {
    std::string name = (std::filesystem::temp_directory_path() / "demarc-wal-XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    return name;
  }();
  Folder() { std::filesystem::create_directory(path + "/wal"); }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
};

// Commits of three entries each, a few to a segment.
void write(WalWriter& wal, std::uint64_t from, std::uint64_t to) {
  for (std::uint64_t first = from; first < to; first += 3) {
    std::string payload;
    for (std::uint64_t i = first; i < first + 3; ++i) append_bundle_entry(payload, "entry " + std::to_string(i));
    ASSERT_TRUE(wal.commit(first, payload, {}));
  }
}

TEST(WalFollower, GoesOnWhereItEndedAcrossSegments) {
  Folder folder;
  WalWriter wal(real_disk(), folder.path + "/wal", 160);
  ASSERT_TRUE(wal.begin_segment(0, {}));
  WalFollower follower(real_disk(), folder.path);
  std::uint64_t next = 0;
  for (std::uint64_t size = 3; size <= 60; size += 3) {
    write(wal, size - 3, size);
    ASSERT_TRUE(follower.read(next, size, [&](std::uint64_t index, std::string_view entry) {
      EXPECT_EQ(index, next++);
      EXPECT_EQ(entry, "entry " + std::to_string(index));
      return Visit::go_on;
    }));
  }
  EXPECT_EQ(next, 60U);
  EXPECT_GT(list_wal_segments(real_disk(), folder.path + "/wal").value().size(), 2U);
}

TEST(WalFollower, BeginsInTheMiddleAndEndsWithACommit) {
  Folder folder;
  WalWriter wal(real_disk(), folder.path + "/wal", 4096);
  ASSERT_TRUE(wal.begin_segment(0, {}));
  write(wal, 0, 12);
  std::vector<std::uint64_t> seen;
  ASSERT_TRUE(
      WalFollower(real_disk(), folder.path).read(4, 7, [&](std::uint64_t index, std::string_view) { return seen.push_back(index), Visit::go_on; }));
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{4, 5, 6, 7, 8}));
}

TEST(WalFollower, SaysSoIfWhatShouldBeThereIsNot) {
  Folder folder;
  WalWriter wal(real_disk(), folder.path + "/wal", 4096);
  ASSERT_TRUE(wal.begin_segment(0, {}));
  write(wal, 0, 3);
  const auto read = WalFollower(real_disk(), folder.path).read(0, 6, [](std::uint64_t, std::string_view) { return Visit::go_on; });
  EXPECT_EQ(read.error(), DiskError::io);
}

}  // namespace
}  // namespace demarc::governance
