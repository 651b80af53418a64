#include <unistd.h>

#include <numeric>

#include "admin/handlers.hpp"
#include "admin/standing.hpp"
#include "core/json/writer.hpp"

namespace demarc::admin {
namespace {

void write_memory(JsonWriter& json, const gateway::EngineUnit& unit, const engine::EngineStatus& status, const gateway::Fleet& fleet) {
  const auto held = fleet.ledger_bytes(unit);
  json.object("memory", [&] {
    json.field("resident_bytes", status.rss_bytes);
    json.field("peak_bytes", status.took.ram_bytes);
    json.field("ledger_bytes", held[0]);
    json.field("ledger_gpu_bytes", std::accumulate(held.begin() + 1, held.end(), std::uint64_t{0}));
    json.field("measured", fleet.is_measured(unit));
    json.field("weights_bytes", status.took.weights_bytes);
    json.field("kv_bytes", status.took.kv_bytes);
    json.field("compute_bytes", status.took.compute_bytes);
    json.field("load_ms", status.took.load_ms);
  });
}

void write_work(JsonWriter& json, const gateway::EngineUnit& unit) {
  const gateway::EngineMeter::Reading reading = unit.meter.read();
  json.object("work", [&] {
    json.field("served", reading.served);
    json.field("prompt_tokens", reading.prompt_tokens);
    json.field("cached_tokens", reading.cached_tokens);
    json.field("generated_tokens", reading.generated_tokens);
    json.field("audio_ms", reading.audio_ms);
    json.field("tokens_per_s", reading.tokens_per_s);
    json.field("real_time_factor", reading.real_time_factor);
  });
}

void write_engine(JsonWriter& json, const gateway::EngineUnit& unit, const gateway::Fleet& fleet) {
  const engine::EngineStatus status = unit.engine.status();
  json.object("engine", [&] {
    json.field("kind", to_string(*unit.plan.upstream.engine));
    json.field("state", engine::to_string(status.state));
    json.field("pid", status.pid);
    json.field("restarts", status.restarts);
    json.field("last_error", status.last_error);
    json.field("rss_bytes", status.rss_bytes);
    json.field("slots", unit.queue.total());
    json.field("in_use", unit.queue.in_use());
    json.field("waiting", unit.queue.waiting());
    json.object("waiting_by_class", [&] {
      const auto waiting = unit.queue.waiting_by_class();
      for (std::size_t i = 0; i < waiting.size(); ++i) json.field(to_string(static_cast<WorkClass>(i)), waiting[i]);
    });
    json.field("expected_wait_ms", unit.queue.expected_wait_ms(WorkClass::normal, system_clock().monotonic()));
    json.field("expected_load_ms", unit.load_wait_ms(system_clock().monotonic()));
    json.field("digest", unit.plan.model.digest);
    write_memory(json, unit, status, fleet);
    write_work(json, unit);
  });
}

void write_model(JsonWriter& json, const gateway::Snapshot& snapshot, CandidateIndex at, const upstream::UpstreamStatus& status, bool usable,
                 Monotonic now) {
  const ModelSpec& model = snapshot.routing().upstreams[at.upstream].models[at.model];
  const gateway::UpstreamRuntime& runtime = snapshot.upstreams[at.upstream];
  std::optional<engine::EngineStatus> engine;
  if (runtime.engine) engine = runtime.engine->engine.status();
  const Standing standing = standing_of({.usable = usable,
                                         .status = status,
                                         .model = model.name,
                                         .rest_s = snapshot.states->retry_after_s({&at, 1}, now),
                                         .engine = engine ? &*engine : nullptr,
                                         .why_not = runtime.engine ? runtime.engine->why_not() : "",
                                         .now = now});
  json.object([&] {
    json.field("name", model.name);
    json.field("usable", usable);
    json.field("state", standing.state);
    json.field("why", standing.why);
    json.array("serves", [&] {
      for (const Operation operation : model.serves) json.value(to_string(operation));
    });
  });
}

void write_upstreams(JsonWriter& json, const gateway::Snapshot& snapshot, const gateway::Fleet& fleet, Monotonic now) {
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
            write_model(json, snapshot, {u, m}, statuses[u], states[u][m].healthy.value_or(false), now);
        });
        json.field("why", statuses[u].reason);
        json.field("breaker_open", statuses[u].breaker != upstream::BreakerState::closed);
        json.field("in_flight", statuses[u].in_flight);
        if (runtime.address.empty())
          json.field("address", json_null);
        else
          json.field("address", runtime.address);
        if (runtime.engine) write_engine(json, *runtime.engine, fleet);
      });
    }
  });
}

void write_detectors(JsonWriter& json, const gateway::Snapshot& snapshot, const gateway::Fleet& fleet) {
  if (!snapshot.names) return;
  const gateway::NamesDetector& names = *snapshot.names;
  json.object("detectors", [&] {
    json.object("names", [&] {
      json.field("model", names.names->settings().model);
      json.array("types", [&] {
        for (const std::string_view type : names.names->types()) json.value(type);
      });
      json.array("languages", [&] {
        for (const std::string& language : names.names->settings().languages) json.value(std::string_view(language));
      });
      write_engine(json, *names.engine, fleet);
    });
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
    json.object("vault", [&] {
      json.field("conversations", services.vault->conversations());
      json.field("bytes", services.vault->bytes());
      json.field("kept_in", services.vault_file ? "file" : "memory");
      json.field("failure", services.vault_file ? services.vault_file->failure() : std::string());
    });
    json.object("jobs", [&] {
      const gateway::Keeper::Standing jobs = services.jobs->standing();
      json.field("running", jobs.running);
      json.field("waiting", jobs.waiting);
    });
    json.field("keys", services.keyring->current()->size());
    json.field("streams", services.streams.load());
    write_detectors(json, *snapshot, *services.fleet);
    json.array("devices", [&] {
      for (const gateway::DeviceReading& device : services.fleet->devices())
        json.object([&] {
          json.field("id", device.id);
          json.field("name", device.name);
          json.field("total_bytes", device.total_bytes);
          json.field("ledger_bytes", device.held_bytes);
        });
    });
    json.array("quarantine", [&] {
      for (const engine::QuarantineEntry& entry : services.fleet->quarantine().list(system_clock().now()))
        json.object([&] {
          json.field("request", entry.digest.substr(0, 12));
          json.field("upstream", entry.upstream);
          json.field("deaths", entry.deaths);
          json.field("last", format_rfc3339(entry.last));
        });
    });
    write_upstreams(json, *snapshot, *services.fleet, now);
  });
  return out;
}

}  // namespace demarc::admin
