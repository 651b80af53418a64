#include "engine/quarantine.hpp"

#include <simdjson.h>

#include <algorithm>

#include "core/json/writer.hpp"

namespace demarc::engine {
namespace {

constexpr std::size_t kFileBytes = 8 << 20;
constexpr std::size_t kLeastBeginning = 8;

bool is_over(const QuarantineEntry& entry, Instant now) {
  return now.unix_ns - entry.last.unix_ns > std::chrono::nanoseconds(Quarantine::kLife).count();
}

std::string print_entries(const std::map<std::string, QuarantineEntry, std::less<>>& entries) {
  std::string text;
  JsonWriter json(text);
  json.array([&] {
    for (const auto& [digest, entry] : entries)
      json.object([&, &at = entry] {
        json.field("digest", at.digest);
        json.field("upstream", at.upstream);
        json.field("deaths", at.deaths);
        json.field("last_unix_ms", at.last.unix_ms());
      });
  });
  return text + "\n";
}

}  // namespace

Quarantine::Quarantine(Disk& disk, std::string path) : disk_(disk), path_(std::move(path)) {
  const auto text = read_file(disk_, path_, kFileBytes);
  if (!text) return;
  simdjson::dom::parser parser;
  simdjson::dom::array root;
  if (parser.parse(*text).get(root) != simdjson::SUCCESS) return;
  MutexLock lock(mutex_);
  for (const auto& item : root) {
    std::string_view digest, upstream;
    std::uint64_t deaths = 0;
    std::int64_t last_ms = 0;
    if (item["digest"].get(digest) != simdjson::SUCCESS || item["upstream"].get(upstream) != simdjson::SUCCESS ||
        item["deaths"].get(deaths) != simdjson::SUCCESS || item["last_unix_ms"].get(last_ms) != simdjson::SUCCESS || entries_.size() >= kMost)
      continue;
    constexpr std::int64_t kLatestMs = 9'000'000'000'000;  // fits as nanoseconds
    if (last_ms < 0 || last_ms > kLatestMs) continue;
    entries_[std::string(digest)] = {
        std::string(digest), std::string(upstream), static_cast<std::uint32_t>(std::min<std::uint64_t>(deaths, 1'000)), {last_ms * 1'000'000}};
  }
}

RequestStanding Quarantine::standing(const std::string& digest, Instant now) const {
  MutexLock lock(mutex_);
  const auto found = entries_.find(digest);
  if (found == entries_.end() || is_over(found->second, now)) return RequestStanding::clean;
  return found->second.deaths >= kDeaths ? RequestStanding::quarantined : RequestStanding::suspect;
}

void Quarantine::killed(const std::vector<std::string>& digests, const std::string& upstream, Instant now) {
  if (digests.empty()) return;
  MutexLock lock(mutex_);
  std::erase_if(entries_, [&](const auto& entry) { return is_over(entry.second, now); });
  for (const std::string& digest : digests) {
    if (entries_.size() >= kMost && !entries_.contains(digest))
      entries_.erase(std::ranges::min_element(entries_, {}, [](const auto& entry) { return entry.second.last; }));
    QuarantineEntry& entry = entries_[digest];
    entry.digest = digest, entry.upstream = upstream, entry.last = now;
    ++entry.deaths;
  }
  write();
}

void Quarantine::came_through(const std::string& digest) {
  MutexLock lock(mutex_);
  const auto found = entries_.find(digest);
  if (found == entries_.end() || found->second.deaths >= kDeaths) return;
  entries_.erase(found);
  write();
}

std::vector<QuarantineEntry> Quarantine::list(Instant now) const {
  MutexLock lock(mutex_);
  std::vector<QuarantineEntry> out;
  for (const auto& [digest, entry] : entries_)
    if (entry.deaths >= kDeaths && !is_over(entry, now)) out.push_back(entry);
  return out;
}

std::size_t Quarantine::release(std::string_view beginning) {
  if (!beginning.empty() && beginning.size() < kLeastBeginning) return 0;
  MutexLock lock(mutex_);
  const std::size_t released = std::erase_if(entries_, [&](const auto& entry) { return entry.first.starts_with(beginning); });
  if (released > 0) write();
  return released;
}

void Quarantine::write() {
  static_cast<void>(write_file_durably(disk_, path_, print_entries(entries_), 0600));  // what cannot be kept is forgotten at the next start
}

Flights::Flight Flights::enter(std::string digest) {
  MutexLock lock(mutex_);
  const bool shared = !under_way_.empty();
  if (shared)
    for (Flight::Entry& entry : under_way_) entry.shared = true;
  return {this, under_way_.insert(under_way_.end(), {.digest = std::move(digest), .shared = shared})};
}

void Flights::leave(Flight::Place at, Flight::Ending ending) {
  std::string came_through;
  {
    MutexLock lock(mutex_);
    if (ending == Flight::Ending::broke && !at->counted)
      broken_.push_back(std::move(at->digest));
    else if (ending == Flight::Ending::served && !at->counted && !at->shared)
      came_through = std::move(at->digest);
    under_way_.erase(at);
  }
  if (!came_through.empty()) quarantine_.came_through(came_through);
}

void Flights::died(Instant now) {
  std::vector<std::string> digests;
  {
    MutexLock lock(mutex_);
    digests.swap(broken_);
    for (Flight::Entry& entry : under_way_)
      if (!std::exchange(entry.counted, true)) digests.push_back(entry.digest);
  }
  std::ranges::sort(digests);
  digests.erase(std::ranges::unique(digests).begin(), digests.end());
  quarantine_.killed(digests, upstream_, now);
}

void Flights::lives() {
  MutexLock lock(mutex_);
  broken_.clear();
}

}  // namespace demarc::engine
