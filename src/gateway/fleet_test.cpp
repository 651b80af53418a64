#include "gateway/fleet.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "gateway/loading_engines.hpp"

namespace demarc::gateway {
namespace {

UpstreamSpec upstream() {
  UpstreamSpec upstream{.name = "chat", .engine = EngineKind::llama};
  upstream.models.push_back({.name = "m", .serves = {Operation::chat}, .context_tokens = {}, .space = {}});
  return upstream;
}

class Ear {
 public:
  Fleet::Listener listener() {
    return [this](const std::string&, const engine::EngineEvent&) {
      const std::lock_guard lock(mutex_);
      heard_ = true;
      changed_.notify_all();
    };
  }
  bool hears_something() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return heard_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool heard_ = false;
};

TEST(Fleet, StopsAtItsEndAlsoTheEnginesThatSomebodyStillHolds) {
  const LoadingEngines engines;
  Ear ear;
  auto fleet = std::make_unique<Fleet>(ear.listener());
  const auto held =
      fleet->obtain({.upstream = upstream(), .model = {.path = "/nowhere"}, .run_folder = engines.folder(), .programs = engines.folder()}, 4).value();
  ASSERT_TRUE(ear.hears_something());
  fleet.reset();
  EXPECT_EQ(held->engine.status().state, engine::EngineState::stopped) << "it would go on talking to a listener that is gone";
}

}  // namespace
}  // namespace demarc::gateway
