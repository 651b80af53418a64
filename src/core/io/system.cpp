#include <sched.h>
#include <sys/random.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <thread>

#include "base/check.hpp"
#include "core/io/loop.hpp"

namespace demarc {
namespace {

std::int64_t read_clock(clockid_t which) {
  timespec t{};
  CHECK(clock_gettime(which, &t) == 0);
  return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

class SystemClock final : public Clock {
 public:
  Instant now() const override { return {read_clock(CLOCK_REALTIME)}; }
  Monotonic monotonic() const override { return {read_clock(CLOCK_MONOTONIC)}; }
};

void ask_kernel(char* at, std::size_t size_bytes) {
  while (size_bytes > 0) {
    const ssize_t got = getrandom(at, size_bytes, 0);
    if (got < 0) {
      CHECK(errno == EINTR);
      continue;
    }
    at += got, size_bytes -= static_cast<std::size_t>(got);
  }
}

// Identifiers draw ten bytes per request: a thread takes them from a stock, where what was drawn is wiped. A child of fork() must exec().
class SystemRandom final : public Random {
 public:
  void fill(void* into, std::size_t size_bytes) override {
    struct Stock {
      std::array<char, 256> bytes;
      std::size_t left = 0;
    };
    static thread_local Stock stock;
    if (size_bytes > kSmall) return ask_kernel(static_cast<char*>(into), size_bytes);
    if (stock.left < size_bytes) ask_kernel(stock.bytes.data(), stock.bytes.size()), stock.left = stock.bytes.size();
    stock.left -= size_bytes;
    std::memcpy(into, stock.bytes.data() + stock.left, size_bytes);
    std::memset(stock.bytes.data() + stock.left, 0, size_bytes);
  }

 private:
  static constexpr std::size_t kSmall = 16;  // keys come straight from the kernel
};

}  // namespace

Clock& system_clock() {
  static SystemClock clock;
  return clock;
}

Random& system_random() {
  static SystemRandom random;
  return random;
}

unsigned usable_cores() {
  cpu_set_t usable;
  CPU_ZERO(&usable);
  if (sched_getaffinity(0, sizeof usable, &usable) != 0) return std::max(1U, std::thread::hardware_concurrency());  // more than 1,024 processors
  return std::max(1U, static_cast<unsigned>(CPU_COUNT(&usable)));
}

}  // namespace demarc
