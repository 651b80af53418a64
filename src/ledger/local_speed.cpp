#include "ledger/local_speed.hpp"

namespace demarc::ledger {
namespace {

constexpr std::int64_t kMostAnswers = 1024;
constexpr std::size_t kMostUpstreams = 4096;
constexpr std::int64_t kMostUnits = 1'000'000'000;                                              // of one answer; more is a broken count
constexpr std::int64_t kMostHeldNs = std::chrono::nanoseconds(std::chrono::hours(24)).count();  // 1024 of them fit in 64 bits

}  // namespace

void LocalSpeeds::learn(std::string_view upstream, const Usage& usage, std::chrono::nanoseconds held) {
  const Work work = work_of(usage);
  if (work.units <= 0 || work.units > kMostUnits || held.count() <= 0 || held.count() > kMostHeldNs) return;
  MutexLock lock(mutex_);
  auto found = speeds_.find(upstream);
  if (found == speeds_.end()) {
    if (speeds_.size() >= kMostUpstreams) return;
    found = speeds_.emplace(std::string(upstream), std::array<Sum, 4>{}).first;
  }
  Sum& sum = found->second[static_cast<std::size_t>(work.kind)];
  sum.units += work.units, sum.held_ns += held.count();
  if (++sum.answers == kMostAnswers) sum.units /= 2, sum.held_ns /= 2, sum.answers /= 2;
}

void LocalSpeeds::foresee(std::string_view upstream, const ModelProfile& profile) {
  constexpr std::int64_t kTokens = 64, kSoundMs = 30'000;
  const std::array<std::pair<Usage, double>, 3> seen = {
      std::pair{Usage{.input_tokens = kTokens}, profile.prompt_tokens_per_second > 0 ? kTokens / profile.prompt_tokens_per_second : 0},
      std::pair{Usage{.output_tokens = kTokens}, profile.tokens_per_second > 0 ? kTokens / profile.tokens_per_second : 0},
      std::pair{Usage{.audio_ms = kSoundMs}, profile.real_time_factor * kSoundMs / 1'000}};
  for (const auto& [usage, seconds] : seen)
    if (seconds > 0 && !expect(upstream, usage)) learn(upstream, usage, std::chrono::nanoseconds(static_cast<std::int64_t>(seconds * 1e9)));
}

std::optional<std::chrono::nanoseconds> LocalSpeeds::expect(std::string_view upstream, const Usage& usage) const {
  const Work work = work_of(usage);
  if (work.units <= 0 || work.units > kMostUnits) return {};
  MutexLock lock(mutex_);
  const auto found = speeds_.find(upstream);
  if (found == speeds_.end()) return {};
  const Sum& sum = found->second[static_cast<std::size_t>(work.kind)];
  if (sum.units == 0) return {};
  const __int128 ns = static_cast<__int128>(sum.held_ns) * work.units / sum.units;
  if (ns > kMostHeldNs) return {};
  return std::chrono::nanoseconds(static_cast<std::int64_t>(ns));
}

LocalSpeeds::Work LocalSpeeds::work_of(const Usage& usage) {
  if (usage.audio_ms.value_or(0) > 0) return {WorkKind::audio, *usage.audio_ms};
  if (usage.pages.value_or(0) > 0) return {WorkKind::pages, *usage.pages};
  if (usage.total_output() > 0) return {WorkKind::output, usage.total_output()};
  return {WorkKind::input, usage.total_input()};
}

}  // namespace demarc::ledger
