#include "tensor/worker/batches.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace demarc::tensor::worker {
namespace {

using testing::ElementsAre;

std::vector<std::size_t> ends(const std::vector<std::size_t>& lengths) { return batch_ends(lengths); }

TEST(Batches, NothingNeedsNoRun) { EXPECT_THAT(ends({}), ElementsAre()); }

TEST(Batches, PiecesOfOneLengthShareARun) { EXPECT_THAT(ends(std::vector<std::size_t>(64, 32)), ElementsAre(64)); }

TEST(Batches, MemoryIsBounded) { EXPECT_THAT(ends(std::vector<std::size_t>(100, 64)), ElementsAre(32, 64, 96, 100)); }

TEST(Batches, APieceLongerThanABatchRunsAlone) { EXPECT_THAT(ends({kBatchTokens + 1, kBatchTokens + 1}), ElementsAre(1, 2)); }

TEST(Batches, ShortPiecesAreNotFilledUpToALongOne) { EXPECT_THAT(ends({10, 10, 10, 10, 160}), ElementsAre(4, 5)); }

TEST(Batches, ALittlePaddingIsCheaperThanARun) {
  EXPECT_THAT(ends({20, 36}), ElementsAre(2));     // 16 tokens of padding: what a run costs
  EXPECT_THAT(ends({20, 37}), ElementsAre(1, 2));  // 17
}

}  // namespace
}  // namespace demarc::tensor::worker
