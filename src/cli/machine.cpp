#include "cli/machine.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <numeric>
#include <thread>

#include "base/strings.hpp"
#include "cli/place.hpp"
#include "core/io/loop.hpp"
#include "engine/child.hpp"

namespace demarc::cli {
namespace {

constexpr std::size_t kMostOutputBytes = 1U << 20U;

std::string first_line_after(const char* file, std::string_view key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(key)) return std::string(trim(std::string_view(line).substr(line.find(':') + 1)));
  return "";
}

std::uint64_t number_at(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::uint64_t meminfo_bytes(std::string_view key) { return number_at(first_line_after("/proc/meminfo", key)) * 1024; }

// A container's limit, where it is lower; "max" is none.
std::uint64_t control_group_number(const char* name) {
  std::ifstream in(std::string("/sys/fs/cgroup/") + name);
  std::string line;
  return std::getline(in, line) ? number_at(line) : 0;
}

// Every core reads its own part of a buffer that no cache holds, three times; the fastest pass counts, for others run here too.
std::uint64_t measure_memory(unsigned cores) {
  constexpr std::size_t kWordsEach = (96U << 20U) / sizeof(std::uint64_t);
  std::vector<std::uint64_t> words(kWordsEach * cores, 1);
  double best_seconds = 1e9;
  for (int pass = 0; pass < 3; ++pass) {
    std::vector<std::uint64_t> sums(cores);
    const auto started = std::chrono::steady_clock::now();
    {
      std::vector<std::jthread> threads;
      for (unsigned core = 0; core < cores; ++core)
        threads.emplace_back([&, core] {
          const auto* begin = words.data() + kWordsEach * core;
          sums[core] = std::reduce(begin, begin + kWordsEach);
        });
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    CHECK(std::reduce(sums.begin(), sums.end()) == words.size());  // the sum is used, so the reading is not optimised away
    best_seconds = std::min(best_seconds, seconds);
  }
  return static_cast<std::uint64_t>(static_cast<double>(words.size() * sizeof(std::uint64_t)) / best_seconds);
}

}  // namespace

models::Machine this_machine(MemorySpeed speed) {
  models::Machine machine{.memory_bytes = meminfo_bytes("MemTotal"), .free_bytes = meminfo_bytes("MemAvailable"), .cores = usable_cores()};
  if (const std::uint64_t limit = control_group_number("memory.max"); limit > 0 && limit < machine.memory_bytes) {
    machine.memory_bytes = limit;
    const std::uint64_t used = control_group_number("memory.current");
    machine.free_bytes = std::min(machine.free_bytes, limit - std::min(limit, used));
  }
  if (speed == MemorySpeed::measure) machine.bytes_per_second = measure_memory(std::min(machine.cores, 16U));
  return machine;
}

std::string machine_name() {
  std::string model = first_line_after("/proc/cpuinfo", "model name");
  if (model.empty()) model = "unknown processor";
  return model + ", " + std::to_string(usable_cores()) + " cores";
}

std::vector<Device> parse_devices(std::string_view listing) {
  std::vector<Device> devices;
  for (const std::string_view raw : split(listing, '\n')) {
    const std::string_view line = trim(raw);
    const std::size_t colon = line.find(": "), open = line.rfind('(');
    if (colon == std::string_view::npos || open == std::string_view::npos || open < colon || !line.ends_with(" MiB free)")) continue;
    const std::string_view sizes = line.substr(open + 1);
    const std::size_t comma = sizes.find(", ");
    if (comma == std::string_view::npos) continue;
    devices.push_back({.name = std::string(line.substr(0, colon)),
                       .description = std::string(trim(line.substr(colon + 2, open - colon - 2))),
                       .total_bytes = number_at(sizes) << 20U,
                       .free_bytes = number_at(sizes.substr(comma + 2)) << 20U});
  }
  return devices;
}

Result<std::string, std::string> run_program(const std::vector<std::string>& argv, int limit_ms) {
  auto child = TRY(engine::start_child({.argv = argv}));
  std::string output;
  const auto last_moment = std::chrono::steady_clock::now() + std::chrono::milliseconds(limit_ms);
  for (;;) {
    const auto exit = child.wait(50);  // before what it printed is read: what it printed last is there then
    std::array<char, 4096> buffer{};
    for (ssize_t got = 1; got > 0;) {
      got = read(child.output_fd(), buffer.data(), buffer.size());
      if (got > 0 && output.size() < kMostOutputBytes) output.append(buffer.data(), static_cast<std::size_t>(got));
    }
    if (exit && exit->code == 0) return output;
    const std::string_view said = trim(output);
    if (exit) return fail(exit->describe() + ": " + std::string(said.substr(said.rfind('\n') == std::string_view::npos ? 0 : said.rfind('\n') + 1)));
    if (std::chrono::steady_clock::now() > last_moment)
      return fail(argv[0] + " took longer than " + std::to_string(limit_ms / 1000) + " s and was ended");
  }
}

Result<std::vector<Device>, std::string> engine_devices() {
  return parse_devices(TRY(run_program({programs_folder() + "/llama-server", "--list-devices"}, 60'000)));
}

std::string gib(std::uint64_t bytes) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f GiB", static_cast<double>(bytes) / (1ULL << 30U));
  return text.data();
}

}  // namespace demarc::cli
