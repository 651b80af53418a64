// Fleet: the engines that run now, each with its queue. A Snapshot holds the units that its upstreams use; the Fleet starts what a new configuration
// adds, keeps what did not change (same process, warm model), and ends what nobody uses any more once the last request on it is done.
//
//   std::shared_ptr<EngineUnit> unit = TRY(fleet.obtain(plan, limit));    // running or starting
//   auto slot = co_await unit->queue.acquire(loop, cancellation, deadline, work);
//   fleet.sweep();                                                 // now and then, on a thread that may block: ends the unused
//
// The Fleet outlives what its engines tell: its end stops every engine, also those that a request cut off in the middle still holds, and after it
// the listener is not called any more.
//
// Any thread; obtain() and sweep() take one mutex, held for no I/O but the settings file of a new engine.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.hpp"
#include "engine/command.hpp"
#include "engine/engine.hpp"
#include "engine/queue.hpp"

namespace demarc::gateway {

struct EngineUnit {
  EngineUnit(engine::EnginePlan plan_in, engine::EngineSpec spec, engine::Engine::Listener listener, std::size_t queue_limit)
      : plan(std::move(plan_in)),
        queue({.slots = plan.upstream.slots, .limit = queue_limit, .beside = engine::places_beside(*plan.upstream.engine)}),
        engine(std::move(spec), std::move(listener)) {}
  const engine::EnginePlan plan;
  engine::Queue queue;
  engine::Engine engine;
};

class Fleet {
 public:
  using Listener = std::function<void(const std::string& upstream, const engine::EngineEvent&)>;
  explicit Fleet(Listener listener) : listener_(std::move(listener)) {}
  ~Fleet();  // blocks while the engines stop, side by side
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

  Result<std::shared_ptr<EngineUnit>, std::string> obtain(engine::EnginePlan plan, std::size_t queue_limit);
  // Ends the engines that no Snapshot holds. Blocks while they stop.
  void sweep();
  [[nodiscard]] std::vector<std::shared_ptr<EngineUnit>> units() const;

 private:
  const Listener listener_;
  mutable Mutex mutex_;
  std::vector<std::shared_ptr<EngineUnit>> units_ GUARDED_BY(mutex_);
  std::uint32_t generation_ GUARDED_BY(mutex_) = 0;
};

}  // namespace demarc::gateway
