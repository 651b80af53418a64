#include "engine/measure.hpp"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace demarc::engine {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

// The number of bytes in "… NAME = 48.00 MiB …"; 0: there is none.
std::uint64_t mib_after(std::string_view line, std::string_view name) {
  const auto at = line.find(name);
  if (at == std::string_view::npos) return 0;
  std::string_view rest = line.substr(at + name.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(" ="), rest.size()));
  double mib = 0;
  const auto parsed = std::from_chars(rest.data(), rest.data() + rest.size(), mib);
  if (parsed.ec != std::errc{} || !(mib >= 0 && mib < 1e9) || !std::string_view(parsed.ptr, rest.data() + rest.size()).starts_with(" MiB")) return 0;
  return static_cast<std::uint64_t>(mib * static_cast<double>(kMiB));
}

std::uint64_t kib_line(const char* path, const char* format) {
  std::FILE* file = std::fopen(path, "re");
  if (file == nullptr) return 0;
  char line[256];
  unsigned long long kib = 0;
  bool found = false;
  while (!found && std::fgets(line, sizeof line, file) != nullptr) found = std::sscanf(line, format, &kib) == 1;
  std::fclose(file);
  return found ? kib * 1024 : 0;
}

std::optional<std::uint64_t> number_in(const char* path) {
  std::FILE* file = std::fopen(path, "re");
  if (file == nullptr) return {};
  unsigned long long number = 0;
  const int got = std::fscanf(file, "%llu", &number);
  std::fclose(file);
  return got == 1 ? std::optional<std::uint64_t>(number) : std::nullopt;
}

}  // namespace

bool read_load_line(std::string_view line, Profile& profile) {
  if (const auto at = line.find("print_info: n_layer "); at != std::string_view::npos) {
    const auto digit = line.find_first_of("0123456789", at + 19);
    if (digit == std::string_view::npos) return false;
    std::uint32_t layers = 0;
    if (std::from_chars(line.data() + digit, line.data() + line.size(), layers).ec != std::errc{} || layers > 10'000) return false;
    profile.layers = layers + 1;  // and the output layer
    return true;
  }
  for (const auto& [name, member] : {std::pair{"model buffer size", &Profile::weights_bytes}, std::pair{"KV buffer size", &Profile::kv_bytes},
                                     std::pair{"compute buffer size", &Profile::compute_bytes}}) {
    if (const std::uint64_t bytes = mib_after(line, name); bytes > 0) return profile.*member += bytes, true;
  }
  return false;
}

ProcessMemory measure_process(pid_t pid) {
  if (pid <= 0) return {};
  const std::string path = "/proc/" + std::to_string(pid) + "/status";
  return {.resident_bytes = kib_line(path.c_str(), "VmRSS: %llu kB"),
          .peak_bytes = kib_line(path.c_str(), "VmHWM: %llu kB"),
          .anonymous_bytes = kib_line(path.c_str(), "RssAnon: %llu kB")};
}

namespace {

// Those that `pid` started, and those that they did.
void add_descendants(pid_t pid, std::vector<pid_t>& out) {
  constexpr std::size_t kMost = 1'000;
  const std::string one = std::to_string(pid);
  std::FILE* file = std::fopen(("/proc/" + one + "/task/" + one + "/children").c_str(), "re");
  std::vector<pid_t> own;
  int child = 0;
  while (file != nullptr && out.size() + own.size() < kMost && std::fscanf(file, "%d", &child) == 1) own.push_back(child);
  if (file != nullptr) std::fclose(file);
  for (const pid_t each : own) out.push_back(each), add_descendants(each, out);
}

}  // namespace

ProcessMemory measure_family(pid_t pid) {
  ProcessMemory all = measure_process(pid);
  std::vector<pid_t> others;
  if (pid > 0) add_descendants(pid, others);
  for (const pid_t other : others) {
    const std::string path = "/proc/" + std::to_string(other) + "/smaps_rollup";
    std::uint64_t bytes = kib_line(path.c_str(), "Pss: %llu kB");
    if (bytes == 0) bytes = measure_process(other).anonymous_bytes;  // a kernel that keeps the other to itself
    all.resident_bytes += bytes, all.peak_bytes += bytes, all.anonymous_bytes += bytes;
  }
  return all;
}

std::int64_t cpu_ms_of_process(pid_t pid) {
  if (pid <= 0) return -1;
  const std::string path = "/proc/" + std::to_string(pid) + "/stat";
  std::FILE* file = std::fopen(path.c_str(), "re");
  if (file == nullptr) return -1;
  char text[1024];
  const std::size_t got = std::fread(text, 1, sizeof text - 1, file);
  std::fclose(file);
  text[got] = 0;
  const char* after_name = std::strrchr(text, ')');  // a name may hold anything, also spaces
  unsigned long long user = 0, system = 0;
  if (after_name == nullptr || std::sscanf(after_name + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user, &system) != 2) return -1;
  return static_cast<std::int64_t>((user + system) * 1'000 / static_cast<unsigned long long>(sysconf(_SC_CLK_TCK)));
}

std::int64_t queued_ms_of_process(pid_t pid) {
  constexpr int kMostThreads = 1'024;
  if (pid <= 0) return 0;
  const std::string folder = "/proc/" + std::to_string(pid) + "/task";
  const std::unique_ptr<DIR, int (*)(DIR*)> threads(opendir(folder.c_str()), closedir);
  if (!threads) return 0;
  unsigned long long all_ns = 0;
  int left = kMostThreads;
  while (const dirent* entry = readdir(threads.get())) {
    if (entry->d_name[0] == '.' || left-- == 0) continue;
    std::FILE* file = std::fopen((folder + "/" + entry->d_name + "/schedstat").c_str(), "re");
    if (file == nullptr) continue;
    unsigned long long queued_ns = 0;
    if (std::fscanf(file, "%*u %llu", &queued_ns) == 1) all_ns += queued_ns;
    std::fclose(file);
  }
  return static_cast<std::int64_t>(all_ns / 1'000'000);
}

std::uint64_t machine_bytes() {
  std::uint64_t bytes = kib_line("/proc/meminfo", "MemTotal: %llu kB");
  for (const char* limit : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"})
    if (const auto most = number_in(limit); most && *most > 0) bytes = std::min(bytes, *most);
  return bytes;
}

std::uint64_t available_bytes() { return kib_line("/proc/meminfo", "MemAvailable: %llu kB"); }

}  // namespace demarc::engine
