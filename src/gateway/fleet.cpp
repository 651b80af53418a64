#include "gateway/fleet.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <tuple>

namespace demarc::gateway {
namespace {

constexpr std::chrono::seconds kLook{1};  // the longest between two looks

std::string in_gib(std::uint64_t bytes) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f GiB", static_cast<double>(bytes) / (1 << 30));
  return text.data();
}

}  // namespace

Fleet::Fleet(Listener listener, const std::string& data, std::unique_ptr<engine::Nvml> nvml)
    : listener_(std::move(listener)),
      nvml_(std::move(nvml)),
      profiles_(real_disk(), data + "/engines.json"),
      quarantine_(real_disk(), data + "/quarantine.json") {
  std::vector<engine::Device> devices = {{.id = "ram"}};
  if (nvml_) gpus_ = nvml_->gpus();
  for (const engine::Gpu& gpu : gpus_) devices.push_back({.id = gpu.id, .total_bytes = gpu.free_bytes});
  {
    MutexLock lock(ledger_mutex_);
    ledger_ = std::make_unique<engine::Ledger>(std::move(devices));
  }
  keeper_ = std::thread([this] { keep(); });
}

Fleet::~Fleet() {
  {
    const std::lock_guard lock(wake_mutex_);
    stopping_ = true;
  }
  woken_.notify_all();
  keeper_.join();
  const auto all = units();
  for (const UnitPtr& unit : all) unit->engine.ask_to_stop();
  for (const UnitPtr& unit : all) unit->engine.stop();
}

void Fleet::configure(const FleetMemory& memory) {
  {
    MutexLock lock(ledger_mutex_);
    memory_ = memory;
    ledger_->set_rules({.least_stay = memory.stay});
  }
  poke();
}

Result<std::shared_ptr<EngineUnit>, std::string> Fleet::obtain(engine::EnginePlan plan, std::size_t queue_limit) {
  MutexLock lock(mutex_);
  for (const UnitPtr& unit : units_) {
    if (!unit->plan.same_engine(plan)) continue;
    unit->queue.set_limit(queue_limit);
    return unit;
  }
  plan.generation = ++generation_;
  engine::EngineSpec spec = TRY(engine::engine_spec(plan));
  units_.push_back(std::make_shared<EngineUnit>(
      std::move(plan), std::move(spec), queue_limit, quarantine_, [this](EngineUnit& unit, const engine::EngineEvent& event) { heard(unit, event); },
      [this] { poke(); }));
  poke();
  return units_.back();
}

Result<void, std::string> Fleet::bring_up(std::span<const UnitPtr> units, const std::function<bool()>& stop_asked) {
  for (const UnitPtr& unit : units) {
    MutexLock lock(unit->mutex_);
    unit->wanted_ = unit->only_beside_ = true, unit->no_room_ = false;
  }
  poke();
  Result<void, std::string> out;
  for (const UnitPtr& unit : units) {
    for (bool waits = true; waits && out.ok();) {
      const engine::EngineStatus status = unit->engine.status();
      if (status.state == engine::EngineState::ready) break;
      if (status.state == engine::EngineState::backing_off || status.state == engine::EngineState::resting)
        out = fail("the engine of " + unit->plan.upstream.name + " did not become ready: " + status.last_error);
      else if (stop_asked())
        out = fail(std::string("the gateway is to stop"));
      {
        MutexLock lock(unit->mutex_);
        waits = !unit->no_room_;
        if (unit->never_) out = fail("the engine of " + unit->plan.upstream.name + ": " + unit->why_not_);
      }
      if (waits && out.ok()) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  for (const UnitPtr& unit : units) {
    MutexLock lock(unit->mutex_);
    unit->only_beside_ = false;
    unit->on_demand_ = true;  // it replaces one that served: who comes may wait for it
  }
  poke();
  return out;
}

void Fleet::sweep() {
  std::vector<UnitPtr> unused;  // ended after the lock is gone: stopping takes seconds
  {
    MutexLock lock(mutex_);
    for (UnitPtr& unit : units_)
      if (unit.use_count() == 1) unused.push_back(std::move(unit));
    std::erase(units_, nullptr);
  }
  if (unused.empty()) return;
  std::vector<std::string> keys;
  for (const UnitPtr& unit : unused) keys.push_back(unit->key), unit->engine.ask_to_stop();
  unused.clear();
  {
    MutexLock lock(ledger_mutex_);
    for (const std::string& key : keys) ledger_->end(key);
  }
  poke();
}

std::vector<std::shared_ptr<EngineUnit>> Fleet::units() const {
  MutexLock lock(mutex_);
  return units_;
}

std::vector<DeviceReading> Fleet::devices() const {
  MutexLock lock(ledger_mutex_);
  std::vector<DeviceReading> out;
  for (std::size_t d = 0; d < ledger_->devices().size(); ++d)
    out.push_back({.id = ledger_->devices()[d].id,
                   .name = d == 0 ? "memory" : gpus_[d - 1].name,
                   .total_bytes = ledger_->devices()[d].total_bytes,
                   .held_bytes = ledger_->held_bytes(d)});
  return out;
}

std::vector<std::uint64_t> Fleet::ledger_bytes(const EngineUnit& unit) const {
  MutexLock lock(ledger_mutex_);
  std::vector<std::uint64_t> out;
  for (std::size_t d = 0; d < ledger_->devices().size(); ++d) out.push_back(ledger_->bytes_of(unit.key, d));
  return out;
}

bool Fleet::is_measured(const EngineUnit& unit) const { return profiles_.find(engine::profile_key(unit.plan)).has_value(); }

// On the engine's own thread.
void Fleet::heard(EngineUnit& unit, const engine::EngineEvent& event) {
  using Kind = engine::EngineEventKind;
  switch (event.kind) {
    case Kind::output: return listener_(unit, event);
    case Kind::well: unit.flights.lives(); break;
    case Kind::down: unit.flights.died(system_clock().now()); break;
    case Kind::ready:
    case Kind::unloaded: break;
  }
  {
    MutexLock lock(unit.mutex_);
    unit.suspected_ = false;
    if (event.kind == Kind::ready) unit.on_demand_ = true, unit.why_not_.clear();
    if (event.kind == Kind::down) unit.on_demand_ = false;  // until it is back, others are to be asked
  }
  unit.settle_gate();
  if (event.kind != Kind::well) listener_(unit, event);
  poke();
}

void Fleet::tell(EngineUnit& unit, std::string text) { listener_(unit, {engine::EngineEventKind::output, std::move(text)}); }

void Fleet::poke() {
  {
    const std::lock_guard lock(wake_mutex_);
    poked_ = true;
  }
  woken_.notify_all();
}

void Fleet::keep() {
  for (;;) {
    {
      std::unique_lock lock(wake_mutex_);
      woken_.wait_for(lock, kLook, [this] { return poked_ || stopping_; });
      poked_ = false;
      if (stopping_) return;
    }
    step(system_clock().monotonic());
  }
}

void Fleet::step(Monotonic now) {
  std::vector<UnitPtr> all = units();
  MutexLock lock(ledger_mutex_);
  for (const UnitPtr& unit : all) follow(*unit, now);
  measure(all);
  std::vector<std::pair<std::tuple<bool, WorkClass, Monotonic>, EngineUnit*>> wishes;
  for (const UnitPtr& unit : all) {
    const engine::Demand demand = unit->queue.demand();
    MutexLock unit_lock(unit->mutex_);
    const bool wished = unit->wanted_ || demand.waiting > 0;
    if (unit->phase_ != EngineUnit::Phase::out || !wished || unit->never_) {
      unit->wished_since_.reset();
      continue;
    }
    if (!unit->wished_since_) unit->wished_since_ = now;
    wishes.push_back(
        {{unit->plan.upstream.loading != Loading::always, demand.waiting > 0 ? demand.most_urgent : WorkClass::batch, *unit->wished_since_},
         unit.get()});
  }
  std::ranges::sort(wishes, {}, [](const auto& wish) { return wish.first; });
  std::vector<const EngineUnit*> to_drain;
  for (const auto& [rank, unit] : wishes) grant(*unit, all, to_drain, now);
  bool others_wait = false;
  for (const auto& [rank, unit] : wishes) others_wait = others_wait || !ledger_->holds(unit->key);
  for (const UnitPtr& unit : all) allot_readers(*unit, others_wait, now);
  for (const UnitPtr& unit : all) {
    const bool drain = std::ranges::find(to_drain, unit.get()) != to_drain.end();
    {
      MutexLock unit_lock(unit->mutex_);
      if (std::exchange(unit->draining_, drain) == drain) continue;
    }
    unit->settle_gate();
  }
}

// What there is: of memory what the settings give engines, but no more than is really there; of a GPU what others leave.
void Fleet::measure(const std::vector<UnitPtr>& all) {
  const std::uint64_t limit = memory_.limit_bytes != 0 ? memory_.limit_bytes : engine::machine_bytes() / 8 * 7;
  std::uint64_t ours = 0;
  std::vector<std::uint64_t> gpu_ours(gpus_.size(), 0);
  for (const UnitPtr& unit : all) {
    const engine::EngineStatus status = unit->engine.status();
    if (status.pid <= 0) continue;
    ours += status.anonymous_bytes;
    const auto on_gpus = gpus_.empty() ? std::vector<std::uint64_t>() : nvml_->bytes_of(status.pid);
    for (std::size_t g = 0; g < std::min(gpu_ours.size(), on_gpus.size()); ++g) {
      gpu_ours[g] += on_gpus[g];
      if (status.state == engine::EngineState::ready && on_gpus[g] > 0) ledger_->measured(unit->key, g + 1, on_gpus[g]);
    }
  }
  ledger_->set_total(0, std::min(limit, engine::available_bytes() + ours));
  if (gpus_.empty()) return;
  const auto now = nvml_->gpus();
  for (std::size_t g = 0; g < std::min(gpus_.size(), now.size()); ++g) ledger_->set_total(g + 1, now[g].free_bytes + gpu_ours[g]);
}

// What became of it since the last look.
void Fleet::follow(EngineUnit& unit, Monotonic now) {
  using UnitPhase = EngineUnit::Phase;
  const engine::EngineStatus status = unit.engine.status();
  const engine::Demand demand = unit.queue.demand();
  MutexLock lock(unit.mutex_);
  if (unit.phase_ == UnitPhase::loading && status.state == engine::EngineState::ready) {
    unit.phase_ = UnitPhase::in, unit.wanted_ = false;
    ledger_->ready(unit.key, now, std::chrono::milliseconds(std::max<std::int64_t>(1, status.took.load_ms)));
  }
  if (unit.phase_ == UnitPhase::leaving && status.state == engine::EngineState::unloaded) {
    unit.phase_ = UnitPhase::out;
    ledger_->end(unit.key);
  }
  if (unit.phase_ != UnitPhase::in || status.state != engine::EngineState::ready) return;
  engine::Profile took = status.took;
  for (std::size_t d = 1; d < ledger_->devices().size(); ++d) took.gpu_bytes += ledger_->bytes_of(unit.key, d);
  profiles_.learn(engine::profile_key(unit.plan), took);
  ledger_->measured(unit.key, 0, engine::reserved_ram_bytes(took, unit.plan));
  const bool in_use = demand.in_use > 0 || (demand.waiting > 0 && !unit.draining_) || unit.plan.upstream.loading == Loading::always;
  ledger_->use(unit.key, in_use, demand.last_class, demand.last_use);
}

// An engine that starts a process for each request has room for one from its loading on; each further one is taken from what nobody holds, while it
// is asked for, and not while a model waits for that room.
void Fleet::allot_readers(EngineUnit& unit, bool others_wait, Monotonic now) {
  const std::uint64_t one = engine::reader_bytes(unit.plan);
  if (one == 0 || unit.engine.status().state != engine::EngineState::ready) return;
  {
    MutexLock lock(unit.mutex_);
    if (unit.phase_ != EngineUnit::Phase::in) return;
  }
  const engine::Demand demand = unit.queue.demand();
  const std::uint64_t places = unit.plan.upstream.slots + engine::places_beside(unit.plan.upstream);
  const std::uint64_t wanted = std::clamp<std::uint64_t>(demand.in_use + demand.waiting, 1, places);
  const std::uint64_t beside = others_wait ? 0 : std::min(wanted - 1, ledger_->free_bytes(0) / one);
  const std::uint64_t most = std::max<std::uint64_t>(1 + beside, demand.in_use);
  ledger_->measured(unit.key, 0, ledger_->bytes_of(unit.key, 0) + (most - 1) * one);
  unit.queue.set_most(static_cast<std::uint32_t>(most), now);
}

void Fleet::grant(EngineUnit& unit, const std::vector<UnitPtr>& all, std::vector<const EngineUnit*>& to_drain, Monotonic now) {
  const engine::Need need = engine::need_of(unit.plan, profiles_);
  const engine::Demand demand = unit.queue.demand();
  const engine::Verdict verdict =
      ledger_->ask({.key = unit.key, .need = need, .work_class = demand.waiting > 0 ? demand.most_urgent : WorkClass::normal}, now);
  bool only_free = false;
  {
    MutexLock lock(unit.mutex_);
    unit.load_ = need.load, unit.room_at_ = verdict.not_before;
    only_free = unit.only_beside_ || demand.waiting == 0;  // nobody is put aside for what nobody waits for
    if (unit.only_beside_ && verdict.what != engine::Verdict::What::fits) unit.no_room_ = true;
  }
  switch (verdict.what) {
    case engine::Verdict::What::fits: return load(unit, verdict.placement, need, now);
    case engine::Verdict::What::evict:
      if (only_free) return no_room(unit, verdict, need, now);
      for (const UnitPtr& other : all)
        if (std::ranges::find(verdict.victims, other->key) != verdict.victims.end() && put_aside(*other))
          tell(*other, "put aside: " + unit.plan.upstream.name + " needs its memory");
      return;
    case engine::Verdict::What::wait:
      if (!only_free)
        for (const UnitPtr& other : all)
          if (std::ranges::find(verdict.drained, other->key) != verdict.drained.end() && other->plan.upstream.loading != Loading::always)
            to_drain.push_back(other.get());
      return no_room(unit, verdict, need, now);
    case engine::Verdict::What::never: return no_room(unit, verdict, need, now);
  }
}

void Fleet::load(EngineUnit& unit, const engine::Placement& placement, const engine::Need& need, Monotonic now) {
  {
    MutexLock lock(unit.mutex_);
    unit.phase_ = EngineUnit::Phase::loading;
    unit.wished_since_.reset();
  }
  ledger_->begin(unit.key, placement, need);
  if (engine::reader_bytes(unit.plan) > 0) unit.queue.set_most(1, now);  // until it is known what there is beside
  const bool on_gpus = *unit.plan.upstream.engine == EngineKind::llama;
  unit.engine.load(on_gpus ? engine::placement_arguments(placement.bytes, placement.gpu_layers) : std::vector<std::string>());
}

bool Fleet::put_aside(EngineUnit& unit) {
  {
    MutexLock lock(unit.mutex_);
    if (unit.phase_ != EngineUnit::Phase::in) return false;
    unit.draining_ = true;
  }
  unit.settle_gate();  // from here on nobody new gets in
  const bool idle = unit.queue.in_use() == 0;
  {
    MutexLock lock(unit.mutex_);
    if (idle) unit.phase_ = EngineUnit::Phase::leaving, unit.draining_ = false;
  }
  if (!idle) return false;
  ledger_->ending(unit.key);
  unit.engine.unload();
  return true;
}

void Fleet::no_room(EngineUnit& unit, const engine::Verdict& verdict, const engine::Need& need, Monotonic now) {
  const std::string size = in_gib(need.total_bytes()) + (need.estimated ? " (estimated)" : "");
  const engine::Demand demand = unit.queue.demand();
  // Something is on its way out or in: its end is near.
  const bool is_coming = verdict.what == engine::Verdict::What::wait && verdict.drained.empty() && !verdict.not_before;
  bool is_new = false, refuses = false;
  std::string why;
  {
    MutexLock lock(unit.mutex_);
    unit.never_ = verdict.what == engine::Verdict::What::never;
    why = unit.never_ ? "it needs " + size + ", and all engines together may take " + in_gib(ledger_->devices()[0].total_bytes) +
                            " (memory.limit_mib, or what the machine has)"
                      : "it needs " + size + ", and there is no room beside what is in use";
    is_new = !is_coming && std::exchange(unit.why_not_, why) != why;
    refuses = unit.never_ || (!is_coming && demand.waiting > 0 && now - demand.oldest > memory_.room);
    unit.on_demand_ = true;  // from now on who comes may wait for it
  }
  if (is_new) tell(unit, "not loaded: " + why);
  if (!refuses) return;
  unit.queue.set_gate(engine::Gate::shut, now);  // who waits is told to come again; who comes then may wait anew
  unit.settle_gate();
  if (verdict.what == engine::Verdict::What::never) listener_(unit, {engine::EngineEventKind::down, why});
}

}  // namespace demarc::gateway
