// Power: what the machine says it draws while something is measured. Where it does not tell, there is no number.
//
//   Power power;                        // begins
//   …the work…
//   if (const auto drawn = power.drawn()) drawn->watts, drawn->of
//
// One thread; asks nvidia-smi, where there is one, from a thread of its own.
#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace demarc::cli {

struct Drawn {
  double watts = 0;
  std::string of;  // "processor (RAPL)", "processor (RAPL) and GPU (nvidia-smi)"
};

class Power {
 public:
  // For tests: another folder than /sys/class/powercap, another program than nvidia-smi.
  explicit Power(std::string powercap = "/sys/class/powercap", std::string smi = "/usr/bin/nvidia-smi");
  ~Power();
  Power(const Power&) = delete;
  Power& operator=(const Power&) = delete;
  std::optional<Drawn> drawn();  // on average since the beginning; ends the measurement

 private:
  struct Counter {
    std::string file;
    std::uint64_t begin_uj = 0, range_uj = 0;
  };
  std::vector<Counter> counters_;
  std::chrono::steady_clock::time_point begin_;
  std::atomic<bool> stopping_{false};
  double gpu_watts_sum_ = 0;  // the sampler's until it is joined
  int gpu_samples_ = 0;
  std::thread sampler_;
};

// "71.35\n69.10\n": the sum over the GPUs; nullopt where one does not tell ("[N/A]").
std::optional<double> parse_power(std::string_view listing);

}  // namespace demarc::cli
