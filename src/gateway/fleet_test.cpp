#include "gateway/fleet.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <condition_variable>
#include <fstream>
#include <mutex>

#include "gateway/loading_engines.hpp"
#include "http/loops.hpp"

namespace demarc::gateway {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

UpstreamSpec upstream(const std::string& name = "chat", Loading loading = Loading::start) {
  UpstreamSpec upstream{.name = name, .engine = EngineKind::llama, .loading = loading};
  upstream.models.push_back({.name = "m", .serves = {Operation::chat}, .context_tokens = {}, .space = {}});
  return upstream;
}

class Ear {
 public:
  Fleet::Listener listener() {
    return [this](const EngineUnit& unit, const engine::EngineEvent& event) {
      const std::lock_guard lock(mutex_);
      heard_.push_back(unit.plan.upstream.name + ": " + event.text);
      changed_.notify_all();
    };
  }
  bool hears(const std::string& part) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, seconds(20), [&] {
      return std::ranges::any_of(heard_, [&](const std::string& text) { return text.find(part) != std::string::npos; });
    });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> heard_;
};

TEST(Fleet, StopsAtItsEndAlsoTheEnginesThatSomebodyStillHolds) {
  const LoadingEngines engines;
  Ear ear;
  auto fleet = std::make_unique<Fleet>(ear.listener(), engines.folder(), nullptr);
  const auto held =
      fleet->obtain({.upstream = upstream(), .model = {.path = "/nowhere"}, .run_folder = engines.folder(), .programs = engines.folder()}, 4).value();
  ASSERT_TRUE(ear.hears("loading"));
  fleet.reset();
  EXPECT_EQ(held->engine.status().state, engine::EngineState::stopped) << "it would go on talking to a listener that is gone";
}

// A fleet whose engines load at once and say that they take 1,000 MiB, on a machine where 1,500 may be taken.
class SmallMachine : public testing::Test {
 protected:
  struct Asked {
    Cancellation cancellation;
    std::optional<Result<engine::Slot, engine::QueueError>> got;
  };

  SmallMachine() {
    std::string name = "/tmp/demarc-fleet-XXXXXX";
    folder_ = mkdtemp(name.data());
    script(
        "while [ \"$1\" != --host ]; do shift; done\n"
        "echo '0.00.000.001 I load_tensors:   CPU_Mapped model buffer size =   1000.00 MiB'\nexec " DEMARC_BUILD_DIR "/fake_engine \"$2\"\n");
    loops_.start();
    fleet_ = std::make_unique<Fleet>(ear_.listener(), folder_, nullptr);
    fleet_->configure({.limit_bytes = 1'500 * kMiB, .stay = seconds(0), .room = seconds(20)});
  }
  ~SmallMachine() override {
    for (const auto& asked : asked_) release(*asked);
    fleet_.reset();
    loops_.stop();
    loops_.join();
    std::filesystem::remove_all(folder_);
  }

  void script(const std::string& text) {
    const std::string path = folder_ + "/llama-server";
    std::ofstream(path + ".new") << "#!/bin/sh\n" + text;
    std::filesystem::permissions(path + ".new", std::filesystem::perms::owner_all);
    std::filesystem::rename(path + ".new", path);
  }
  std::shared_ptr<EngineUnit> unit(const std::string& name, Loading loading, std::uint64_t size_mib = 100, const std::string& digest = "") {
    return fleet_
        ->obtain({.upstream = upstream(name, loading),
                  .model = {.path = "/nowhere", .digest = digest.empty() ? name : digest, .size_bytes = size_mib * kMiB},
                  .run_folder = folder_,
                  .programs = folder_},
                 16)
        .value();
  }
  Asked& ask(EngineUnit& unit) {
    Asked& asked = *asked_.emplace_back(std::make_unique<Asked>());
    loops_.at(0).post([this, &unit, &asked] { spawn(acquire(unit, asked)); });
    return asked;
  }
  Task<void> acquire(EngineUnit& unit, Asked& asked) {
    auto got = co_await unit.queue.acquire(loops_.at(0), asked.cancellation, Deadline::never());
    const std::lock_guard lock(mutex_);
    asked.got.emplace(std::move(got));
    changed_.notify_all();
  }
  bool answered(Asked& asked, std::chrono::nanoseconds within = seconds(20)) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, within, [&] { return asked.got.has_value(); });
  }
  void release(Asked& asked) {
    const std::lock_guard lock(mutex_);
    asked.got.reset();
  }

  std::string folder_;
  http::Loops loops_{1};
  Ear ear_;
  std::unique_ptr<Fleet> fleet_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<Asked>> asked_;
};

TEST_F(SmallMachine, LoadsOnDemandWhenSomebodyAsks) {
  const auto chat = unit("chat", Loading::demand);
  EXPECT_EQ(chat->health(), upstream::EngineHealth::up) << "it can be had";
  EXPECT_EQ(chat->engine.status().state, engine::EngineState::unloaded);
  EXPECT_GT(chat->load_wait_ms(system_clock().monotonic()), -1);
  Asked& asked = ask(*chat);
  ASSERT_TRUE(answered(asked));
  EXPECT_TRUE(asked.got->ok());
  EXPECT_GE(fleet_->ledger_bytes(*chat)[0], 700 * kMiB);
}

// Each document takes a process of 300 MiB (and three times the 10 MiB of its file); there is room for the engine and four of them, less what
// `beside` takes.
class ReadersOnASmallMachine : public SmallMachine {
 protected:
  std::shared_ptr<EngineUnit> documents() {
    const std::string program = folder_ + "/demarc-document";
    std::ofstream(program) << R"sh(#!/bin/sh
exec )sh" DEMARC_BUILD_DIR R"sh(/fake_engine "$(sed 's/.*"socket":"\([^"]*\)".*/\1/' "$1")"
)sh";
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    engine::EnginePlan plan{.upstream = upstream("documents"), .model = {.path = "/nowhere"}, .run_folder = folder_, .programs = folder_};
    plan.upstream.engine = EngineKind::document, plan.upstream.slots = 8;
    plan.document_limits.document_memory_mib = 300, plan.document_limits.document_mib = 10;
    return fleet_->obtain(plan, 16).value();
  }
  std::size_t served() {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::ranges::count_if(asked_, [](const auto& asked) { return asked->got.has_value(); }));
  }
};

TEST_F(ReadersOnASmallMachine, AreLetInAsLongAsThereIsMemoryForThem) {
  const auto unit = documents();
  for (int i = 0; i < 8; ++i) ask(*unit);
  for (int i = 0; i < 200 && served() < 4; ++i) std::this_thread::sleep_for(milliseconds(50));
  std::this_thread::sleep_for(milliseconds(1'500));  // a look of the fleet more: it could have let in another
  EXPECT_EQ(served(), 4U);
  EXPECT_LE(fleet_->ledger_bytes(*unit)[0], 1'500 * kMiB);
  EXPECT_GE(fleet_->ledger_bytes(*unit)[0], 4 * 330 * kMiB);
  for (int i = 0; i < 4; ++i) release(*asked_[static_cast<std::size_t>(i)]);
  for (int i = 4; i < 8; ++i) EXPECT_TRUE(answered(*asked_[static_cast<std::size_t>(i)])) << i;
}

TEST_F(ReadersOnASmallMachine, GiveRoomBackForAModelThatSomebodyWaitsFor) {
  const auto unit = documents();
  const auto chat = this->unit("chat", Loading::demand, 300);
  for (int i = 0; i < 8; ++i) ask(*unit);
  for (int i = 0; i < 200 && served() < 4; ++i) std::this_thread::sleep_for(milliseconds(50));
  Asked& waits = ask(*chat);
  for (int i = 0; i < 8; ++i) {
    Asked& document = *asked_[static_cast<std::size_t>(i)];
    if (answered(document, seconds(0))) release(document);
  }
  EXPECT_TRUE(answered(waits));
}

TEST_F(SmallMachine, PutsAsideWhatIsNotInUseForWhatSomebodyWaitsFor) {
  const auto one = unit("one", Loading::start);
  ASSERT_TRUE(ear_.hears("one: ready"));
  const auto two = unit("two", Loading::demand);
  Asked& asked = ask(*two);
  ASSERT_TRUE(answered(asked));
  EXPECT_TRUE(asked.got->ok());
  EXPECT_TRUE(ear_.hears("one: put aside"));
  EXPECT_EQ(one->engine.status().state, engine::EngineState::unloaded);
  EXPECT_EQ(one->health(), upstream::EngineHealth::up) << "it can be had again";
}

TEST_F(SmallMachine, NeverPutsAsideWhatIsInUse) {
  const auto one = unit("one", Loading::demand), two = unit("two", Loading::demand);
  Asked& using_one = ask(*one);
  ASSERT_TRUE(answered(using_one));
  Asked& wants_two = ask(*two);
  ASSERT_TRUE(ear_.hears("two: not loaded"));
  EXPECT_FALSE(answered(wants_two, milliseconds(50)));
  while (one->queue.gate() == engine::Gate::open) std::this_thread::sleep_for(milliseconds(5));  // it is to run dry
  Asked& wants_one_too = ask(*one);
  EXPECT_EQ(one->engine.status().state, engine::EngineState::ready);
  release(using_one);
  ASSERT_TRUE(answered(wants_two)) << "who came for the first after it, does not keep the second out for ever";
  release(wants_two);
  EXPECT_TRUE(answered(wants_one_too));
}

TEST_F(SmallMachine, TellsWhoWaitedLongEnoughForRoomToComeAgain) {
  fleet_->configure({.limit_bytes = 1'500 * kMiB, .stay = seconds(0), .room = milliseconds(10)});
  const auto one = unit("one", Loading::demand), two = unit("two", Loading::demand);
  ASSERT_TRUE(answered(ask(*one)));
  Asked& refused = ask(*two);
  ASSERT_TRUE(answered(refused));
  EXPECT_EQ(refused.got->error(), engine::QueueError::shut);
  EXPECT_GE(two->retry_after_s(system_clock().monotonic()), 1);
  EXPECT_THAT(two->why_not(), testing::HasSubstr("no room beside what is in use"));
}

TEST_F(SmallMachine, RefusesAtOnceWhatCanNeverFit) {
  const auto huge = unit("huge", Loading::demand, 4'000);
  Asked& refused = ask(*huge);
  ASSERT_TRUE(answered(refused));
  EXPECT_EQ(refused.got->error(), engine::QueueError::shut);
  EXPECT_EQ(huge->health(), upstream::EngineHealth::down);
  EXPECT_THAT(huge->why_not(), testing::HasSubstr("(estimated), and all engines together may take 1.5 GiB"));
}

TEST_F(SmallMachine, RemembersWhatAModelTook) {
  {
    const auto chat = unit("chat", Loading::start);
    ASSERT_TRUE(ear_.hears("chat: ready"));
    while (!fleet_->is_measured(*chat)) std::this_thread::sleep_for(milliseconds(5));
  }
  engine::ProfileBook book(real_disk(), folder_ + "/engines.json");
  EXPECT_EQ(book.find("llama chat context=8192 slots=2").value_or(engine::Profile{}).weights_bytes, 1'000 * kMiB);
}

TEST_F(SmallMachine, StartsAReplacementBesideWhatItReplaces) {
  fleet_->configure({.limit_bytes = 4'000 * kMiB, .stay = seconds(0), .room = seconds(20)});
  const auto blue = unit("chat", Loading::start, 100, "old");
  ASSERT_TRUE(ear_.hears("chat: ready"));
  const auto green = unit("chat", Loading::start, 100, "new");
  ASSERT_NE(green, blue);
  const auto up = fleet_->bring_up(std::array{green}, [] { return false; });
  ASSERT_TRUE(up.ok()) << up.error();
  EXPECT_EQ(green->engine.status().state, engine::EngineState::ready);
  EXPECT_EQ(blue->engine.status().state, engine::EngineState::ready) << "until nobody holds it any more";
}

TEST_F(SmallMachine, SaysWhyAReplacementDoesNotStart) {
  fleet_->configure({.limit_bytes = 4'000 * kMiB, .stay = seconds(0), .room = seconds(20)});
  const auto blue = unit("chat", Loading::start, 100, "old");
  ASSERT_TRUE(ear_.hears("chat: ready"));
  script("exit 3\n");
  const auto up = fleet_->bring_up(std::array{unit("chat", Loading::start, 100, "new")}, [] { return false; });
  ASSERT_FALSE(up.ok());
  EXPECT_THAT(up.error(), testing::HasSubstr("exit status 3"));
}

TEST_F(SmallMachine, LetsAReplacementWithoutRoomBesideComeAfter) {
  auto blue = unit("chat", Loading::start, 100, "old");
  ASSERT_TRUE(ear_.hears("chat: ready"));
  const auto green = unit("chat", Loading::start, 100, "new");
  EXPECT_TRUE(fleet_->bring_up(std::array{green}, [] { return false; }).ok());
  EXPECT_EQ(green->engine.status().state, engine::EngineState::unloaded);
  EXPECT_EQ(green->health(), upstream::EngineHealth::up) << "who comes waits";
  Asked& asked = ask(*green);
  blue.reset();
  for (bool done = false; !done; done = answered(asked, milliseconds(10))) fleet_->sweep();
  EXPECT_TRUE(asked.got->ok());
}

TEST_F(SmallMachine, RemembersWhoWasThereWhenAnEngineDied) {
  const auto chat = unit("chat", Loading::start);
  ASSERT_TRUE(ear_.hears("chat: ready"));
  auto flight = chat->flights.enter("digest-of-it");
  kill(chat->engine.status().pid, SIGKILL);
  ASSERT_TRUE(ear_.hears("chat: killed by signal 9"));
  flight.broke();
  EXPECT_EQ(fleet_->quarantine().standing("digest-of-it", system_clock().now()), engine::RequestStanding::suspect);
}

TEST_F(SmallMachine, LetsNothingNewToAnEngineThatIsSuspectedUntilItWasLookedAt) {
  const auto chat = unit("chat", Loading::start);
  ASSERT_TRUE(ear_.hears("chat: ready"));
  while (chat->queue.gate() != engine::Gate::open) std::this_thread::sleep_for(milliseconds(1));
  chat->suspect();
  Asked& asked = ask(*chat);
  EXPECT_TRUE(answered(asked)) << "it is well";
}

}  // namespace
}  // namespace demarc::gateway
