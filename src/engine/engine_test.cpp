#include "engine/engine.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>

namespace demarc::engine {
namespace {

class Folder {
 public:
  Folder() {
    char name[] = "/tmp/demarc-engine-XXXXXX";
    path_ = mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string socket() const { return path_ + "/e.sock"; }

 private:
  std::string path_;
};

// Collects what an Engine tells and lets a test wait for it.
class Told {
 public:
  Engine::Listener listener() {
    return [this](const EngineEvent& event) {
      const std::lock_guard lock(mutex_);
      events_.push_back(event);
      changed_.notify_all();
    };
  }
  // The n-th event of that kind, waiting for it; a test that never gets it fails by this time.
  std::string wait_for(EngineEventKind kind, int n = 1) {
    std::unique_lock lock(mutex_);
    std::string found = "never";
    changed_.wait_for(lock, std::chrono::seconds(20), [&] {
      int seen = 0;
      for (const EngineEvent& event : events_)
        if (event.kind == kind && ++seen == n) return found = event.text, true;
      return false;
    });
    return found;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<EngineEvent> events_;
};

EngineSpec fake(const Folder& folder, std::vector<std::string> behaviour) {
  EngineSpec spec{.name = "fake", .argv = {DEMARC_BUILD_DIR "/fake_engine", folder.socket()}, .socket_path = folder.socket()};
  spec.argv.insert(spec.argv.end(), behaviour.begin(), behaviour.end());
  spec.probe_interval_ms = 20, spec.hang_timeout_ms = 300, spec.backoff_first_ms = 10;
  return spec;
}

TEST(Engine, IsReadyOnceItsHealthSaysSo) {
  const Folder folder;
  Told told;
  Engine engine(fake(folder, {"loading", "3"}), told.listener());
  engine.load();
  EXPECT_TRUE(told.wait_for(EngineEventKind::ready).starts_with("ready after"));
  EXPECT_EQ(engine.status().state, EngineState::ready);
  EXPECT_EQ(told.wait_for(EngineEventKind::output), "serving as loading");
}

TEST(Engine, ThatIsAStockRuntimeTellsNothingOfWhatItPrintsWhileItServes) {
  const Folder folder;
  Told told;
  Engine engine(fake(folder, {"gossip", "4"}), told.listener());
  engine.load();
  EXPECT_THAT(told.wait_for(EngineEventKind::down), testing::HasSubstr("2 lines that it printed while it served are not shown"));
  EXPECT_EQ(told.wait_for(EngineEventKind::output, 2), "serving as gossip") << "of its second life";
}

TEST(Engine, ThatIsOneOfOurWorkersTellsAll) {
  const Folder folder;
  Told told;
  EngineSpec spec = fake(folder, {"gossip", "4"});
  spec.kind = EngineKind::speech;
  Engine engine(spec, told.listener());
  engine.load();
  EXPECT_EQ(told.wait_for(EngineEventKind::output, 2), "I was asked");
}

TEST(Engine, ComesBackAfterItWasKilled) {
  const Folder folder;
  Told told;
  Engine engine(fake(folder, {}), told.listener());
  engine.load();
  told.wait_for(EngineEventKind::ready);
  kill(engine.status().pid, SIGKILL);
  EXPECT_EQ(told.wait_for(EngineEventKind::down), "killed by signal 9");
  EXPECT_NE(told.wait_for(EngineEventKind::ready, 2), "never");
  EXPECT_EQ(engine.status().restarts, 1U);
}

TEST(Engine, TellsWhyItEndedByItself) {
  const Folder folder;
  Told told;
  Engine engine(fake(folder, {"die", "3"}), told.listener());
  engine.load();
  EXPECT_EQ(told.wait_for(EngineEventKind::down), "exit status 3");
}

TEST(Engine, IsKilledWhenItGivesNoSignOfLife) {
  const Folder folder;
  Told told;
  Engine engine(fake(folder, {"hang", "2"}), told.listener());
  engine.load();
  told.wait_for(EngineEventKind::ready);
  EXPECT_TRUE(told.wait_for(EngineEventKind::down).starts_with("gave no sign of life for 3"));
}

TEST(Engine, IsKilledWhenItsWorkDoesNotGetOnThoughItAnswers) {
  const Folder folder;
  Told told;
  EngineSpec spec = fake(folder, {});
  spec.activity = [] { return Activity{.in_flight = 2, .moved = 7}; };
  Engine engine(spec, told.listener());
  engine.load();
  EXPECT_THAT(told.wait_for(EngineEventKind::down), testing::MatchesRegex("made no progress for [0-9]+ ms with 2 requests in flight.*"));
}

TEST(Engine, IsLeftAloneWhileItsWorkGetsOn) {
  const Folder folder;
  Told told;
  EngineSpec spec = fake(folder, {"die", "60"});  // at the latest then: a second of probes, three times the time to hang
  std::atomic<std::uint64_t> moved = 0;
  spec.activity = [&] { return Activity{.in_flight = 1, .moved = ++moved}; };
  Engine engine(spec, told.listener());
  engine.load();
  EXPECT_EQ(told.wait_for(EngineEventKind::down), "exit status 3");
}

TEST(Engine, IsLeftAloneWhileItUsesTheProcessorAndSaysNothing) {
  const Folder folder;
  Told told;
  EngineSpec spec = fake(folder, {"busy", "2"});
  spec.kind = EngineKind::speech, spec.stuck_timeout_ms = 1'500;
  spec.activity = [] { return Activity{.in_flight = 1}; };
  Engine engine(spec, told.listener());
  engine.load();
  EXPECT_THAT(told.wait_for(EngineEventKind::down), testing::HasSubstr("though it kept the processor busy"));
}

TEST(Engine, IsLoadedAndUnloadedWhenAsked) {
  const Folder folder;
  Told told;
  Engine engine(fake(folder, {}), told.listener());
  EXPECT_EQ(engine.status().state, EngineState::unloaded);
  for (int life = 1; life <= 2; ++life) {
    engine.load();
    EXPECT_NE(told.wait_for(EngineEventKind::ready, life), "never");
    EXPECT_GT(engine.status().took.load_ms, 0);
    engine.unload();
    EXPECT_NE(told.wait_for(EngineEventKind::unloaded, life), "never");
    EXPECT_EQ(engine.status().state, EngineState::unloaded);
  }
  EXPECT_EQ(engine.status().restarts, 0U);
}

TEST(Engine, GetsTheArgumentsOfItsPlace) {
  const Folder folder;
  Told told;
  Engine engine(fake(folder, {}), told.listener());
  engine.load({"loading", "1"});
  EXPECT_EQ(told.wait_for(EngineEventKind::output), "serving as loading");
}

TEST(Engine, ThatEndsAgainAndAgainRestsAndIsThenTriedOnce) {
  const Folder folder;
  Told told;
  EngineSpec spec = fake(folder, {"die", "2"});
  spec.deaths_most = 3, spec.rest_first_ms = 200;
  Engine engine(spec, told.listener());
  engine.load();
  EXPECT_EQ(told.wait_for(EngineEventKind::down, 2), "exit status 3");
  EXPECT_THAT(told.wait_for(EngineEventKind::down, 3), testing::HasSubstr("it rests for 0 s"));
  EXPECT_EQ(engine.status().state, EngineState::resting);
  EXPECT_THAT(told.wait_for(EngineEventKind::down, 4), testing::HasSubstr("it rests for 0 s")) << "one short life more is enough";
}

TEST(Engine, ThatIsSuspectedAndAnswersIsWell) {
  const Folder folder;
  Told told;
  Engine engine(fake(folder, {}), told.listener());
  engine.load();
  told.wait_for(EngineEventKind::ready);
  engine.suspect();
  EXPECT_NE(told.wait_for(EngineEventKind::well), "never");
}

TEST(Engine, IsWellOnlyOnceAProbeThatBeganAfterTheSuspicionIsAnswered) {
  const Folder folder;
  Told told;
  Engine* asked = nullptr;
  std::atomic<int> probes = 0, suspected_at = 0, well_at = 0;
  EngineSpec spec = fake(folder, {});
  spec.activity = [&] {
    ++probes;
    if (asked && asked->status().state == EngineState::ready && suspected_at == 0) suspected_at = probes.load(), asked->suspect();
    return Activity{};
  };
  Engine engine(spec, [&, tell = told.listener()](const EngineEvent& event) {
    if (event.kind == EngineEventKind::well) well_at = probes.load();
    tell(event);
  });
  asked = &engine;
  engine.load();
  EXPECT_NE(told.wait_for(EngineEventKind::well), "never");
  EXPECT_GT(well_at, suspected_at) << "what died during that probe would be taken for well";
}

TEST(Engine, ThatDoesNotExistIsAnErrorAndNotACrash) {
  const Folder folder;
  Told told;
  EngineSpec spec = fake(folder, {});
  spec.argv[0] = "/nonexistent/engine";
  Engine engine(spec, told.listener());
  engine.load();
  EXPECT_EQ(told.wait_for(EngineEventKind::down), "/nonexistent/engine: No such file or directory");
}

class LoopbackListener {
 public:
  LoopbackListener() : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET, at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
    EXPECT_EQ(listen(fd_, 4), 0);
    getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
  }
  ~LoopbackListener() { close(fd_); }
  [[nodiscard]] std::string port() const { return std::to_string(port_); }

 private:
  int fd_;
  std::uint16_t port_ = 0;
};

TEST(Sandbox, KeepsAnEngineFromTheNetwork) {
  const Folder folder;
  const LoopbackListener listener;
  auto outside = start_child({.argv = {DEMARC_BUILD_DIR "/fake_engine", folder.socket(), "network", listener.port()}, .sandbox = Sandbox::none});
  EXPECT_EQ(outside->wait(10'000)->code, 42) << "without the sandbox it must be able to, or this test shows nothing";
  Told told;
  Engine engine(fake(folder, {"network", listener.port()}), told.listener());
  engine.load();
  EXPECT_EQ(told.wait_for(EngineEventKind::output), "no network: Address family not supported by protocol");
  EXPECT_NE(told.wait_for(EngineEventKind::ready), "never");
}

TEST(Sandbox, LimitsAnEnginesOwnMemory) {
  const ChildSpec greedy{.argv = {"/usr/bin/perl", "-e", "my $x = 'a' x 300_000_000; exit 42"}, .memory_limit_bytes = 100'000'000};
  auto child = start_child(greedy);
  ASSERT_TRUE(child.ok()) << child.error();
  EXPECT_NE(child->wait(20'000)->code, 42);
  ChildSpec allowed = greedy;
  allowed.memory_limit_bytes = 1'000'000'000;
  EXPECT_EQ(start_child(allowed)->wait(20'000)->code, 42);
}

TEST(Sandbox, GivesNoneOfOurEnvironmentOrFiles) {
  setenv("DEMARC_TEST_SECRET", "s3cret", 1);
  const int leaked = dup2(0, 77);  // an open file without close-on-exec
  const char* script = "exit 40 if $ENV{DEMARC_TEST_SECRET}; exit 41 if -e '/proc/self/fd/77'; exit 42";
  auto child = start_child({.argv = {"/usr/bin/perl", "-e", script}});
  EXPECT_EQ(child->wait(20'000)->code, 42);
  close(leaked);
}

}  // namespace
}  // namespace demarc::engine
