#include "gateway/engine_unit.hpp"

#include <algorithm>

namespace demarc::gateway {
namespace {

constexpr double kNewest = 0.2;  // weight of the newest answer in the averages
constexpr std::int64_t kUsualRest_s = 5;

engine::EngineSpec watched(engine::EngineSpec spec, const EngineUnit& unit) {
  spec.activity = [&unit] { return engine::Activity{.in_flight = unit.queue.in_use(), .moved = unit.moved.load() + unit.queue.released()}; };
  return spec;
}

void average(double& mean, double value) { mean = mean == 0 ? value : mean + kNewest * (value - mean); }

}  // namespace

void EngineMeter::served(const Usage& usage, std::chrono::nanoseconds held) {
  const double held_s = std::max(1e-6, static_cast<double>(held.count()) / 1e9);
  MutexLock lock(mutex_);
  ++reading_.served;
  reading_.prompt_tokens += usage.total_input(), reading_.generated_tokens += usage.total_output();
  reading_.cached_tokens += usage.cached_input_tokens.value_or(0);
  if (const std::int64_t tokens = usage.total_output() > 0 ? usage.total_output() : usage.total_input(); tokens > 0)
    average(reading_.tokens_per_s, static_cast<double>(tokens) / held_s);
  const std::int64_t audio_ms = usage.audio_ms.value_or(0);
  reading_.audio_ms += audio_ms;
  if (audio_ms > 0) average(reading_.real_time_factor, held_s * 1e3 / static_cast<double>(audio_ms));
}

EngineMeter::Reading EngineMeter::read() const {
  MutexLock lock(mutex_);
  return reading_;
}

EngineUnit::EngineUnit(engine::EnginePlan plan_in, engine::EngineSpec spec, std::size_t queue_limit, engine::Quarantine& quarantine,
                       Listener listener, std::function<void()> on_demand)
    : plan(std::move(plan_in)),
      key(plan.upstream.name + "#" + std::to_string(plan.generation)),
      queue({.slots = plan.upstream.slots, .limit = queue_limit, .beside = engine::places_beside(plan.upstream), .on_demand = std::move(on_demand)}),
      flights(quarantine, plan.upstream.name),
      engine(watched(std::move(spec), *this), [this, listener = std::move(listener)](const engine::EngineEvent& event) { listener(*this, event); }) {
  wanted_ = plan.upstream.loading != Loading::demand;
  on_demand_ = !wanted_;
  settle_gate();
}

upstream::EngineHealth EngineUnit::health() const {
  using enum upstream::EngineHealth;
  const engine::EngineState state = engine.status().state;
  MutexLock lock(mutex_);
  if (never_) return down;
  switch (state) {
    case engine::EngineState::ready: return up;
    case engine::EngineState::backing_off:
    case engine::EngineState::resting:
    case engine::EngineState::stopped: return down;
    case engine::EngineState::unloaded:
    case engine::EngineState::starting: return on_demand_ ? up : unknown;
  }
  return down;
}

std::string EngineUnit::why_not() const {
  MutexLock lock(mutex_);
  return why_not_;
}

std::int64_t EngineUnit::load_wait_ms(Monotonic now) const {
  const engine::EngineStatus status = engine.status();
  if (status.state == engine::EngineState::ready) return 0;
  MutexLock lock(mutex_);
  if (status.state == engine::EngineState::starting) return std::max<std::int64_t>(0, to_ms(load_ - (now - status.since)));
  return to_ms(load_) + (room_at_ && now < *room_at_ ? to_ms(*room_at_ - now) : 0);
}

std::int64_t EngineUnit::retry_after_s(Monotonic now) const {
  const engine::EngineStatus status = engine.status();
  if (status.state == engine::EngineState::resting) return std::max<std::int64_t>(1, to_ms(status.rests_until - now) / 1000 + 1);
  MutexLock lock(mutex_);
  return room_at_ && now < *room_at_ ? to_ms(*room_at_ - now) / 1000 + 1 : kUsualRest_s;
}

void EngineUnit::suspect() {
  {
    MutexLock lock(mutex_);
    suspected_ = true;
  }
  settle_gate();
  engine.suspect();
}

void EngineUnit::settle_gate() {
  const engine::EngineState state = engine.status().state;
  MutexLock lock(mutex_);
  engine::Gate gate = engine::Gate::held;
  if (never_ || state == engine::EngineState::resting || state == engine::EngineState::stopped)
    gate = engine::Gate::shut;
  else if (state == engine::EngineState::ready && (phase_ == Phase::loading || phase_ == Phase::in) && !draining_ && !suspected_)
    gate = engine::Gate::open;
  queue.set_gate(gate, system_clock().monotonic());
}

}  // namespace demarc::gateway
