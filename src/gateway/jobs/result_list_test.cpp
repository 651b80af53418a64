#include "gateway/jobs/result_list.hpp"

#include <gtest/gtest.h>

#include "core/io/disk_memory.hpp"

namespace demarc::gateway {
namespace {

constexpr const char* kWritten = "2026-11-29T01:00:00.000Z";

ResultList opened(MemoryDisk& disk, const std::string& path) {
  auto list = ResultList::open(disk, path);
  EXPECT_TRUE(list) << (list ? "" : list.error());
  return *std::move(list);
}
std::string text_of(MemoryDisk& disk, const std::string& path) { return read_file(disk, path, 1 << 20).value(); }

TEST(ResultList, WritesALineOfCsvForEachPictureAndKnowsThemAgain) {
  MemoryDisk disk;
  disk.put("d/x", "");
  opened(disk, "d/a.csv").add({.file = "a, b.png", .written = kWritten, .label = "scratch", .confidence = 0.97}).value();
  opened(disk, "d/a.csv").add({.file = "c.png", .written = kWritten, .error = "is \"none\""}).value();
  EXPECT_EQ(text_of(disk, "d/a.csv"), std::string("file,label,confidence,error,written\n\"a, b.png\",scratch,0.970,,") + kWritten +
                                          "\nc.png,,,\"is \"\"none\"\"\"," + kWritten + "\n");
  EXPECT_TRUE(opened(disk, "d/a.csv").has("a, b.png", kWritten));
  EXPECT_FALSE(opened(disk, "d/a.csv").has("a, b.png", "2026-11-29T01:00:01.000Z")) << "it was written to again";
}

TEST(ResultList, WritesJsonLinesWhereItsNameEndsOtherwise) {
  MemoryDisk disk;
  disk.put("d/x", "");
  opened(disk, "d/a.jsonl").add({.file = "a.png", .written = kWritten, .result = R"({"label":"x"})"}).value();
  EXPECT_EQ(text_of(disk, "d/a.jsonl"), std::string(R"({"file":"a.png","written":")") + kWritten + "\",\"result\":{\"label\":\"x\"}}\n");
  EXPECT_TRUE(opened(disk, "d/a.jsonl").has("a.png", kWritten));
}

TEST(ResultList, DropsALineThatACrashLeftHalf) {
  MemoryDisk disk;
  disk.put("d/a.csv", std::string("file,label,confidence,error,written\na.png,x,0.5,,") + kWritten + "\nb.png,x,0.");
  ResultList list = opened(disk, "d/a.csv");
  EXPECT_TRUE(list.has("a.png", kWritten));
  list.add({.file = "b.png", .written = kWritten, .label = "y", .confidence = 1}).value();
  EXPECT_EQ(text_of(disk, "d/a.csv"),
            std::string("file,label,confidence,error,written\na.png,x,0.5,,") + kWritten + "\nb.png,y,1.000,," + kWritten + "\n");
}

}  // namespace
}  // namespace demarc::gateway
