#include "engine/nvml.hpp"

#include <dlfcn.h>

#include <array>

namespace demarc::engine {
namespace {

// The few declarations of nvml.h (API version 12) that are used. Source: NVIDIA, NVML API reference.
using Return = int;  // 0: NVML_SUCCESS
using Handle = struct nvmlDevice_st*;
struct Memory {
  unsigned long long total, free, used;
};
struct ProcessInfo {  // nvmlProcessInfo_v2_t, of nvmlDeviceGetComputeRunningProcesses_v3
  unsigned int pid;
  unsigned long long used;
  unsigned int gpu_instance, compute_instance;
};
constexpr unsigned long long kNotKnown = ~0ULL;  // NVML_VALUE_NOT_AVAILABLE
constexpr unsigned int kMostGpus = 64, kMostProcesses = 256;

struct Close {
  void operator()(void* library) const { dlclose(library); }
};

class LoadedNvml final : public Nvml {
 public:
  explicit LoadedNvml(std::unique_ptr<void, Close> library) : library_(std::move(library)) {}
  ~LoadedNvml() override {
    if (started_) shutdown_();
  }

  bool start() {
    if (!find(init_, "nvmlInit_v2") || !find(shutdown_, "nvmlShutdown") || !find(count_, "nvmlDeviceGetCount_v2") ||
        !find(handle_, "nvmlDeviceGetHandleByIndex_v2") || !find(memory_, "nvmlDeviceGetMemoryInfo") || !find(uuid_, "nvmlDeviceGetUUID") ||
        !find(name_, "nvmlDeviceGetName"))
      return false;
    find(processes_, "nvmlDeviceGetComputeRunningProcesses_v3");  // older drivers have none: then what a process takes stays unknown
    return started_ = init_() == 0;
  }

  std::vector<Gpu> gpus() override {
    std::vector<Gpu> out;
    for (const Handle device : devices()) {
      Memory memory{};
      std::array<char, 96> uuid{}, name{};
      if (memory_(device, &memory) != 0 || uuid_(device, uuid.data(), uuid.size()) != 0) continue;
      if (name_(device, name.data(), name.size()) != 0) name[0] = 0;
      uuid.back() = name.back() = 0;
      out.push_back({.id = uuid.data(), .name = name.data(), .total_bytes = memory.total, .free_bytes = memory.free});
    }
    return out;
  }

  std::vector<std::uint64_t> bytes_of(pid_t pid) override {
    std::vector<std::uint64_t> out;
    for (const Handle device : devices()) {
      std::array<ProcessInfo, kMostProcesses> running{};
      unsigned int count = kMostProcesses;
      std::uint64_t bytes = 0;
      if (processes_ != nullptr && processes_(device, &count, running.data()) == 0)
        for (unsigned int i = 0; i < count && i < kMostProcesses; ++i)
          if (running[i].pid == static_cast<unsigned int>(pid) && running[i].used != kNotKnown) bytes += running[i].used;
      out.push_back(bytes);
    }
    return out;
  }

 private:
  template <class Function>
  bool find(Function*& function, const char* name) {
    function = reinterpret_cast<Function*>(dlsym(library_.get(), name));
    return function != nullptr;
  }
  std::vector<Handle> devices() {
    unsigned int count = 0;
    std::vector<Handle> out;
    if (count_(&count) != 0) return out;
    for (unsigned int i = 0; i < count && i < kMostGpus; ++i)
      if (Handle device = nullptr; handle_(i, &device) == 0) out.push_back(device);
    return out;
  }

  std::unique_ptr<void, Close> library_;
  bool started_ = false;
  Return (*init_)() = nullptr;
  Return (*shutdown_)() = nullptr;
  Return (*count_)(unsigned int*) = nullptr;
  Return (*handle_)(unsigned int, Handle*) = nullptr;
  Return (*memory_)(Handle, Memory*) = nullptr;
  Return (*uuid_)(Handle, char*, unsigned int) = nullptr;
  Return (*name_)(Handle, char*, unsigned int) = nullptr;
  Return (*processes_)(Handle, unsigned int*, ProcessInfo*) = nullptr;
};

}  // namespace

std::unique_ptr<Nvml> Nvml::open(const char* library) {
  std::unique_ptr<void, Close> opened(dlopen(library, RTLD_NOW | RTLD_LOCAL));
  if (opened == nullptr) return nullptr;
  auto nvml = std::make_unique<LoadedNvml>(std::move(opened));
  return nvml->start() ? std::move(nvml) : nullptr;
}

}  // namespace demarc::engine
