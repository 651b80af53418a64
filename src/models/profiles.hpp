// DATA/models/profiles.json: what `demarc bench` measured of local engines, so that a start knows their speed and quality before the first request.
//
//   Profiles all = read_profiles(data);                          // a missing or unreadable file is an empty one: it holds nothing but measurements
//   all.put(speed); TRY(write_profiles(data, all));
//   const ModelProfile known = all.of("sha256:…", machine);      // speeds of this machine only; quality from any, for it does not depend on it
//
// A value; any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/model_profile.hpp"
#include "models/error.hpp"

namespace demarc::models {

struct Speed {
  std::string digest, model, engine, machine, settings, time;                      // time: RFC 3339; settings: "threads 2, slots 1, context 4096"
  double tokens_per_second = 0, prompt_tokens_per_second = 0, first_token_ms = 0;  // 0: does not apply
  double real_time_factor = 0;                                                     // 0: does not apply
  double watts = 0;                                                                // 0: the machine does not tell
  std::string watts_of;                                                            // "processor (RAPL)", "GPU (nvidia-smi)"
  friend bool operator==(const Speed&, const Speed&) = default;
};

struct CurvePoint {
  std::int64_t context_tokens = 0;  // as the engine counted them
  std::int64_t tasks = 0, solved = 0;
  double tokens_per_second = 0, first_token_ms = 0;
  friend bool operator==(const CurvePoint&, const CurvePoint&) = default;
};

struct Curve {
  std::string digest, model, machine, time;
  std::uint64_t seed = 0;
  std::vector<CurvePoint> points;  // rising context_tokens
  friend bool operator==(const Curve&, const Curve&) = default;
};

struct Profiles {
  std::vector<Speed> speeds;
  std::vector<Curve> curves;
  void put(Speed speed);  // replaces one of the same model, machine and settings
  void put(Curve curve);  // replaces one of the same model
  // The newest speed of that machine.
  [[nodiscard]] const Speed* speed_of(std::string_view digest, std::string_view machine) const;
  [[nodiscard]] ModelProfile of(std::string_view digest, std::string_view machine) const;
};

std::string print_profiles(const Profiles& profiles);
Profiles parse_profiles(std::string_view json);
Profiles read_profiles(const std::filesystem::path& data);
ModelResult<void> write_profiles(const std::filesystem::path& data, const Profiles& profiles);

}  // namespace demarc::models
