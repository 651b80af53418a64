#include "engine/command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace demarc::engine {
namespace {

constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;

TEST(PlacementArguments, SayNothingWhereThereIsNoGpu) { EXPECT_TRUE(placement_arguments({5 * kGiB}, 0).empty()); }

TEST(PlacementArguments, KeepAModelOffTheGpusThatItWasNotPutOn) {
  EXPECT_THAT(placement_arguments({5 * kGiB, 0, 0}, 0), testing::ElementsAre("--device", "none"));
}

TEST(PlacementArguments, NameTheGpusTheirSharesAndTheLayers) {
  EXPECT_THAT(placement_arguments({kGiB, 0, 6 * kGiB, 2 * kGiB}, 20),
              testing::ElementsAre("--device", "CUDA1,CUDA2", "--tensor-split", "6144,2048", "--gpu-layers", "20"));
}

TEST(CudaDevices, OfWhatCannotBeAskedAreNone) {
  EXPECT_EQ(count_cuda_devices("/nonexistent"), 0U);
  EXPECT_EQ(count_cuda_devices("/bin/true"), 0U);
}

}  // namespace
}  // namespace demarc::engine
