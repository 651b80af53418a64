// A process that writes the log on the real disk is killed at a random moment, again and again: what it said was durable is there afterwards.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <random>

#include "governance/test_log.hpp"
#include "governance/verify.hpp"

namespace demarc::governance {
namespace {

using namespace testing;

constexpr int kKills = 50;  // a second for eight; end-to-end tests kill the whole gateway more often

LogOptions eager_options() {
  LogOptions options = test_options();
  options.checkpoint_interval = std::chrono::milliseconds(2);
  options.segment_bytes = 64 * 1024;
  return options;
}

// The child: appends until it is killed and names each durable record on the pipe.
[[noreturn]] void write_until_killed(const std::string& dir, int pipe) {
  auto lock = real_disk().lock(dir + "/lock");
  if (!lock) ::_exit(3);
  auto log = AuditLog::open(real_disk(), *lock.value(), dir + "/audit", test_signer(), eager_options());
  if (!log) ::_exit(4);
  for (int i = 0;; ++i) {
    const auto intent = log.value()->append_blocking(Record{intent_of(i)});
    if (!intent || ::write(pipe, &intent.value(), sizeof intent.value()) != sizeof intent.value()) ::_exit(5);
    const auto outcome = log.value()->append_blocking(Record{outcome_of(intent.value(), i)});
    if (!outcome || ::write(pipe, &outcome.value(), sizeof outcome.value()) != sizeof outcome.value()) ::_exit(6);
  }
}

// Runs and kills one; the last index it named, nullopt if it named none.
std::optional<std::uint64_t> live_and_die(const std::string& dir, std::uint64_t after_records, std::chrono::microseconds after) {
  int ends[2];
  CHECK(::pipe(ends) == 0);
  const pid_t child = ::fork();
  CHECK(child >= 0);
  if (child == 0) {
    ::close(ends[0]);
    write_until_killed(dir, ends[1]);
  }
  ::close(ends[1]);
  std::optional<std::uint64_t> last;
  std::uint64_t index = 0;
  for (std::uint64_t seen = 0; seen < after_records && ::read(ends[0], &index, sizeof index) == sizeof index; ++seen) last = index;
  ::usleep(static_cast<useconds_t>(after.count()));  // the random moment itself, not a wait for anything
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "exit " << WEXITSTATUS(status);
  while (::read(ends[0], &index, sizeof index) == sizeof index) last = index;
  ::close(ends[0]);
  return last;
}

TEST(Kill, EveryRecordThatWasAcknowledgedIsThereAfterManyKills) {
  std::string dir = (std::filesystem::temp_directory_path() / "demarc-kill-XXXXXX").string();
  ASSERT_NE(::mkdtemp(dir.data()), nullptr);
  std::mt19937 dice(20261124);
  std::uint64_t acknowledged = 0;
  for (int kill = 0; kill < kKills; ++kill) {
    const auto last = live_and_die(dir, dice() % 40, std::chrono::microseconds(dice() % 3000));
    if (last) acknowledged = *last + 1;
    auto log = open_log_at(real_disk(), dir + "/audit", eager_options());
    ASSERT_TRUE(log) << log.error().message;
    ASSERT_GE(log.value()->size(), acknowledged) << "kill " << kill;
    log.value()->close();
  }
  const VerifyReport report = verify_log(real_disk(), dir + "/audit", {test_signer().vkey(), {}});
  EXPECT_TRUE(report.ok()) << report.problems.front().file << " " << report.problems.front().what;
  EXPECT_TRUE(report.open_intents.empty());
  std::filesystem::remove_all(dir);
}

}  // namespace
}  // namespace demarc::governance
