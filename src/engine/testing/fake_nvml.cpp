// A libnvidia-ml.so.1 with two GPUs for the tests: 24 GiB of which 20 are free, 12 GiB all free; process 4711 takes 3 GiB of the first.
#include <cstdio>
#include <cstring>

namespace {
constexpr unsigned long long kGiB = 1ULL << 30U;
struct Memory {
  unsigned long long total, free, used;
};
struct ProcessInfo {
  unsigned int pid;
  unsigned long long used;
  unsigned int gpu_instance, compute_instance;
};
int devices[2];
int index_of(const void* device) { return device == &devices[0] ? 0 : 1; }
}  // namespace

extern "C" {
int nvmlInit_v2() { return 0; }
int nvmlShutdown() { return 0; }
int nvmlDeviceGetCount_v2(unsigned int* count) { return *count = 2, 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned int index, void** device) { return *device = &devices[index], 0; }
int nvmlDeviceGetMemoryInfo(void* device, Memory* memory) {
  *memory = index_of(device) == 0 ? Memory{24 * kGiB, 20 * kGiB, 4 * kGiB} : Memory{12 * kGiB, 12 * kGiB, 0};
  return 0;
}
int nvmlDeviceGetUUID(void* device, char* uuid, unsigned int size) { return std::snprintf(uuid, size, "GPU-%d", index_of(device)), 0; }
int nvmlDeviceGetName(void*, char* name, unsigned int size) { return std::snprintf(name, size, "Scripted"), 0; }
int nvmlDeviceGetComputeRunningProcesses_v3(void* device, unsigned int* count, ProcessInfo* running) {
  if (index_of(device) != 0) return *count = 0, 0;
  running[0] = {4711, 3 * kGiB, 0, 0}, running[1] = {1, kGiB, 0, 0};
  return *count = 2, 0;
}
}
