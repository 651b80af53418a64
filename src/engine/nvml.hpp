// Nvml: what NVIDIA's management library tells of the GPUs of this machine, opened when the program runs (libnvidia-ml.so.1 comes with the driver).
// Without it there are no GPUs, and nothing else changes.
//
//   const auto nvml = Nvml::open();                     // null: no driver here
//   for (const Gpu& gpu : nvml->gpus()) …gpu.free_bytes…
//   nvml->bytes_of(pid);                                // by GPU, in the same order
//
// Any thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace demarc::engine {

struct Gpu {
  std::string id, name;  // id: its UUID
  std::uint64_t total_bytes = 0, free_bytes = 0;
};

class Nvml {
 public:
  virtual ~Nvml() = default;
  virtual std::vector<Gpu> gpus() = 0;  // in PCI order, at most 64
  virtual std::vector<std::uint64_t> bytes_of(pid_t pid) = 0;

  static std::unique_ptr<Nvml> open(const char* library = "libnvidia-ml.so.1");
};

}  // namespace demarc::engine
