#include "workers/protocol/answers.hpp"

#include <gtest/gtest.h>

namespace demarc::workers {
namespace {

TEST(Answers, ErrorsHaveTheShapeOfOpenAis) {
  EXPECT_EQ(print_error("No \"file\".", "invalid_request_error", "x"),
            R"({"error":{"message":"No \"file\".","type":"invalid_request_error","param":null,"code":"x"}})");
}

TEST(Answers, OneRequestTooManyHoldsNoSlot) {
  Load load;
  const Slot first(load, 1);
  EXPECT_TRUE(first.held());
  EXPECT_FALSE(Slot(load, 1).held());
}

TEST(Answers, ASlotThatWasNotHeldDoesNotCountAsDone) {
  Load load;
  const Slot first(load, 1);
  {
    const Slot second(load, 1);
  }
  EXPECT_EQ(load.done, 0U);
  EXPECT_EQ(load.in_flight, 1U);
}

TEST(Answers, HealthRisesWithEachStepOfWorkSoThatAHangShows) {
  const Load load;
  const auto patience = patience_of(httplib::Request{});
  const std::string before = print_health(State::ready, load, Settings{});
  patience();
  EXPECT_NE(print_health(State::ready, load, Settings{}), before);
}

}  // namespace
}  // namespace demarc::workers
