// Ledger: which models are in memory, what they take of each device, and what has to go so that another one comes in. It decides; the Fleet acts.
//
//   Ledger ledger({{"ram", 16_GiB}, {"GPU-4f2…", 24_GiB}}, {});
//   const Verdict verdict = ledger.ask({.key = "chat-local#3", .need = need}, now);
//   switch (verdict.what) {
//     case Verdict::What::fits:  ledger.begin(key, verdict.placement, now); …start the engine where the placement says… break;
//     case Verdict::What::evict: …end verdict.victims; when they have ended: ledger.end(key), and ask again… break;
//     case Verdict::What::wait:  …let verdict.drained take nothing new; ask again at verdict.not_before or when something changes… break;
//     case Verdict::What::never: …it is larger than all that there is… break;
//   }
//
// Never evicted: what is in use, what is loading or ending, and what has not yet been there for `stay_loads` times what its loading took. So however
// demand alternates between models that do not fit beside each other, at most 1 / (1 + stay_loads) of the time goes into loading. Of the others the
// least valuable goes first: value = time to reload × weight of the class that used it last ÷ time since that use. A model that would fit only
// beside the GPUs makes room on them, as far as something there is unused.
//
// Device 0 is the machine's memory, the others are GPUs. No I/O and no clock: time comes in as a value. Not shared between threads.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "core/operation.hpp"

namespace demarc::engine {

struct Device {
  std::string id;  // "ram", or a GPU's UUID
  std::uint64_t total_bytes = 0;
};

// What a model takes, wherever it lies. `process_bytes` stays in the machine's memory also when all layers are on GPUs.
struct Need {
  std::uint64_t weights_bytes = 0, kv_bytes = 0, compute_bytes = 0, process_bytes = 0;
  std::uint32_t layers = 0;  // that can be moved to a GPU one by one; 0: none can
  bool estimated = true;     // nobody has loaded it yet
  std::chrono::nanoseconds load{std::chrono::seconds(5)};
  [[nodiscard]] std::uint64_t total_bytes() const { return weights_bytes + kv_bytes + compute_bytes + process_bytes; }
};

struct Placement {
  std::vector<std::uint64_t> bytes;  // by device
  std::uint32_t gpu_layers = 0;
  friend bool operator==(const Placement&, const Placement&) = default;
};

struct Wish {
  std::string key;  // of the engine
  Need need;
  WorkClass work_class = WorkClass::normal;  // the most urgent that waits for it
};

struct Verdict {
  enum class What : std::uint8_t { fits, evict, wait, never } what = What::never;
  Placement placement{};               // with fits and evict
  std::vector<std::string> victims{};  // with evict
  std::vector<std::string> drained{};  // with wait: in use, and due to make room once they are idle
  std::optional<Monotonic> not_before{};
};

struct LedgerRules {
  std::int64_t stay_loads = 4;
  std::chrono::nanoseconds least_stay = std::chrono::seconds(10);
};

class Ledger {
 public:
  explicit Ledger(std::vector<Device> devices, LedgerRules rules = {});
  void set_rules(const LedgerRules& rules) { rules_ = rules; }

  [[nodiscard]] Verdict ask(const Wish& wish, Monotonic now) const;

  void begin(const std::string& key, const Placement& placement, const Need& need);       // its loading: the bytes are taken from now on
  void ready(const std::string& key, Monotonic now, std::chrono::nanoseconds took = {});  // took: 0 leaves what Need said
  void measured(const std::string& key, std::size_t device, std::uint64_t bytes);         // what it really takes there
  void use(const std::string& key, bool in_use, WorkClass work_class, Monotonic last);
  void ending(const std::string& key);  // asked to go; its bytes stay taken until end()
  void end(const std::string& key);

  void set_total(std::size_t device, std::uint64_t bytes);  // others on this machine took or gave memory
  [[nodiscard]] const std::vector<Device>& devices() const { return devices_; }
  [[nodiscard]] std::uint64_t held_bytes(std::size_t device) const;
  [[nodiscard]] std::uint64_t free_bytes(std::size_t device) const;
  [[nodiscard]] std::uint64_t bytes_of(const std::string& key, std::size_t device) const;  // 0 where it is not in memory
  [[nodiscard]] bool holds(const std::string& key) const { return residents_.contains(key); }

 private:
  struct Resident {
    enum class State : std::uint8_t { loading, ready, ending } state = State::loading;
    std::vector<std::uint64_t> bytes;
    std::chrono::nanoseconds load{0};
    Monotonic ready_at, last_use;
    WorkClass work_class = WorkClass::normal;
    bool in_use = false;
  };
  using Free = std::vector<std::int64_t>;  // by device; below 0 where more is held than there is

  [[nodiscard]] Free free_bytes() const;
  [[nodiscard]] static std::optional<Placement> place(const Need& need, const Free& free);
  [[nodiscard]] Monotonic stays_until(const Resident& resident, WorkClass wish) const;
  [[nodiscard]] static double value(const Resident& resident, Monotonic now);
  [[nodiscard]] std::vector<std::string> victims(const Wish& wish, Monotonic now, std::uint32_t least_gpu_layers, Placement& placement) const;

  std::vector<Device> devices_;
  LedgerRules rules_;
  std::map<std::string, Resident> residents_;
};

}  // namespace demarc::engine
