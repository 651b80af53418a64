// Simulation: whatever goes wrong, nothing planted reaches the cloud, everybody gets one answer, every INTENT its OUTCOME, and nothing acknowledged
// is lost. A failing seed says how to run it again: DEMARC_SIM_SEED=N build/release/sim_test.
#include <gtest/gtest.h>
#include <malloc.h>

#include <cstdlib>
#include <filesystem>

#include "core/io/disk_memory.hpp"
#include "governance/verify.hpp"
#include "world.hpp"

namespace demarc::sim {
namespace {

using namespace std::chrono_literals;

constexpr Faults kRough = {
    .refused = 0.05, .reset = 0.05, .hangs = 0.01, .server_error = 0.05, .busy = 0.03, .garbled = 0.02, .broken = 0.05, .stalled = 0.01};

struct TempFolder {
  TempFolder() {
    std::string name = std::filesystem::temp_directory_path() / "demarc-sim-XXXXXX";
    CHECK(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~TempFolder() { std::filesystem::remove_all(path); }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  std::string path;
};

std::vector<std::uint64_t> seeds(std::size_t count) {
  if (const char* given = std::getenv("DEMARC_SIM_SEED")) return {std::strtoull(given, nullptr, 10)};
  std::vector<std::uint64_t> all(count);
  for (std::size_t i = 0; i < count; ++i) all[i] = i + 1;
  return all;
}

governance::VerifyReport verified(Disk& disk, const std::string& folder) {
  auto vkey = read_file(disk, folder + "/vkey", 4096);
  CHECK(vkey.ok());
  return governance::verify_log(disk, folder, {.vkey = std::string(trim(*vkey)), .since = std::nullopt});
}

void expect_kept_promises(World& world) {
  EXPECT_EQ(world.network().sent_to(std::string(World::kCloud)).planted, 0U);
  EXPECT_EQ(world.network().sent_to(std::string(World::kOtherCloud)).planted, 0U);
  for (const auto& visit : world.visits()) {
    EXPECT_TRUE(visit->ended);
    EXPECT_TRUE(visit->status != 0 || visit->left || visit->aborted);
    EXPECT_TRUE(visit->complete || visit->left || visit->aborted) << visit->status;
  }
}

TEST(Simulation, KeepsItsPromisesWhateverTheNetworkDoes) {
  for (const std::uint64_t seed : seeds(20)) {
    SCOPED_TRACE("DEMARC_SIM_SEED=" + std::to_string(seed));
    const TempFolder folder;
    MemoryDisk disk;
    World world({.seed = seed, .faults = kRough, .disk = disk, .folder = folder.path, .limits = ""});
    world.come_for(2min, 4);
    world.settle();
    expect_kept_promises(world);
    std::uint64_t served = 0;
    for (const auto& visit : world.visits()) served += visit->status == 200 && visit->complete ? 1 : 0;
    EXPECT_GT(served, world.came() / 3);
    EXPECT_GT(world.network().sent_to(std::string(World::kHome)).planted, 0U);  // they were there to be found
    const std::uint64_t sent = world.network().sent();
    world.close();
    const governance::VerifyReport report = verified(disk, world.audit_folder());
    EXPECT_TRUE(report.ok()) << report.problems.front().what;
    EXPECT_TRUE(report.open_intents.empty()) << report.open_intents.size();
    EXPECT_GE(report.kinds.at("INTENT"), sent);  // nothing left without one
    EXPECT_EQ(report.kinds.at("INTENT"), report.kinds.at("OUTCOME"));
  }
}

// The power fails at some write. What was acknowledged before is there afterwards, and the gateway comes up.
TEST(Simulation, LosesNothingAcknowledgedWhenThePowerFails) {
  for (const std::uint64_t seed : seeds(20)) {
    SCOPED_TRACE("DEMARC_SIM_SEED=" + std::to_string(seed));
    const TempFolder folder;
    MemoryDisk disk;
    std::vector<std::string> acknowledged;
    {
      World world({.seed = seed, .faults = kRough, .disk = disk, .folder = folder.path, .limits = ""});
      world.come_for(10s, 4);
      disk.crash_at(1 + seed * 13 % 200);
      world.come_for(30s, 4);
      world.settle();
      expect_kept_promises(world);
      EXPECT_FALSE(world.services().log->healthy());
      for (const auto& visit : world.visits())
        if (visit->complete && visit->status == 200 && !visit->request_id.empty()) acknowledged.push_back(visit->request_id);
    }
    ASSERT_FALSE(acknowledged.empty());
    disk.crash(MemoryDisk::Survives::some, seed);
    World world({.seed = seed, .disk = disk, .folder = folder.path, .limits = ""});
    for (const std::string& id : acknowledged) {
      const auto receipt = world.services().projection->receipt(id);
      ASSERT_TRUE(receipt.ok());
      EXPECT_TRUE(receipt->has_value()) << id;
    }
    world.come_for(5s, 4);
    world.settle();
    world.close();
    const governance::VerifyReport report = verified(disk, world.audit_folder());
    EXPECT_TRUE(report.ok()) << report.problems.front().what;
    EXPECT_TRUE(report.open_intents.empty()) << report.open_intents.size();
  }
}

// The real files, but nobody waits for the platter: a day of syncs would take a day.
class UnsyncedDisk final : public Disk {
 public:
  Result<std::unique_ptr<demarc::File>, DiskError> open(const std::string& path, OpenMode mode, unsigned permissions) override {
    return Result<std::unique_ptr<demarc::File>, DiskError>(std::make_unique<File>(TRY(real_disk().open(path, mode, permissions))));
  }
  Result<void, DiskError> rename(const std::string& from, const std::string& to) override { return real_disk().rename(from, to); }
  Result<void, DiskError> remove(const std::string& path) override { return real_disk().remove(path); }
  Result<void, DiskError> make_directory(const std::string& path, unsigned permissions) override {
    return real_disk().make_directory(path, permissions);
  }
  Result<void, DiskError> sync_directory(const std::string&) override { return {}; }
  Result<std::vector<DirectoryEntry>, DiskError> list(const std::string& path) override { return real_disk().list(path); }
  Result<std::unique_ptr<DiskLock>, DiskError> lock(const std::string& path) override { return real_disk().lock(path); }

 private:
  class File final : public demarc::File {
   public:
    explicit File(std::unique_ptr<demarc::File> file) : file_(std::move(file)) {}
    Result<std::string, DiskError> read(std::uint64_t offset, std::size_t size_bytes) override { return file_->read(offset, size_bytes); }
    Result<void, DiskError> pwrite(std::uint64_t offset, std::string_view bytes) override { return file_->pwrite(offset, bytes); }
    Result<void, DiskError> append(std::string_view bytes) override { return file_->append(bytes); }
    Result<void, DiskError> sync() override { return {}; }
    Result<void, DiskError> preallocate(std::uint64_t size_bytes) override { return file_->preallocate(size_bytes); }
    Result<std::uint64_t, DiskError> size() override { return file_->size(); }

   private:
    std::unique_ptr<demarc::File> file_;
  };
};

std::size_t bytes_in_use() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

// 24 hours, a request a second, with everything that goes wrong: what is held is what was held after the first hours.
TEST(Soak, ADayLeavesNoMoreInMemoryThanItsFirstHours) {
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  GTEST_SKIP() << "the sanitizer's allocator does not say what is in use";
#endif
  const TempFolder folder;
  UnsyncedDisk disk;
  World world({.seed = 24, .faults = kRough, .disk = disk, .folder = folder.path, .limits = ""});
  constexpr int kWarm = 4, kHours = 24;
  std::size_t warm = 0, most = 0;
  for (int hour = 1; hour <= kHours; ++hour) {
    world.come_for(1h, 1);
    world.settle();
    expect_kept_promises(world);
    world.forget_visits();
    ASSERT_TRUE(world.services().projection->flush().ok());
    (hour <= kWarm ? warm : most) = std::max(hour <= kWarm ? warm : most, bytes_in_use());
    std::printf("hour %2d: %8zu KiB in use, %llu requests, log of %llu records\n", hour, bytes_in_use() >> 10U,
                static_cast<unsigned long long>(world.came()), static_cast<unsigned long long>(world.services().log->size()));
  }
  EXPECT_LT(most, warm + (std::size_t{2} << 20U)) << "grew by " << ((most - warm) >> 10U) << " KiB";
  world.close();
  const governance::VerifyReport report = verified(disk, world.audit_folder());
  EXPECT_TRUE(report.ok()) << report.problems.front().what;
  EXPECT_TRUE(report.open_intents.empty());
}

}  // namespace
}  // namespace demarc::sim
