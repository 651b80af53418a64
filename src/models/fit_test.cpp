#include "models/fit.hpp"

#include <gtest/gtest.h>

namespace demarc::models {
namespace {

constexpr std::uint64_t kGiB = 1ULL << 30U;
// Qwen3 8B, from its config.json.
constexpr Shape kEightB{.parameters = 8'190'735'360, .layers = 36, .kv_elements_per_token = 73'728, .context_tokens = 40'960};

TEST(Fit, ComputesTheWeightsOfAPublishedFileToAHundredth) {
  // Qwen3-8B-Q4_K_M.gguf has 5,027,783,488 bytes, Qwen2.5-Coder-7B's 4,683,073,536.
  const Quantisation& q4 = *find_quantisation("Q4_K_M");
  EXPECT_NEAR(static_cast<double>(weights_bytes(kEightB, q4)), 5'027'783'488.0, 5.1e7);
  EXPECT_NEAR(static_cast<double>(weights_bytes({.parameters = 7'615'616'512, .layers = 28}, q4)), 4'683'073'536.0, 4.7e7);
}

TEST(Fit, CountsKeysAndValuesOfEveryToken) {
  EXPECT_EQ(memory_bytes(kEightB, 5 * kGiB, 8'192) - memory_bytes(kEightB, 5 * kGiB, 0), 8'192ULL * 147'456);
}

TEST(Fit, TheLongestContextIsTheModelsOrWhatTheMemoryHolds) {
  EXPECT_EQ(longest_context(kEightB, 5 * kGiB, 64 * kGiB), 40'960U);
  EXPECT_EQ(longest_context(kEightB, 5 * kGiB, 4 * kGiB), 0U);
  const std::uint64_t tokens = longest_context(kEightB, 5 * kGiB, 8 * kGiB);
  EXPECT_LE(memory_bytes(kEightB, 5 * kGiB, tokens), 8 * kGiB);
  EXPECT_GT(memory_bytes(kEightB, 5 * kGiB, tokens + 1'024), 8 * kGiB);
}

TEST(Fit, AdvisesTheMostExactThatFitsAndIsFast) {
  const auto at = [](std::uint64_t free_gib, std::uint64_t gigabytes_per_second) -> std::string {
    const Machine machine{
        .memory_bytes = 2 * free_gib * kGiB, .free_bytes = free_gib * kGiB, .cores = 8, .bytes_per_second = gigabytes_per_second * 1'000'000'000};
    const auto all = choices(kEightB, machine, 8'192);
    const Choice* choice = best(all);
    return choice == nullptr ? "none" : std::string(choice->quantisation->name);
  };
  EXPECT_EQ(at(64, 500), "Q8_0");
  EXPECT_EQ(at(64, 50), "Q4_K_M") << "the most exact that people do not wait for";
  EXPECT_EQ(at(64, 10), "Q4_K_M") << "none is fast, so the smallest that is good";
  EXPECT_EQ(at(64, 0), "Q8_0") << "nobody knows how fast";
  EXPECT_EQ(at(8, 500), "Q5_K_M");
  EXPECT_EQ(at(6, 500), "Q3_K_M");
  EXPECT_EQ(at(2, 500), "none");
}

TEST(Fit, NoTokenIsFasterThanTheMemoryItReads) {
  EXPECT_NEAR(*tokens_per_second(kEightB, 5'000'000'000, 0, 50'000'000'000), 10.0, 1e-9);
  EXPECT_LT(*tokens_per_second(kEightB, 5'000'000'000, 8'192, 50'000'000'000), 10.0);
  EXPECT_EQ(tokens_per_second(kEightB, 5'000'000'000, 0, 0), std::nullopt);
  Shape experts = kEightB;
  experts.active_parameters = experts.parameters / 4;
  EXPECT_NEAR(*tokens_per_second(experts, 5'000'000'000, 0, 50'000'000'000), 40.0, 1e-6);
}

}  // namespace
}  // namespace demarc::models
