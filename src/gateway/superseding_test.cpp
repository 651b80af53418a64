#include "gateway/superseding.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace demarc::gateway {
namespace {

class StoppedClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return {}; }
  [[nodiscard]] Monotonic monotonic() const override { return {}; }
};

class QueuedLoop final : public Loop {
 public:
  void post(std::function<void()> work) override { work_.push_back(std::move(work)); }
  [[nodiscard]] std::size_t index() const override { return 0; }
  Clock& clock() override { return clock_; }
  void run() {
    for (auto& work : std::exchange(work_, {})) work();
  }

 private:
  void resume_after(std::chrono::nanoseconds, std::coroutine_handle<>) override {}
  std::vector<std::function<void()>> work_;
  StoppedClock clock_;
};

class SupersedingTest : public testing::Test {
 protected:
  Superseding::Place enter(const std::string& session, int& cancelled) {
    return superseding_.enter(session, loop_, [&cancelled] { ++cancelled; });
  }
  Superseding superseding_;
  QueuedLoop loop_;
  int first_ = 0, second_ = 0;
};

TEST_F(SupersedingTest, CancelsTheOneBeforeOnItsOwnLoopAndLeavesTheNewOneAlone) {
  const auto one = enter("a", first_);
  const auto two = enter("a", second_);
  EXPECT_EQ(first_, 0);
  loop_.run();
  EXPECT_EQ(first_, 1);
  EXPECT_EQ(second_, 0);
}

TEST_F(SupersedingTest, LeavesOtherSessionsAlone) {
  const auto one = enter("a", first_);
  const auto two = enter("b", second_);
  loop_.run();
  EXPECT_EQ(first_ + second_, 0);
}

TEST_F(SupersedingTest, DoesNotCancelWhatEndedBeforeItsLoopCameToIt) {
  {
    const auto one = enter("a", first_);
    static_cast<void>(enter("a", second_));
  }
  loop_.run();
  EXPECT_EQ(first_, 0);
}

TEST_F(SupersedingTest, RemembersNothingOfWhatIsOver) {
  {
    const auto one = enter("a", first_);
    const auto two = enter("a", second_);
    EXPECT_EQ(superseding_.size(), 1);
  }
  EXPECT_EQ(superseding_.size(), 0);
}

}  // namespace
}  // namespace demarc::gateway
