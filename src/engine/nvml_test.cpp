#include "engine/nvml.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace demarc::engine {
namespace {

constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;

TEST(Nvml, IsAbsentWithoutHarm) {
  EXPECT_EQ(Nvml::open("libnvidia-ml-that-is-not-there.so.1"), nullptr);
  EXPECT_EQ(Nvml::open("libc.so.6"), nullptr) << "a library without its functions";
}

TEST(Nvml, TellsGpusAndWhatAProcessTakesOfEach) {
  const auto nvml = Nvml::open(DEMARC_BUILD_DIR "/libfake_nvml.so");
  ASSERT_NE(nvml, nullptr);
  const auto gpus = nvml->gpus();
  ASSERT_EQ(gpus.size(), 2U);
  EXPECT_EQ(gpus[0].id, "GPU-0");
  EXPECT_EQ(gpus[0].total_bytes, 24 * kGiB);
  EXPECT_EQ(gpus[0].free_bytes, 20 * kGiB);
  EXPECT_THAT(nvml->bytes_of(4711), testing::ElementsAre(3 * kGiB, 0));
  EXPECT_THAT(nvml->bytes_of(99), testing::ElementsAre(0, 0));
}

}  // namespace
}  // namespace demarc::engine
