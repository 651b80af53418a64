#include <unistd.h>

#include <algorithm>

#include "admin/handlers.hpp"
#include "core/json/writer.hpp"

namespace demarc::admin {
namespace {

void write_engine(JsonWriter& json, const gateway::EngineUnit& unit) {
  const engine::EngineStatus status = unit.engine.status();
  json.object("engine", [&] {
    json.field("kind", to_string(*unit.plan.upstream.engine));
    json.field("state", engine::to_string(status.state));
    json.field("pid", status.pid);
    json.field("restarts", status.restarts);
    json.field("last_error", status.last_error);
    json.field("rss_bytes", status.rss_bytes);
    json.field("slots", unit.slots.total());
    json.field("in_use", unit.slots.in_use());
    json.field("waiting", unit.slots.waiting());
    json.field("expected_wait_ms", unit.slots.expected_wait_ms());
    json.field("digest", unit.plan.model.digest);
  });
}

struct Standing {
  std::string state, why;  // up | loading | down; "" if up
};

Standing standing_of(const upstream::UpstreamStatus& status, const gateway::UpstreamRuntime& runtime, const std::string& model, bool usable) {
  if (usable) return {"up", ""};
  if (runtime.engine) {
    const engine::EngineStatus engine = runtime.engine->engine.status();
    const std::string before = engine.last_error.empty() ? "" : "; before: " + engine.last_error;
    switch (engine.state) {
      case engine::EngineState::starting: return {"loading", "loads its model" + before};
      case engine::EngineState::backing_off: return {"down", engine.last_error.empty() ? "is started again soon" : engine.last_error};
      case engine::EngineState::stopped: return {"down", "is stopped"};
      case engine::EngineState::ready: break;
    }
  }
  if (std::find(status.cooling.begin(), status.cooling.end(), model) != status.cooling.end()) return {"down", "rests after a rate limit"};
  if (!status.reason.empty()) return {"down", status.reason};
  return {"down", status.healthy ? "its breaker is open" : "nothing was heard of it lately"};
}

void write_upstreams(JsonWriter& json, const gateway::Snapshot& snapshot, Monotonic now) {
  const auto statuses = snapshot.states->status(now);
  const auto states = snapshot.states->view(now);
  json.array("upstreams", [&] {
    for (std::size_t u = 0; u < statuses.size(); ++u) {
      const UpstreamSpec& spec = snapshot.routing().upstreams[u];
      const gateway::UpstreamRuntime& runtime = snapshot.upstreams[u];
      json.object([&] {
        json.field("name", spec.name);
        json.field("tier", to_string(spec.tier));
        json.array("models", [&] {
          for (std::size_t m = 0; m < spec.models.size(); ++m)
            json.object([&] {
              json.field("name", spec.models[m].name);
              const bool usable = states[u][m].healthy.value_or(false);
              const Standing standing = standing_of(statuses[u], runtime, spec.models[m].name, usable);
              json.field("usable", usable);
              json.field("state", standing.state);
              json.field("why", standing.why);
              json.array("serves", [&] {
                for (const Operation operation : spec.models[m].serves) json.value(to_string(operation));
              });
            });
        });
        json.field("why", statuses[u].reason);
        json.field("breaker_open", statuses[u].breaker != upstream::BreakerState::closed);
        json.field("in_flight", statuses[u].in_flight);
        if (runtime.address.empty())
          json.field("address", json_null);
        else
          json.field("address", runtime.address);
        if (runtime.engine) write_engine(json, *runtime.engine);
      });
    }
  });
}

}  // namespace

std::string status_json(gateway::Gateway& gateway, Monotonic now) {
  gateway::Services& services = gateway.services();
  const auto snapshot = services.snapshots.current();
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("version", gateway.options().version);
    json.field("pid", getpid());
    json.field("data", gateway.options().data);
    json.field("config", snapshot->config.file.empty() ? "embedded default" : snapshot->config.file);
    json.array("listen", [&] {
      for (const std::string& address : gateway.addresses()) json.value(address);
    });
    json.object("policy", [&] {
      json.field("file", snapshot->policy.file);
      json.field("digest", snapshot->policy.digest);
      json.field("warnings", snapshot->policy.warnings.size());
    });
    json.object("log", [&] {
      json.field("origin", services.log->origin());
      json.field("size", services.log->size());
      json.field("sealed", services.log->sealed());
      json.field("healthy", services.log->healthy());
      json.field("failure", services.log->failure());
    });
    json.field("keys", services.keyring->current()->size());
    json.field("streams", services.streams.load());
    write_upstreams(json, *snapshot, now);
  });
  return out;
}

}  // namespace demarc::admin
