#include "gateway/gateway.hpp"

#include <gtest/gtest.h>

#include "gateway/loading_engines.hpp"

namespace demarc::gateway {
namespace {

GatewayOptions options(const LoadingEngines& engines) {
  const auto load = []() -> Result<config::Config, std::string> {
    return config::default_config(std::vector<config::LockedModel>{{"a", "chat"}, {"b", "speech"}, {"c", "fim"}});
  };
  return {.data = engines.folder() + "/data",
          .programs = engines.folder(),
          .version = "test",
          .load_config = load,
          .resolve_model = [](const std::string& name) { return engine::ModelFile{.path = "/nowhere", .name = name}; },
          .loops = 1,
          .log = [](const std::string&) {},
          .add_routes = {},
          .listen = GatewayOptions::Listen::admin_only};
}

TEST(Gateway, EndsWhileItsEnginesStillLoadAndTalk) {
  const LoadingEngines engines;
  for (int round = 0; round < 10; ++round) {
    auto gateway = Gateway::start(options(engines));
    ASSERT_TRUE(gateway) << gateway.error();
    const auto snapshot = (*gateway)->services().snapshots.current();  // as a request that was cut off holds it
    (*gateway)->stop();
    for (const UpstreamRuntime& upstream : snapshot->upstreams)
      EXPECT_EQ(upstream.engine->engine.status().state, engine::EngineState::stopped) << "round " << round;
  }
}

}  // namespace
}  // namespace demarc::gateway
