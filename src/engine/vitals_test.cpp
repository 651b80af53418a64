#include "engine/vitals.hpp"

#include <gtest/gtest.h>

namespace demarc::engine {
namespace {

using std::chrono::seconds;

Monotonic at_s(std::int64_t s) { return {s * 1'000'000'000}; }

// The second at which it is given up, watched every two seconds for an hour; -1: it is not.
template <class SignsAt>
std::int64_t given_up(const SignsAt& signs_at) {
  Vitals vitals({.hang = seconds(30), .stuck = seconds(600)}, at_s(0));
  for (std::int64_t s = 0; s <= 3'600; s += 2)
    if (vitals.observe(signs_at(s), at_s(s))) return s;
  return -1;
}

TEST(Vitals, OfAnEngineThatAnswersButDoesNotGetOnAreAHang) {
  EXPECT_EQ(given_up([](std::int64_t) { return Signs{.answered = true, .counter = 7, .in_flight = 1}; }), 32);
}

TEST(Vitals, OfAnEngineThatGetsOnSilentlyAreNone) {
  EXPECT_EQ(given_up([](std::int64_t s) { return Signs{.answered = false, .counter = static_cast<std::uint64_t>(s) / 20, .in_flight = 1}; }), -1);
}

TEST(Vitals, OfAnEngineThatIsBusyInOneLongStepAreNoneForALongTime) {
  const auto busy = [](std::int64_t s) { return Signs{.cpu_ms = s * 900, .in_flight = 1}; };
  EXPECT_EQ(given_up(busy), 602) << "but not for ever";
}

TEST(Vitals, OfAnEngineThatGetsLittleOfABusyMachineAreNone) {
  const auto starved = [](std::int64_t s) { return Signs{.counter = static_cast<std::uint64_t>(s) / 300, .cpu_ms = s * 40, .in_flight = 1}; };
  EXPECT_EQ(given_up(starved), -1);
}

TEST(Vitals, OfAnEngineThatGetsNothingOfABusyMachineAreNoneForALongTime) {
  const auto in_line = [](std::int64_t s) { return Signs{.answered = false, .cpu_ms = s / 2, .queued_ms = s * 900, .in_flight = 1}; };
  EXPECT_EQ(given_up(in_line), 602);
  const auto hung = [](std::int64_t s) { return Signs{.answered = true, .cpu_ms = s / 2, .queued_ms = s * 50, .in_flight = 1}; };
  EXPECT_EQ(given_up(hung), 32) << "that its answers to probes wait is no work";
}

TEST(Vitals, OfAnIdleEngineAreItsAnswers) {
  EXPECT_EQ(given_up([](std::int64_t) { return Signs{.answered = true}; }), -1);
  EXPECT_EQ(given_up([](std::int64_t s) { return Signs{.answered = s < 100}; }), 130);
}

TEST(Vitals, BeginAnewWithEachPieceOfWork) {
  EXPECT_EQ(given_up([](std::int64_t s) { return Signs{.answered = true, .in_flight = s % 20 == 0 ? 0U : 1U}; }), -1);
}

}  // namespace
}  // namespace demarc::engine
