#include "document/worker/readers.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <vector>

namespace demarc::document::worker {
namespace {

using Kind = ReaderFault::Kind;

// Each job is a word that says what its reader does.
void act(std::string_view job, Teller& teller) {
  teller.begin_step(1, 2);
  if (job == "crash") std::abort();
  if (job == "wild") *reinterpret_cast<volatile int*>(8) = 1;
  if (job == "spin")
    for (volatile int i = 0;; i = i + 1) {
    }
  if (job == "eat") {
    std::vector<std::string> all;
    for (;;) all.emplace_back(std::size_t{8} << 20, 'x');
  }
  if (job == "open") return teller.result(open("/etc/passwd", O_RDONLY) < 0 && errno == EPERM ? "refused" : "opened");
  if (job == "net") return teller.result(socket(AF_UNIX, SOCK_STREAM, 0) < 0 && errno == EPERM ? "refused" : "made");
  if (job == "fork") return teller.result(fork() < 0 ? "refused" : "made");
  if (job == "silent") return;
  if (job == "complain") return teller.refuse("invalid_document", "no good");
  teller.begin_step(2, 2);
  teller.result("read " + std::string(job));
}

class ReadersTest : public testing::Test {
 protected:
  static Readers& readers() {
    static Readers all([]() -> Result<void, std::string> { return {}; }, &act,
                       {.memory_bytes = std::uint64_t{256} << 20, .step_cpu_ms = 1'500, .document_cpu_ms = 5'000});
    static const bool ready = all.wait_prepared().ok();
    CHECK(ready);
    return all;
  }
  static Result<std::string, ReaderFault> read(std::string_view job) {
    return readers().read(job, {.before_step = [](int, int) { return std::make_shared<int>(0); }, .proceed = [] { return true; }});
  }
};

TEST_F(ReadersTest, GiveBackWhatTheirReaderSays) {
  EXPECT_EQ(read("this").value(), "read this");
  EXPECT_EQ(read("complain").error().message, "no good");
}

TEST_F(ReadersTest, OutliveAReaderThatCrashesOrSaysNothing) {
  EXPECT_EQ(read("crash").error().kind, Kind::broken);
  EXPECT_EQ(read("wild").error().kind, Kind::broken);
  EXPECT_EQ(read("silent").error().kind, Kind::broken);
  EXPECT_EQ(read("after").value(), "read after");
}

TEST_F(ReadersTest, EndAReaderThatComputesForTooLong) {
  const auto result = read("spin");
  EXPECT_EQ(result.error().kind, Kind::too_long);
  EXPECT_EQ(result.error().step, 1);
}

TEST_F(ReadersTest, RefuseAReaderMoreMemoryThanItMayHave) {
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  GTEST_SKIP() << "a sanitizer has memory of its own, and answers for what there is not";
#endif
  const auto result = read("eat");
  EXPECT_EQ(result.error().code, "document_too_complex") << static_cast<int>(result.error().kind) << " " << result.error().message;
}

TEST_F(ReadersTest, LetAReaderNeitherOpenFilesNorConnectNorFork) {
  EXPECT_EQ(read("open").value(), "refused");
  EXPECT_EQ(read("net").value(), "refused");
  EXPECT_EQ(read("fork").value(), "refused");
}

TEST_F(ReadersTest, EndAReaderWhoseCallerIsGone) {
  const auto gone = readers().read("spin", {.before_step = [](int, int) { return std::make_shared<int>(0); }, .proceed = [] { return false; }});
  EXPECT_EQ(gone.error().kind, Kind::cancelled);
}

TEST_F(ReadersTest, HoldAReaderBeforeEachOfItsSteps) {
  std::vector<int> steps;
  const auto before = [&](int step, int) { return steps.push_back(step), std::make_shared<int>(0); };
  EXPECT_EQ(readers().read("x", {.before_step = before, .proceed = [] { return true; }}).value(), "read x");
  EXPECT_THAT(steps, testing::ElementsAre(1, 2));
}

}  // namespace
}  // namespace demarc::document::worker
