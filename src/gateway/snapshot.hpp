// Snapshot: everything configured that a request needs, in one immutable piece. A request takes it at birth and keeps it to its end, so a reload
// never changes the rules under it; make_snapshot() builds the next one whole, or says why not and leaves everything as it was.
//
//   std::shared_ptr<const Snapshot> now = services.snapshots.current();
//
// Any thread may read one. SnapshotHolder swaps them; one mutex, held for a pointer copy.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.hpp"
#include "config/config.hpp"
#include "core/io/http.hpp"
#include "core/model_profile.hpp"
#include "gateway/engine_unit.hpp"
#include "gateway/names_detector.hpp"
#include "ledger/charge.hpp"
#include "policy/compile.hpp"
#include "privacy/detector.hpp"
#include "privacy/review.hpp"
#include "upstream/states.hpp"

namespace demarc::gateway {

// What stands beside each entry of routing.upstreams.
struct UpstreamRuntime {
  Origin origin;                       // for an engine: its Unix socket
  std::shared_ptr<EngineUnit> engine;  // null: somebody else runs it
  std::string address;                 // host and port for records; "" for an engine
  std::vector<bool> pinned;            // by model: its weights, or its dated snapshot, stand in models.lock
  ModelProfile profile;                // of an engine: what was measured of it
};

struct Snapshot {
  config::Config config;
  privacy::Detectors detectors;  // structured, and detectors.patterns
  policy::CompiledPolicy policy;
  std::vector<std::string> open_workloads, defined_workloads;
  ledger::Pricing pricing;
  std::vector<UpstreamRuntime> upstreams;
  std::map<std::string, std::string, std::less<>> classifiers;  // by workload: the file's text, looked into
  std::optional<NamesDetector> names;                           // nullopt: structured detection only
  std::shared_ptr<const privacy::Review> review;                // null: no language model looks
  std::shared_ptr<upstream::UpstreamStates> states;
  [[nodiscard]] const Routing& routing() const { return config.routing; }
};

class SnapshotHolder {
 public:
  [[nodiscard]] std::shared_ptr<const Snapshot> current() const {
    MutexLock lock(mutex_);
    return current_;
  }
  void replace(std::shared_ptr<const Snapshot> next) {
    MutexLock lock(mutex_);
    current_.swap(next);
  }

 private:
  mutable Mutex mutex_;
  std::shared_ptr<const Snapshot> current_ GUARDED_BY(mutex_);
};

}  // namespace demarc::gateway
