#include "engine/profile.hpp"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/json/writer.hpp"

namespace demarc::engine {
namespace {

constexpr std::size_t kFileBytes = 1 << 20;
constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

// One table for reading and writing.
struct Field {
  std::string_view name;
  std::uint64_t (*get)(const Profile&);
  void (*set)(Profile&, std::uint64_t);
};
template <auto member>
constexpr Field field(std::string_view name) {
  return {name, [](const Profile& p) { return static_cast<std::uint64_t>(p.*member); },
          [](Profile& p, std::uint64_t v) { p.*member = static_cast<std::remove_reference_t<decltype(p.*member)>>(v); }};
}
constexpr std::array kFields = {field<&Profile::weights_bytes>("weights_bytes"),
                                field<&Profile::kv_bytes>("kv_bytes"),
                                field<&Profile::compute_bytes>("compute_bytes"),
                                field<&Profile::ram_bytes>("ram_bytes"),
                                field<&Profile::ready_bytes>("ready_bytes"),
                                field<&Profile::gpu_bytes>("gpu_bytes"),
                                field<&Profile::layers>("layers"),
                                field<&Profile::gpu_layers>("gpu_layers"),
                                field<&Profile::load_ms>("load_ms")};

std::string print_profiles(const std::map<std::string, Profile, std::less<>>& profiles) {
  std::string text;
  JsonWriter json(text);
  json.object([&] {
    for (const auto& [key, profile] : profiles)
      json.object(key, [&] {
        // The analyser loses what the table holds.
        for (const Field& known : kFields) json.field(known.name, known.get(profile));  // NOLINT(clang-analyzer-core.CallAndMessage)
      });
  });
  return text + "\n";
}

bool differs(std::uint64_t a, std::uint64_t b) { return std::max(a, b) - std::min(a, b) > std::max(a, b) / 100; }

}  // namespace

std::uint64_t total_context_tokens(const EnginePlan& plan) {
  return static_cast<std::uint64_t>(plan.upstream.models[0].context_tokens.value_or(kDefaultContextTokens)) * plan.upstream.slots;
}

namespace {

std::string model_prefix(const EnginePlan& plan) {
  return std::string(to_string(*plan.upstream.engine)) + " " + (plan.model.digest.empty() ? plan.model.path : plan.model.digest) + " ";
}

// The attention cache of `profile` for another number of tokens: it grows with them.
std::uint64_t scaled_kv(std::string_view key, const Profile& profile, std::uint64_t tokens) {
  const auto at = key.find(" context=");
  std::uint64_t measured_tokens = 0;
  if (at != std::string_view::npos) std::from_chars(key.data() + at + 9, key.data() + key.size(), measured_tokens);
  return measured_tokens == 0 ? profile.kv_bytes : profile.kv_bytes / measured_tokens * tokens + profile.kv_bytes % measured_tokens;
}

// What a speech worker takes for telling speakers apart: the network's weights in 32 bits and what it computes with (docs/measured.md).
std::uint64_t speakers_bytes(const EnginePlan& plan) { return plan.upstream.speakers.empty() ? 0 : 128 * kMiB; }

// What llama-server keeps of prompts beside its slots.
std::uint64_t prompt_cache_bytes(const EnginePlan& plan) { return plan.upstream.engine == EngineKind::llama ? plan.upstream.prompt_cache_bytes : 0; }

Need from_profile(const Profile& profile, const EnginePlan& plan) {
  Need need{.weights_bytes = profile.weights_bytes,
            .kv_bytes = profile.kv_bytes,
            .compute_bytes = profile.compute_bytes,
            .layers = profile.layers,
            .estimated = false,
            .load = std::chrono::milliseconds(std::max<std::int64_t>(1, profile.load_ms))};
  // What the process takes besides the parts that the engine named, wherever they lay.
  const std::uint64_t all = std::max(reserved_ram_bytes(profile, plan) + profile.gpu_bytes, need.total_bytes());
  need.process_bytes = all - need.total_bytes();
  return need;
}

}  // namespace

std::uint64_t reserved_ram_bytes(const Profile& profile, const EnginePlan& plan) {
  if (const std::uint64_t one = reader_bytes(plan); one > 0) return profile.ready_bytes + one;
  const std::uint64_t named = profile.gpu_bytes > 0 ? 0 : profile.weights_bytes + profile.kv_bytes + profile.compute_bytes;
  return std::max({profile.ram_bytes, profile.ready_bytes + prompt_cache_bytes(plan), named});
}

std::string profile_key(const EnginePlan& plan) {
  return model_prefix(plan) + "context=" + std::to_string(total_context_tokens(plan)) + " slots=" + std::to_string(plan.upstream.slots) +
         (plan.upstream.speakers.empty() ? "" : " speakers=" + plan.upstream.speakers);
}

Need estimate_need(const EnginePlan& plan) {
  constexpr std::uint64_t kProcess = 128 * kMiB, kCompute = 256 * kMiB;
  constexpr std::int64_t kLoadBytesPerMs = 200'000;  // of a disk that reads 200 MB/s
  Need need{.weights_bytes = plan.model.size_bytes, .process_bytes = kProcess + prompt_cache_bytes(plan) + speakers_bytes(plan)};
  need.load = std::chrono::milliseconds(1'000 + static_cast<std::int64_t>(plan.model.size_bytes) / kLoadBytesPerMs);
  if (*plan.upstream.engine != EngineKind::llama) {
    need.compute_bytes = std::max(kCompute, plan.model.size_bytes / 2) + reader_bytes(plan);
    return need;
  }
  const double parameters = static_cast<double>(plan.model.size_bytes) * 8 / 5;  // five bits each
  const double width = std::cbrt(parameters * 128 / 12);
  need.kv_bytes = static_cast<std::uint64_t>(width / 128 * width) * total_context_tokens(plan);
  need.compute_bytes = kCompute;
  need.layers = static_cast<std::uint32_t>(std::clamp(width / 128, 1.0, 200.0)) + 1;
  return need;
}

Need need_of(const EnginePlan& plan, const ProfileBook& book) {
  if (const auto measured = book.find(profile_key(plan))) return from_profile(*measured, plan);
  Need estimate = estimate_need(plan);
  const auto like = book.find_like(model_prefix(plan));
  if (!like || like->second.weights_bytes == 0) return estimate;
  Need need = from_profile(like->second, plan);
  need.kv_bytes = scaled_kv(like->first, like->second, total_context_tokens(plan));
  need.estimated = true;
  return need;
}

ProfileBook::ProfileBook(Disk& disk, std::string path) : disk_(disk), path_(std::move(path)) {
  const auto text = read_file(disk_, path_, kFileBytes);
  if (!text) return;
  simdjson::dom::parser parser;
  simdjson::dom::object root;
  if (parser.parse(*text).get(root) != simdjson::SUCCESS) return;
  MutexLock lock(mutex_);
  for (const auto& [key, value] : root) {
    Profile profile;
    for (const Field& known : kFields) {
      std::uint64_t number = 0;
      if (value[known.name].get(number) == simdjson::SUCCESS) known.set(profile, number);
    }
    if (profiles_.size() < kMost) profiles_.emplace(std::string(key), profile);
  }
}

std::optional<Profile> ProfileBook::find(const std::string& key) const {
  MutexLock lock(mutex_);
  const auto found = profiles_.find(key);
  return found == profiles_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::pair<std::string, Profile>> ProfileBook::find_like(std::string_view prefix) const {
  MutexLock lock(mutex_);
  const auto found = profiles_.lower_bound(prefix);
  if (found == profiles_.end() || !found->first.starts_with(prefix)) return {};
  return *found;
}

void ProfileBook::learn(const std::string& key, const Profile& profile) {
  MutexLock lock(mutex_);
  auto known = profiles_.find(key);
  const bool is_new = known == profiles_.end();
  if (is_new) {
    if (profiles_.size() >= kMost) profiles_.erase(profiles_.begin());
    known = profiles_.emplace(key, Profile{}).first;
  }
  const Profile before = known->second;
  Profile next = profile;
  if (next.weights_bytes == 0) next.weights_bytes = before.weights_bytes, next.kv_bytes = before.kv_bytes, next.compute_bytes = before.compute_bytes;
  next.ram_bytes = next.gpu_layers == before.gpu_layers ? std::max(next.ram_bytes, before.ram_bytes) : next.ram_bytes;
  next.gpu_bytes = next.gpu_layers == before.gpu_layers ? std::max(next.gpu_bytes, before.gpu_bytes) : next.gpu_bytes;
  if (next.layers == 0) next.layers = before.layers;
  if (next.load_ms == 0) next.load_ms = before.load_ms;
  if (next.ready_bytes == 0) next.ready_bytes = before.ready_bytes;
  known->second = next;
  if (is_new || std::ranges::any_of(kFields, [&](const Field& f) { return differs(f.get(before), f.get(next)); })) write();
}

void ProfileBook::write() {
  static_cast<void>(write_file_durably(disk_, path_, print_profiles(profiles_), 0600));  // what cannot be kept is measured again
}

}  // namespace demarc::engine
