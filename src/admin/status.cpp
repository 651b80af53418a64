#include "admin/handlers.hpp"
#include <unistd.h>

#include "core/json/writer.hpp"

namespace demarc::admin {
namespace {

void write_upstreams(JsonWriter& json, const gateway::Snapshot& snapshot, Monotonic now) {
  const auto reports = snapshot.states->reports(now);
  json.array("upstreams", [&] {
    for (const auto& report : reports) {
      const UpstreamSpec& spec = snapshot.routing().upstreams[report.upstream];
      const gateway::UpstreamRuntime& runtime = snapshot.upstreams[report.upstream];
      json.object([&] {
        json.field("name", spec.name);
        json.field("model", spec.models[report.model].name);
        json.field("tier", to_string(spec.tier));
        json.array("serves", [&] {
          for (const Operation operation : spec.models[report.model].serves) json.value(to_string(operation));
        });
        json.field("usable", report.usable);
        json.field("why", report.why);
        json.field("ok", report.ok);
        json.field("failed", report.failed);
        if (runtime.address.empty()) json.field("address", json_null);
        else json.field("address", runtime.address);
        if (!runtime.engine) return;
        const engine::EngineStatus status = runtime.engine->engine.status();
        json.object("engine", [&] {
          json.field("kind", to_string(*spec.engine));
          json.field("state", engine::to_string(status.state));
          json.field("pid", status.pid);
          json.field("restarts", status.restarts);
          json.field("last_error", status.last_error);
          json.field("rss_bytes", status.rss_bytes);
          json.field("slots", runtime.engine->slots.total());
          json.field("in_use", runtime.engine->slots.in_use());
          json.field("waiting", runtime.engine->slots.waiting());
          json.field("expected_wait_ms", runtime.engine->slots.expected_wait_ms());
          json.field("digest", runtime.engine->plan.model.digest);
        });
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
