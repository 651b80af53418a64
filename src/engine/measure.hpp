// What an engine really takes: told by llama-server while it loads, and by the kernel while it runs.
//
//   Profile took;
//   for (each line of its log) read_load_line(line, took);
//   took.ram_bytes = measure_process(pid).peak_bytes;
//
// Reads /proc and /sys only; any thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string_view>

namespace demarc::engine {

struct Profile {
  std::uint64_t weights_bytes = 0, kv_bytes = 0, compute_bytes = 0;  // as the engine said; 0: it did not say
  std::uint64_t ready_bytes = 0;                                     // of the process when it was ready, before anybody asked it anything
  std::uint64_t ram_bytes = 0;                                       // of the process, the most that was seen
  std::uint64_t gpu_bytes = 0;                                       // on all GPUs together, the most that was seen
  std::uint32_t layers = 0, gpu_layers = 0;
  std::int64_t load_ms = 0;
  friend bool operator==(const Profile&, const Profile&) = default;
};

// Adds to `profile` what a line of llama-server's log (verbosity 4) tells of its memory. False: nothing.
bool read_load_line(std::string_view line, Profile& profile);

struct ProcessMemory {
  std::uint64_t resident_bytes = 0, peak_bytes = 0;
  std::uint64_t anonymous_bytes = 0;  // of the resident ones: those that the kernel cannot read again from a file
};
ProcessMemory measure_process(pid_t pid);  // from /proc/PID/status; zeros if it is gone
// The same with all that it started and that still runs: of those, memory that several share is shared out among them.
ProcessMemory measure_family(pid_t pid);
std::int64_t cpu_ms_of_process(pid_t pid);  // user and system time so far; -1 if it is gone
// How long its threads of now have stood in line for a processor (proc(5), schedstat), together; 0 where the kernel does not count it.
std::int64_t queued_ms_of_process(pid_t pid);

// The memory that engines may take together: the machine's, or the cgroup's limit where that is less.
std::uint64_t machine_bytes();
std::uint64_t available_bytes();  // what the kernel says could be had now without swapping

}  // namespace demarc::engine
