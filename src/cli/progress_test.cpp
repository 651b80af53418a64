#include "cli/progress.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace demarc::cli {
namespace {

constexpr std::uint64_t kMib = 1 << 20;

TEST(Progress, ShowsFilesBytesRateAndTimeLeft) {
  EXPECT_EQ(progress_text({.files = 1, .bytes = 5 * kMib}, {.files = 4, .bytes = 20 * kMib}, 2, true),
            "[======>                 ] 1/4 files, 5/20 MiB, 2.5 MiB/s, 0:06 left");
}

TEST(Progress, SaysNoRateBeforeASecondIsOver) {
  EXPECT_EQ(progress_text({.files = 1, .bytes = kMib}, {.files = 2, .bytes = 2 * kMib}, 0.1, false), "1/2 files, 1024/2048 KiB");
}

TEST(Progress, FitsALineWhateverTheNumbers) {
  const std::uint64_t huge = ~std::uint64_t{0};
  EXPECT_LE(progress_text({.files = huge, .bytes = 1}, {.files = huge, .bytes = huge}, 1e9, true).size(), 79U);
}

TEST(Progress, OfNothingIsFull) { EXPECT_EQ(progress_text({}, {}, 0, true), "[" + std::string(24, '=') + "] 0/0 files"); }

TEST(StatusLine, RewritesItselfOnATerminalAndMakesWayForALine) {
  std::ostringstream out;
  StatusLine line(out, true);
  line.show("one"), line.say("two"), line.clear();
  EXPECT_EQ(out.str(), "\r\x1b[Kone\r\x1b[Ktwo\n");
}

TEST(StatusLine, ShowsNothingElsewhere) {
  std::ostringstream out;
  StatusLine line(out, false);
  line.show("one"), line.clear();
  EXPECT_EQ(out.str(), "");
}

}  // namespace
}  // namespace demarc::cli
