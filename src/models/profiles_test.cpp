#include "models/profiles.hpp"

#include <gtest/gtest.h>

#include "models/testing/fixture.hpp"

namespace demarc::models {
namespace {

Speed speed(const std::string& machine, double tokens_per_second, const std::string& settings = "threads 2") {
  return {.digest = "sha256:a",
          .model = "m",
          .engine = "llama.cpp",
          .machine = machine,
          .settings = settings,
          .time = "2026-11-28T12:00:00Z",
          .tokens_per_second = tokens_per_second,
          .prompt_tokens_per_second = 90,
          .first_token_ms = 120,
          .real_time_factor = 0,
          .watts = 0,
          .watts_of = ""};
}
Curve curve() {
  return {.digest = "sha256:a",
          .model = "m",
          .machine = "here",
          .time = "2026-11-28T12:00:00Z",
          .seed = 7,
          .points = {{.context_tokens = 1'000, .tasks = 8, .solved = 8, .tokens_per_second = 20, .first_token_ms = 300},
                     {.context_tokens = 4'000, .tasks = 8, .solved = 4, .tokens_per_second = 15, .first_token_ms = 1'500}}};
}

TEST(Profiles, AreReadBackAsTheyWereWritten) {
  const TemporaryFolder data;
  EXPECT_TRUE(read_profiles(data.path()).speeds.empty());
  Profiles all;
  all.put(speed("here", 12.5)), all.put(curve());
  ASSERT_TRUE(write_profiles(data.path(), all));
  const Profiles again = read_profiles(data.path());
  EXPECT_EQ(again.speeds, all.speeds);
  EXPECT_EQ(again.curves, all.curves);
}

TEST(Profiles, KeepTheNewestOfEachSetting) {
  Profiles all;
  all.put(speed("here", 10)), all.put(speed("here", 12)), all.put(speed("here", 30, "threads 8"));
  EXPECT_EQ(all.speeds.size(), 2U);
  EXPECT_EQ(all.speed_of("sha256:a", "here")->tokens_per_second, 30);
}

TEST(Profiles, ASpeedIsOfItsMachineAndQualityIsOfTheModel) {
  Profiles all;
  all.put(speed("here", 10)), all.put(curve());
  const ModelProfile elsewhere = all.of("sha256:a", "there");
  EXPECT_EQ(elsewhere.tokens_per_second, 0);
  EXPECT_EQ(elsewhere.quality_at(1'000), 1.0);
  EXPECT_EQ(all.of("sha256:b", "here").quality_at(1'000), std::nullopt);
}

TEST(Profiles, QualityLiesOnTheLineBetweenTwoLengths) {
  Profiles all;
  all.put(curve());
  const ModelProfile profile = all.of("sha256:a", "here");
  EXPECT_EQ(profile.quality_at(10), 1.0);
  EXPECT_DOUBLE_EQ(*profile.quality_at(2'500), 0.75);
  EXPECT_EQ(profile.quality_at(4'000), 0.5);
  EXPECT_EQ(profile.quality_at(100'000), 0.5);
}

TEST(Profiles, WhatIsBrokenIsNotBelieved) {
  EXPECT_TRUE(parse_profiles("").speeds.empty());
  EXPECT_TRUE(parse_profiles(R"({"speeds":[{"digest":"a"}],"curves":[1]})").speeds.empty());
  Profiles all;
  all.put(curve());
  std::swap(all.curves[0].points[0], all.curves[0].points[1]);  // lengths that fall
  EXPECT_TRUE(parse_profiles(print_profiles(all)).curves.empty());
  all = {};
  Curve more = curve();
  more.points[0].solved = 9;  // of 8
  all.put(more);
  EXPECT_TRUE(parse_profiles(print_profiles(all)).curves.empty());
}

}  // namespace
}  // namespace demarc::models
