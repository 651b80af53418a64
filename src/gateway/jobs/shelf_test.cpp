#include "gateway/jobs/shelf.hpp"

#include <gtest/gtest.h>

#include "core/io/disk_memory.hpp"

namespace demarc::gateway {
namespace {

const privacy::Digest kKey = {1, 2, 3};

std::string text_of(std::size_t size) {
  std::string out;
  for (std::size_t i = 0; out.size() < size; ++i) out += std::to_string(i) + ",";
  out.resize(size);
  return out;
}

Shelf open_on(Disk& disk, const privacy::Digest& key = kKey) {
  auto shelf = Shelf::open(disk, "data/files", key, system_random());
  CHECK(shelf.ok());
  return *std::move(shelf);
}

std::string all_of(Shelf& shelf, const std::string& id) {
  auto reader = ShelfReader::open(shelf, id);
  std::string out;
  for (std::string piece; reader && !(piece = reader->next().value_or("")).empty();) out += piece;
  return out;
}

TEST(Shelf, GivesBackWhatWasStoredWholeAndFromAnyPlace) {
  MemoryDisk disk;
  Shelf shelf = open_on(disk);
  for (const std::size_t size : {std::size_t{1}, Shelf::kFrameBytes - 1, Shelf::kFrameBytes, Shelf::kFrameBytes + 1, 3 * Shelf::kFrameBytes + 17}) {
    const std::string id = "file-" + std::to_string(size), text = text_of(size);
    ASSERT_TRUE(shelf.store(id, text));
    EXPECT_EQ(all_of(shelf, id), text);
    for (const std::size_t offset : {std::size_t{0}, size / 2, size - 1})
      for (const std::size_t length : {std::size_t{1}, size - offset})
        EXPECT_EQ(*shelf.read(id, offset, length), text.substr(offset, length)) << size << " " << offset;
    EXPECT_FALSE(shelf.read(id, size - 1, 2));
    EXPECT_FALSE(shelf.read(id, size, 1));
  }
}

TEST(Shelf, KeepsNothingInTheClear) {
  MemoryDisk disk;
  Shelf shelf = open_on(disk);
  ASSERT_TRUE(shelf.store("file-1", "the quick brown fox"));
  ASSERT_TRUE(shelf.append("file-2", 0, "jumps over"));
  for (const auto& [path, bytes] : disk.files())
    EXPECT_TRUE(bytes.find("quick") == std::string::npos && bytes.find("jumps") == std::string::npos) << path;
}

TEST(Shelf, DoesNotOpenWhatWasChangedMovedOrIsUnderAnotherKey) {
  MemoryDisk disk;
  Shelf shelf = open_on(disk);
  ASSERT_TRUE(shelf.store("file-1", "text"));
  const std::string good = disk.files().at("data/files/file-1");
  disk.put("data/files/file-2", good);
  EXPECT_FALSE(shelf.read("file-2", 0, 4));
  std::string changed = good;
  changed.back() ^= 1;
  disk.put("data/files/file-1", changed);
  EXPECT_FALSE(shelf.read("file-1", 0, 4));
  disk.put("data/files/file-1", good);
  EXPECT_TRUE(shelf.read("file-1", 0, 4));
  Shelf other = open_on(disk, {9});
  EXPECT_FALSE(other.read("file-1", 0, 4));
  EXPECT_FALSE(shelf.read("file-none", 0, 4));
}

TEST(Shelf, WritesOverWhatACrashLeftBehindTheKnownEnd) {
  MemoryDisk disk;
  Shelf shelf = open_on(disk);
  const std::uint64_t first = *shelf.append("out", 0, "one\n");
  ASSERT_TRUE(shelf.append("out", first, "a long line that nobody took note of\n"));
  const std::uint64_t end = *shelf.append("out", first, "two\n");
  EXPECT_EQ(*shelf.plain_bytes("out", end), 8);
  EXPECT_EQ(all_of(shelf, "out").substr(0, 8), "one\ntwo\n");
  EXPECT_EQ(*shelf.plain_bytes("out", 0), 0);
}

// Whichever operation the power fails at: what append() acknowledged is there, and the next append goes behind it.
TEST(Shelf, HasWhatItAcknowledgedWhateverOperationTheDiskStopsAt) {
  for (std::uint64_t n = 1;; ++n) {
    MemoryDisk disk;
    std::uint64_t end = 0;
    std::string acknowledged;
    {
      Shelf shelf = open_on(disk);
      disk.crash_at(n);
      for (int i = 0; i < 5; ++i) {
        const std::string line = "line " + std::to_string(i) + "\n";
        const auto next = shelf.append("out", end, line);
        if (!next) break;
        end = *next, acknowledged += line;
      }
    }
    const bool failed = disk.fault_happened();
    disk.crash(MemoryDisk::Survives::some, n);
    Shelf shelf = open_on(disk);
    const auto next = shelf.append("out", end, "last\n");
    ASSERT_TRUE(next) << n;
    EXPECT_EQ(*shelf.plain_bytes("out", *next), static_cast<std::int64_t>(acknowledged.size() + 5)) << n;
    EXPECT_EQ(all_of(shelf, "out").substr(0, acknowledged.size() + 5), acknowledged + "last\n") << n;
    if (!failed) break;
  }
}

TEST(Shelf, LeavesNoHalfFileWhereTheDiskIsFull) {
  MemoryDisk disk;
  Shelf shelf = open_on(disk);
  disk.set_capacity(Shelf::kFrameBytes);
  const auto stored = shelf.store("file-1", text_of(3 * Shelf::kFrameBytes));
  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error(), DiskError::full);
  EXPECT_TRUE(shelf.ids()->empty());
}

}  // namespace
}  // namespace demarc::gateway
