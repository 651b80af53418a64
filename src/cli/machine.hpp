// What this machine has to run models with: memory, cores, the GPUs that the engine can use, and how fast its memory is.
//
//   const models::Machine machine = this_machine(MemorySpeed::measure);     // a quarter of a second
//   for (const Device& gpu : engine_devices()) …                            // asks llama-server
//
// Blocks; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "models/fit.hpp"

namespace demarc::cli {

enum class MemorySpeed : std::uint8_t { measure, skip };
models::Machine this_machine(MemorySpeed speed);
std::string machine_name();  // "AMD EPYC 7B13, 2 cores": what a measurement is filed under

// A GPU, as the engine names it: "Vulkan0: llvmpipe (LLVM 15.0.6, 256 bits) (24037 MiB, 24037 MiB free)".
struct Device {
  std::string name, description;
  std::uint64_t total_bytes = 0, free_bytes = 0;
};
std::vector<Device> parse_devices(std::string_view listing);
Result<std::vector<Device>, std::string> engine_devices();

// Runs a program of ours in the engines' sandbox (no network) and gives what it printed; fails with its last line. `limit_ms`: then it is ended.
Result<std::string, std::string> run_program(const std::vector<std::string>& argv, int limit_ms);

std::string gib(std::uint64_t bytes);  // "4.4 GiB"

}  // namespace demarc::cli
