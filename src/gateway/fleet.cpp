#include "gateway/fleet.hpp"

namespace demarc::gateway {

Fleet::~Fleet() {
  const auto all = units();
  for (const auto& unit : all) unit->engine.ask_to_stop();
  for (const auto& unit : all) unit->engine.stop();
}

Result<std::shared_ptr<EngineUnit>, std::string> Fleet::obtain(engine::EnginePlan plan, std::size_t queue_limit) {
  MutexLock lock(mutex_);
  for (const auto& unit : units_) {
    if (!unit->plan.same_engine(plan)) continue;
    unit->queue.set_limit(queue_limit);
    return unit;
  }
  plan.generation = ++generation_;
  const engine::EngineSpec spec = TRY(engine::engine_spec(plan));
  const auto tell = [this, name = plan.upstream.name](const engine::EngineEvent& event) { listener_(name, event); };
  units_.push_back(std::make_shared<EngineUnit>(plan, spec, tell, queue_limit));
  return units_.back();
}

void Fleet::sweep() {
  std::vector<std::shared_ptr<EngineUnit>> unused;  // ended after the lock is gone: stopping takes seconds
  {
    MutexLock lock(mutex_);
    for (auto& unit : units_)
      if (unit.use_count() == 1) unused.push_back(std::move(unit));
    std::erase(units_, nullptr);
  }
}

std::vector<std::shared_ptr<EngineUnit>> Fleet::units() const {
  MutexLock lock(mutex_);
  return units_;
}

}  // namespace demarc::gateway
