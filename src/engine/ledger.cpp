#include "engine/ledger.hpp"

#include <algorithm>
#include <numeric>

#include "base/check.hpp"

namespace demarc::engine {
namespace {

constexpr std::size_t kRam = 0;

// Of what used a model last; somebody who waits word by word counts most.
double weight(WorkClass work_class) {
  switch (work_class) {
    case WorkClass::interactive: return 4;
    case WorkClass::normal: return 2;
    case WorkClass::batch: return 1;
  }
  return 1;
}

bool fits(std::uint64_t bytes, std::int64_t free) { return free >= 0 && bytes <= static_cast<std::uint64_t>(free); }

// How many of the layers go onto these GPUs, in this order, each with its own compute buffer; and what that takes where.
Placement spread(const Need& need, const std::vector<std::size_t>& gpus, const std::vector<std::int64_t>& free) {
  Placement out{.bytes = std::vector<std::uint64_t>(free.size(), 0)};
  const std::uint64_t per_layer = (need.weights_bytes + need.kv_bytes + need.layers - 1) / need.layers;
  for (const std::size_t gpu : gpus) {
    const std::int64_t room = free[gpu] - static_cast<std::int64_t>(need.compute_bytes);
    if (room < static_cast<std::int64_t>(per_layer)) continue;
    const auto layers =
        std::min<std::uint64_t>(need.layers - out.gpu_layers, per_layer == 0 ? need.layers : static_cast<std::uint64_t>(room) / per_layer);
    if (layers == 0) break;
    out.bytes[gpu] = layers * per_layer + need.compute_bytes;
    out.gpu_layers += static_cast<std::uint32_t>(layers);
  }
  const std::uint64_t here = per_layer * (need.layers - out.gpu_layers);
  out.bytes[kRam] = need.process_bytes + here + (here > 0 ? need.compute_bytes : 0);
  return out;
}

}  // namespace

Ledger::Ledger(std::vector<Device> devices, LedgerRules rules) : devices_(std::move(devices)), rules_(rules) { CHECK(!devices_.empty()); }

Ledger::Free Ledger::free_bytes() const {
  Free free;
  for (std::size_t d = 0; d < devices_.size(); ++d)
    free.push_back(static_cast<std::int64_t>(devices_[d].total_bytes) - static_cast<std::int64_t>(held_bytes(d)));
  return free;
}

std::uint64_t Ledger::held_bytes(std::size_t device) const {
  return std::accumulate(residents_.begin(), residents_.end(), std::uint64_t{0},
                         [&](std::uint64_t sum, const auto& entry) { return sum + entry.second.bytes[device]; });
}

std::uint64_t Ledger::free_bytes(std::size_t device) const {
  const std::uint64_t held = held_bytes(device), total = devices_.at(device).total_bytes;
  return total > held ? total - held : 0;
}

std::uint64_t Ledger::bytes_of(const std::string& key, std::size_t device) const {
  const auto found = residents_.find(key);
  return found == residents_.end() ? 0 : found->second.bytes.at(device);
}

// The best that these free bytes allow: whole on the fullest GPU that has room (so that the emptier ones stay whole for larger models), whole over
// the fewest GPUs, part on GPUs, all in the machine's memory.
std::optional<Placement> Ledger::place(const Need& need, const Free& free) {
  std::vector<std::size_t> gpus;
  for (std::size_t d = 1; d < free.size(); ++d) gpus.push_back(d);
  std::ranges::sort(gpus, [&](std::size_t a, std::size_t b) { return free[a] > free[b]; });  // the emptiest first
  std::optional<Placement> best;
  if (need.layers > 0) {
    for (std::size_t i = gpus.size(); i-- > 0;) {
      Placement one = spread(need, {gpus[i]}, free);
      if (one.gpu_layers == need.layers && fits(one.bytes[kRam], free[kRam])) return one;
    }
    for (std::size_t count = 2; count <= gpus.size(); ++count) {
      Placement some = spread(need, {gpus.begin(), gpus.begin() + static_cast<std::ptrdiff_t>(count)}, free);
      if (some.gpu_layers == need.layers && fits(some.bytes[kRam], free[kRam])) return some;
    }
    if (!gpus.empty()) best = spread(need, gpus, free);
  }
  if (!best || best->gpu_layers == 0) {
    best = Placement{.bytes = std::vector<std::uint64_t>(free.size(), 0)};
    best->bytes[kRam] = need.total_bytes();
  }
  return fits(best->bytes[kRam], free[kRam]) ? best : std::nullopt;
}

// A model whose users are more urgent than who waits stays four times as long.
Monotonic Ledger::stays_until(const Resident& resident, WorkClass wish) const {
  auto stay = std::max<std::chrono::nanoseconds>(rules_.least_stay, resident.load * rules_.stay_loads);
  if (wish > resident.work_class) stay *= 4;
  return resident.ready_at + stay;
}

double Ledger::value(const Resident& resident, Monotonic now) {
  const double idle_s = std::max(1e-3, static_cast<double>((now - resident.last_use).count()) / 1e9);
  return static_cast<double>(resident.load.count()) / 1e9 * weight(resident.work_class) / idle_s;
}

// The least valuable first until it fits, then all those of them that it would have fitted without stay after all. Empty: not even all of them make
// room now.
std::vector<std::string> Ledger::victims(const Wish& wish, Monotonic now, std::uint32_t least_gpu_layers, Placement& placement) const {
  const auto place_well = [&](const Free& free) -> std::optional<Placement> {
    auto placed = place(wish.need, free);
    return placed && placed->gpu_layers >= least_gpu_layers ? std::move(placed) : std::nullopt;
  };
  std::vector<const std::pair<const std::string, Resident>*> candidates;
  for (const auto& entry : residents_) {
    const Resident& resident = entry.second;
    if (resident.state == Resident::State::ready && !resident.in_use && now >= stays_until(resident, wish.work_class)) candidates.push_back(&entry);
  }
  std::ranges::sort(candidates, [&](const auto* a, const auto* b) { return value(a->second, now) < value(b->second, now); });
  const auto add = [](Free& free, const Resident& resident, std::int64_t sign) {
    for (std::size_t d = 0; d < free.size(); ++d) free[d] += sign * static_cast<std::int64_t>(resident.bytes[d]);
  };
  Free free = free_bytes();
  std::vector<const std::pair<const std::string, Resident>*> gone;
  std::optional<Placement> found;
  for (const auto* candidate : candidates) {
    add(free, candidate->second, 1);
    gone.push_back(candidate);
    found = place_well(free);
    if (found) break;
  }
  if (!found) return {};
  for (std::size_t i = gone.size(); i-- > 0;) {
    add(free, gone[i]->second, -1);
    if (auto without = place_well(free)) {
      found = std::move(without);
      gone.erase(gone.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      add(free, gone[i]->second, 1);
    }
  }
  placement = std::move(*found);
  std::vector<std::string> keys;
  for (const auto* entry : gone) keys.push_back(entry->first);
  return keys;
}

Verdict Ledger::ask(const Wish& wish, Monotonic now) const {
  using What = Verdict::What;
  Free all;
  for (const Device& device : devices_) all.push_back(static_cast<std::int64_t>(device.total_bytes));
  const auto best = place(wish.need, all);
  if (!best) return {.what = What::never};
  Verdict verdict;
  if (auto placement = place(wish.need, free_bytes())) {
    if (placement->gpu_layers < best->gpu_layers) verdict.victims = victims(wish, now, best->gpu_layers, verdict.placement);
    if (verdict.victims.empty()) return {.what = What::fits, .placement = std::move(*placement)};
  } else {
    verdict.victims = victims(wish, now, 0, verdict.placement);
  }
  verdict.what = verdict.victims.empty() ? What::wait : What::evict;
  if (verdict.what == What::evict) return verdict;
  for (const auto& [key, resident] : residents_) {
    if (resident.state != Resident::State::ready) continue;
    const Monotonic until = stays_until(resident, wish.work_class);
    if (now < until)
      verdict.not_before = std::min(verdict.not_before.value_or(until), until);
    else if (resident.in_use)
      verdict.drained.push_back(key);
  }
  return verdict;
}

void Ledger::begin(const std::string& key, const Placement& placement, const Need& need) {
  CHECK(placement.bytes.size() == devices_.size() && !residents_.contains(key));
  residents_.emplace(key, Resident{.bytes = placement.bytes, .load = need.load});
}

void Ledger::ready(const std::string& key, Monotonic now, std::chrono::nanoseconds took) {
  const auto found = residents_.find(key);
  if (found == residents_.end() || found->second.state != Resident::State::loading) return;
  found->second.state = Resident::State::ready;
  found->second.ready_at = now;
  if (took.count() > 0) found->second.load = took;
  found->second.last_use = std::max(found->second.last_use, now);
}

void Ledger::measured(const std::string& key, std::size_t device, std::uint64_t bytes) {
  const auto found = residents_.find(key);
  if (found != residents_.end()) found->second.bytes.at(device) = bytes;
}

void Ledger::use(const std::string& key, bool in_use, WorkClass work_class, Monotonic last) {
  const auto found = residents_.find(key);
  if (found == residents_.end()) return;
  Resident& resident = found->second;
  resident.in_use = in_use, resident.work_class = work_class, resident.last_use = std::max(resident.last_use, last);
}

void Ledger::ending(const std::string& key) {
  const auto found = residents_.find(key);
  if (found != residents_.end()) found->second.state = Resident::State::ending;
}

void Ledger::end(const std::string& key) { residents_.erase(key); }

void Ledger::set_total(std::size_t device, std::uint64_t bytes) { devices_.at(device).total_bytes = bytes; }

}  // namespace demarc::engine
