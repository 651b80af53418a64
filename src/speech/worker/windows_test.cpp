#include "speech/worker/windows.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace demarc::speech::worker {
namespace {

constexpr std::int64_t kRate = 16'000;

// A recording of which each sample tells its own place (modulo 2^16), with speech where it is said.
class Recording {
 public:
  explicit Recording(double seconds) : samples_(static_cast<std::size_t>(seconds * kRate)) {
    for (std::size_t i = 0; i < samples_.size(); ++i) samples_[i] = static_cast<std::int16_t>(i);
  }
  Recording& says(double from_s, double to_s) {
    speech_.emplace_back(from_s, to_s);
    return *this;
  }

  [[nodiscard]] std::vector<SpeechWindow> windows(std::size_t piece = 1'000) const {
    std::int64_t step = 0;
    Windows windows([&](auto) -> Result<float, std::string> {
      const double middle_s = (static_cast<double>(step++) + 0.5) * kVoiceStep / kRate;
      return std::ranges::any_of(speech_, [&](const auto& part) { return middle_s >= part.first && middle_s < part.second; }) ? 0.9F : 0.1F;
    });
    std::vector<SpeechWindow> out;
    const auto take = [&] {
      while (auto window = windows.next()) out.push_back(std::move(*window));
    };
    for (std::size_t at = 0; at < samples_.size(); at += piece) {
      EXPECT_TRUE(windows.add(std::span(samples_).subspan(at, std::min(piece, samples_.size() - at))));
      take();
    }
    EXPECT_TRUE(windows.finish());
    take();
    EXPECT_EQ(windows.heard_to(), static_cast<std::int64_t>(samples_.size()));
    return out;
  }
  [[nodiscard]] const std::vector<std::int16_t>& samples() const { return samples_; }

 private:
  std::vector<std::int16_t> samples_;
  std::vector<std::pair<double, double>> speech_;
};

double seconds(std::size_t samples) { return static_cast<double>(samples) / kRate; }

TEST(Windows, OfARecordingWithoutSpeechAreNone) { EXPECT_TRUE(Recording(300).windows().empty()); }

TEST(Windows, HoldAStretchWithSomeSoundAroundIt) {
  const auto windows = Recording(20).says(5, 8).windows();
  ASSERT_EQ(windows.size(), 1U);
  ASSERT_EQ(windows[0].stretches.size(), 1U);
  EXPECT_NEAR(static_cast<double>(windows[0].stretches[0].in_recording) / kRate, 4.6, 0.05);
  EXPECT_NEAR(seconds(windows[0].samples.size()), 3.8, 0.07);
}

TEST(Windows, LeaveOutLongPausesAndKeepShortOnes) {
  const auto windows = Recording(40).says(1, 3).says(4, 6).says(20, 22).windows();
  ASSERT_EQ(windows.size(), 1U);
  EXPECT_EQ(windows[0].stretches.size(), 2U);
  EXPECT_NEAR(seconds(windows[0].samples.size()), 5.8 + 2.8, 0.15);
}

TEST(Windows, MapEverySampleBackToItsPlace) {
  const Recording recording = Recording(200).says(0, 2).says(10, 11).says(30, 75).says(80, 199.9);
  for (const std::size_t piece : {7U, 512U, 100'000U})
    for (const SpeechWindow& window : recording.windows(piece))
      for (std::size_t i = 0; i < window.stretches.size(); ++i) {
        const auto& stretch = window.stretches[i];
        const std::size_t end = i + 1 < window.stretches.size() ? window.stretches[i + 1].at : window.samples.size();
        ASSERT_TRUE(std::equal(window.samples.begin() + static_cast<std::ptrdiff_t>(stretch.at),
                               window.samples.begin() + static_cast<std::ptrdiff_t>(end), recording.samples().begin() + stretch.in_recording));
      }
}

TEST(Windows, OfSpeechWithoutAPauseLoseNothing) {
  const auto windows = Recording(200).says(0, 200).windows();
  ASSERT_GE(windows.size(), 7U);
  std::int64_t next = 0;
  for (const SpeechWindow& window : windows) {
    EXPECT_LE(window.samples.size(), 30U * kRate);
    EXPECT_EQ(window.stretches.at(0).in_recording, next);
    next = window.end_in_recording();
  }
  EXPECT_EQ(next, 200 * kRate);
}

TEST(Windows, AreCutInAPause) {
  const auto windows = Recording(60).says(0, 26).says(26.5, 59).windows();
  ASSERT_EQ(windows.size(), 3U);
  EXPECT_NEAR(seconds(windows[0].samples.size()), 26.25, 0.05);
}

TEST(Windows, PassOverWhatIsTooShortToBeAWord) { EXPECT_TRUE(Recording(60).says(5, 5.06).says(30, 30.06).windows().empty()); }

TEST(Windows, PlaceTimesOnBothSidesOfAJoint) {
  const SpeechWindow window{.samples = std::vector<std::int16_t>(4 * kRate), .stretches = {{0, 10 * kRate}, {2UL * kRate, 100 * kRate}}};
  EXPECT_EQ(window.begins_ms(1'000), 11'000);
  EXPECT_EQ(window.begins_ms(2'000), 100'000);  // begins with the second
  EXPECT_EQ(window.ends_ms(2'000), 12'000);     // ends with the first
  EXPECT_EQ(window.ends_ms(4'000), 102'000);
  EXPECT_EQ(window.ends_ms(9'000), 102'000);  // no later than the sound
  EXPECT_EQ(window.spans_ms(1'900, 2'400), (std::pair<std::int64_t, std::int64_t>(100'000, 100'400)));
  EXPECT_EQ(window.spans_ms(1'700, 2'100), (std::pair<std::int64_t, std::int64_t>(11'700, 12'000)));
}

TEST(Windows, GoOnFromWhereTheModelStopped) {
  const SpeechWindow window{.samples = std::vector<std::int16_t>(4 * kRate), .stretches = {{0, 10 * kRate}, {2UL * kRate, 100 * kRate}}};
  const SpeechWindow rest = window.from(3UL * kRate);
  EXPECT_EQ(rest.samples.size(), static_cast<std::size_t>(kRate));
  EXPECT_EQ(rest.begins_ms(0), 101'000);
  EXPECT_EQ(window.from(kRate).stretches.size(), 2U);
  EXPECT_EQ(window.from(kRate).begins_ms(1'500), 100'500);
}

}  // namespace
}  // namespace demarc::speech::worker
