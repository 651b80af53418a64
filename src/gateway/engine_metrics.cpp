#include "gateway/engine_metrics.hpp"

#include <array>
#include <map>

#include "gateway/metrics_text.hpp"

namespace demarc::gateway {
namespace {

struct Seen {
  const EngineUnit& unit;
  engine::EngineStatus status;
  engine::Demand demand;
  EngineMeter::Reading meter;
  std::vector<std::uint64_t> ledger;
};

using Value = double (*)(const Seen&);
struct Family {
  std::string_view name, type, help;
  Value value;
};

double count(std::uint64_t number) { return static_cast<double>(number); }

constexpr std::array kFamilies = {
    Family{"vllm:num_requests_running", "gauge", "Requests that the engine works on.", [](const Seen& s) { return count(s.demand.in_use); }},
    Family{"vllm:num_requests_waiting", "gauge", "Requests that wait for a slot, or for the model to be loaded.",
           [](const Seen& s) { return count(s.demand.waiting); }},
    Family{"vllm:prompt_tokens_total", "counter", "Tokens of prompts, of served requests.",
           [](const Seen& s) { return count(static_cast<std::uint64_t>(s.meter.prompt_tokens)); }},
    Family{"vllm:generation_tokens_total", "counter", "Tokens generated, of served requests.",
           [](const Seen& s) { return count(static_cast<std::uint64_t>(s.meter.generated_tokens)); }},
    Family{"vllm:prefix_cache_queries_total", "counter", "Tokens of prompts that were looked for in the prefix cache.",
           [](const Seen& s) { return count(static_cast<std::uint64_t>(s.meter.prompt_tokens)); }},
    Family{"vllm:prefix_cache_hits_total", "counter", "Tokens of prompts that were found there.",
           [](const Seen& s) { return count(static_cast<std::uint64_t>(s.meter.cached_tokens)); }},
    Family{"demarc_engine_served_total", "counter", "Requests served.", [](const Seen& s) { return count(s.meter.served); }},
    Family{"demarc_engine_audio_seconds_total", "counter", "Seconds of sound transcribed.",
           [](const Seen& s) { return static_cast<double>(s.meter.audio_ms) / 1e3; }},
    Family{"demarc_engine_tokens_per_second", "gauge", "Tokens by the second that a slot was held, of the last answers; 0: none yet.",
           [](const Seen& s) { return s.meter.tokens_per_s; }},
    Family{"demarc_engine_real_time_factor", "gauge", "Seconds of work for a second of sound, of the last recordings; 0: none yet.",
           [](const Seen& s) { return s.meter.real_time_factor; }},
    Family{"demarc_engine_slots", "gauge", "Requests served at once.", [](const Seen& s) { return count(s.unit.queue.total()); }},
    Family{"demarc_engine_restarts_total", "counter", "Starts after an end that nobody asked for.",
           [](const Seen& s) { return count(s.status.restarts); }},
    Family{"demarc_engine_memory_resident_bytes", "gauge", "Resident memory of the process.",
           [](const Seen& s) { return count(s.status.rss_bytes); }},
    Family{"demarc_engine_memory_peak_bytes", "gauge", "The most that it was.", [](const Seen& s) { return count(s.status.took.ram_bytes); }},
    Family{"demarc_engine_memory_ledger_bytes", "gauge", "What the ledger counts as taken of the machine's memory.",
           [](const Seen& s) { return count(s.ledger[0]); }},
};

constexpr std::array kStates = {engine::EngineState::unloaded,    engine::EngineState::starting, engine::EngineState::ready,
                                engine::EngineState::backing_off, engine::EngineState::resting,  engine::EngineState::stopped};

std::string labels_of(const EngineUnit& unit, const std::string& more = "") {
  return "{engine=\"" + metric_label(unit.plan.upstream.name) + "\",model_name=\"" + metric_label(unit.plan.upstream.models[0].name) + "\"" + more +
         "}";
}

}  // namespace

std::string engine_metrics(const Fleet& fleet) {
  // Of two under one name, while one replaces the other, the newer is told: a name stands once.
  std::map<std::string, std::shared_ptr<EngineUnit>> units;
  for (auto& unit : fleet.units()) units[unit->plan.upstream.name] = std::move(unit);
  std::vector<Seen> all;
  for (const auto& [name, unit] : units)
    all.push_back({*unit, unit->engine.status(), unit->queue.demand(), unit->meter.read(), fleet.ledger_bytes(*unit)});
  std::string out;
  for (const Family& family : kFamilies) {
    metric_head(out, family.name, family.type, family.help);
    for (const Seen& seen : all) metric_line(out, family.name, labels_of(seen.unit), metric_number(family.value(seen)));
  }
  metric_head(out, "demarc_engine_state", "gauge", "1 for the state that the engine is in.");
  for (const Seen& seen : all)
    for (const engine::EngineState state : kStates)
      metric_line(out, "demarc_engine_state", labels_of(seen.unit, ",state=\"" + std::string(to_string(state)) + "\""),
                  seen.status.state == state ? "1" : "0");
  const auto devices = fleet.devices();
  const auto device_family = [&](std::string_view name, std::string_view help, std::uint64_t DeviceReading::* member) {
    metric_head(out, name, "gauge", help);
    for (const DeviceReading& device : devices)
      metric_line(out, name, "{device=\"" + metric_label(device.id) + "\"}", metric_number(count(device.*member)));
  };
  device_family("demarc_device_memory_total_bytes", "What engines may take of it.", &DeviceReading::total_bytes);
  device_family("demarc_device_memory_ledger_bytes", "What the ledger counts as taken.", &DeviceReading::held_bytes);
  return out;
}

}  // namespace demarc::gateway
