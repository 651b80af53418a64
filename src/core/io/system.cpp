#include <sched.h>
#include <sys/random.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
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

class SystemRandom final : public Random {
 public:
  void fill(void* into, std::size_t size_bytes) override {
    auto* at = static_cast<char*>(into);
    while (size_bytes > 0) {
      const ssize_t got = getrandom(at, size_bytes, 0);
      if (got < 0) {
        CHECK(errno == EINTR);
        continue;
      }
      at += got, size_bytes -= static_cast<std::size_t>(got);
    }
  }
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
