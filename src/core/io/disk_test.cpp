#include "core/io/disk.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

#include "core/io/disk_memory.hpp"

namespace demarc {
namespace {

class Folder {  // of the real disk, gone at the end
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "demarc-disk-XXXXXX").string();
    CHECK(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

void behaves_like_a_disk(Disk& disk, const std::string& root) {
  ASSERT_TRUE(make_directories(disk, root + "/a/b"));
  ASSERT_TRUE(write_file_durably(disk, root + "/a/b/one", "first"));
  ASSERT_TRUE(write_file_durably(disk, root + "/a/b/one", "second"));
  EXPECT_EQ(read_file(disk, root + "/a/b/one", 100).value(), "second");
  EXPECT_EQ(read_file(disk, root + "/a/b/one", 3).error(), DiskError::too_large);
  EXPECT_EQ(read_file(disk, root + "/a/none", 3).error(), DiskError::not_found);
  auto file = disk.open(root + "/a/two", OpenMode::create).value();
  EXPECT_EQ(disk.open(root + "/a/two", OpenMode::create).error(), DiskError::exists);
  ASSERT_TRUE(file->preallocate(4));
  ASSERT_TRUE(file->append("end"));
  ASSERT_TRUE(file->pwrite(1, "x"));
  ASSERT_TRUE(file->sync());
  EXPECT_EQ(file->read(0, 100).value(), std::string("\0x\0\0end", 7));
  EXPECT_EQ(file->read(7, 1).value(), "");
  const auto entries = disk.list(root + "/a").value();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].name, "b");
  EXPECT_TRUE(entries[0].is_directory);
  EXPECT_FALSE(entries[1].is_directory);
  ASSERT_TRUE(disk.remove(root + "/a/two"));
  EXPECT_EQ(disk.open(root + "/a/two", OpenMode::read).error(), DiskError::not_found);
  auto lock = disk.lock(root + "/lock");
  ASSERT_TRUE(lock);
  EXPECT_EQ(disk.lock(root + "/lock").error(), DiskError::locked);
  lock.value().reset();
  EXPECT_TRUE(disk.lock(root + "/lock"));
}

TEST(Disk, RealAndMemoryBehaveAlike) {
  const Folder folder;
  behaves_like_a_disk(real_disk(), folder / "data");
  MemoryDisk memory;
  behaves_like_a_disk(memory, "data");
}

TEST(Disk, ASecretFileIsReadableByItsOwnerOnly) {
  const Folder folder;
  ASSERT_TRUE(write_file_durably(real_disk(), folder / "key", "secret", 0600));
  struct stat status{};
  ASSERT_EQ(::stat((folder / "key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST(MemoryDisk, ForgetsWhatWasNotSynced) {
  MemoryDisk disk;
  ASSERT_TRUE(write_file_durably(disk, "kept", "old"));
  auto file = disk.open("kept", OpenMode::update, 0).value();
  ASSERT_TRUE(file->pwrite(0, "new"));
  ASSERT_TRUE(disk.open("nameless", OpenMode::create, 0).value()->sync());
  disk.crash(MemoryDisk::Survives::nothing);
  EXPECT_EQ(disk.files(), (std::map<std::string, std::string>{{"kept", "old"}}));
  EXPECT_FALSE(file->read(0, 1));
}

TEST(MemoryDisk, LosesWhatAFailedSyncLeftEvenIfALaterOneSucceeds) {
  MemoryDisk disk;
  ASSERT_TRUE(write_file_durably(disk, "log", ""));
  auto file = disk.open("log", OpenMode::update, 0).value();
  ASSERT_TRUE(file->append("one"));
  disk.fail_at(1);
  EXPECT_FALSE(file->sync());
  EXPECT_TRUE(file->sync());
  EXPECT_EQ(disk.files()["log"], "one");
  disk.crash(MemoryDisk::Survives::nothing);
  EXPECT_EQ(disk.files()["log"], "");
}

TEST(MemoryDisk, AWholeFileIsOldOrNewWhereverTheCrashComes) {
  for (std::uint64_t n = 1;; ++n)
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      MemoryDisk disk;
      ASSERT_TRUE(write_file_durably(disk, "file", "old"));
      disk.crash_at(n);
      const bool written = write_file_durably(disk, "file", "new").ok();
      if (!disk.fault_happened()) return;
      disk.crash(MemoryDisk::Survives::some, seed);
      const std::string found = disk.files()["file"];
      EXPECT_TRUE(found == "new" || (!written && found == "old")) << n << " " << found;
    }
}

TEST(MemoryDisk, IsFullAtItsCapacity) {
  MemoryDisk disk;
  disk.set_capacity(4);
  auto file = disk.open("file", OpenMode::create, 0).value();
  EXPECT_TRUE(file->append("1234"));
  EXPECT_EQ(file->append("5").error(), DiskError::full);
  EXPECT_TRUE(file->pwrite(0, "9"));
}

}  // namespace
}  // namespace demarc
