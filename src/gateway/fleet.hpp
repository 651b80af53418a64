// Fleet: the engines of this machine and the memory they share. A Snapshot holds the units that its upstreams use; the Fleet loads what is wanted
// when the ledger says that it fits, puts aside what is worth least when something else needs the room, keeps what did not change over a reload (same
// process, warm model), and ends what nobody uses any more once the last request on it is done.
//
//   fleet.configure({.limit_bytes = 0, .stay = 10s, .room = 60s});
//   std::shared_ptr<EngineUnit> unit = TRY(fleet.obtain(plan, limit));     // loaded soon, or when somebody waits for it
//   auto slot = co_await unit->queue.acquire(loop, cancellation, deadline, work);
//   TRY(fleet.bring_up({unit}, stop_asked));                         // blocks: it is to replace another, so it starts beside it
//   fleet.sweep();                                                   // now and then, on a thread that may block: ends the unused
//
// The Fleet outlives what its engines tell: its end stops every engine, also those that a request cut off in the middle still holds, and after it
// the listener is not called any more.
//
// Any thread. One thread of its own decides who is loaded; it looks when something happened, and every second.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.hpp"
#include "core/io/disk.hpp"
#include "engine/nvml.hpp"
#include "engine/profile.hpp"
#include "gateway/engine_unit.hpp"

namespace demarc::gateway {

struct FleetMemory {
  std::uint64_t limit_bytes = 0;  // 0: seven eighths of the machine's
  std::chrono::nanoseconds stay = std::chrono::seconds(10);
  std::chrono::nanoseconds room = std::chrono::seconds(60);  // how long who waits for memory waits
};

struct DeviceReading {
  std::string id, name;
  std::uint64_t total_bytes = 0, held_bytes = 0;  // what there is for engines, and what the ledger counts as taken
};

class Fleet {
 public:
  using Listener = EngineUnit::Listener;
  // `data` is the folder where what was measured and who is in quarantine are kept; `nvml` null: no NVIDIA GPUs.
  Fleet(Listener listener, const std::string& data, std::unique_ptr<engine::Nvml> nvml);
  ~Fleet();  // blocks while the engines stop, side by side
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

  void configure(const FleetMemory& memory);
  Result<std::shared_ptr<EngineUnit>, std::string> obtain(engine::EnginePlan plan, std::size_t queue_limit);
  // Loads these beside all that is there, and returns when each is ready; also when there is no room beside, for then who waits will wait a little
  // longer (the listener is told). An error: one of them does not start.
  Result<void, std::string> bring_up(std::span<const std::shared_ptr<EngineUnit>> units, const std::function<bool()>& stop_asked);
  // Ends the engines that no Snapshot holds. Blocks while they stop.
  void sweep();
  [[nodiscard]] std::vector<std::shared_ptr<EngineUnit>> units() const;
  [[nodiscard]] std::vector<DeviceReading> devices() const;
  [[nodiscard]] std::vector<std::uint64_t> ledger_bytes(const EngineUnit& unit) const;  // by device
  [[nodiscard]] bool is_measured(const EngineUnit& unit) const;                         // or only estimated
  [[nodiscard]] engine::Quarantine& quarantine() { return quarantine_; }

 private:
  using UnitPtr = std::shared_ptr<EngineUnit>;
  void heard(EngineUnit& unit, const engine::EngineEvent& event);
  void poke();
  void keep();               // the thread
  void step(Monotonic now);  // one look at everything
  void measure(const std::vector<UnitPtr>& all) REQUIRES(ledger_mutex_);
  void follow(EngineUnit& unit, Monotonic now) REQUIRES(ledger_mutex_);
  void allot_readers(EngineUnit& unit, bool others_wait, Monotonic now) REQUIRES(ledger_mutex_);
  void grant(EngineUnit& unit, const std::vector<UnitPtr>& all, std::vector<const EngineUnit*>& to_drain, Monotonic now) REQUIRES(ledger_mutex_);
  void load(EngineUnit& unit, const engine::Placement& placement, const engine::Need& need, Monotonic now) REQUIRES(ledger_mutex_);
  bool put_aside(EngineUnit& unit) REQUIRES(ledger_mutex_);  // false: somebody came for it in this moment
  void no_room(EngineUnit& unit, const engine::Verdict& verdict, const engine::Need& need, Monotonic now) REQUIRES(ledger_mutex_);
  void tell(EngineUnit& unit, std::string text);

  const Listener listener_;
  const std::unique_ptr<engine::Nvml> nvml_;
  std::vector<engine::Gpu> gpus_;  // those that engines can use; constant after the start
  engine::ProfileBook profiles_;
  engine::Quarantine quarantine_;

  mutable Mutex mutex_;
  std::vector<UnitPtr> units_ GUARDED_BY(mutex_);
  std::uint32_t generation_ GUARDED_BY(mutex_) = 0;

  mutable Mutex ledger_mutex_;  // before mutex_ and a unit's, never after
  FleetMemory memory_ GUARDED_BY(ledger_mutex_);
  std::unique_ptr<engine::Ledger> ledger_ GUARDED_BY(ledger_mutex_);

  std::mutex wake_mutex_;  // the innermost: nothing else is locked under it
  std::condition_variable woken_;
  bool poked_ = false, stopping_ = false;
  std::thread keeper_;
};

}  // namespace demarc::gateway
