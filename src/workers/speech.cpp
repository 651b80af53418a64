// demarc-speech: turns recordings into text behind a Unix socket. Started by the gateway, with one settings file (ARCHITECTURE.md, worker protocol).
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <thread>

#include "speech/worker/service.hpp"

// OpenMP's threads wait for each other by spinning, which on a machine that others use too costs ten times the work itself (docs/measured.md).
// Its library reads the limit when it is loaded, so the program sets it and starts once more.
constexpr const char* kSpinLimit = "GOMP_SPINCOUNT";
constexpr const char* kSpins = "1000";

void limit_spinning(char** argv) {
  if (getenv(kSpinLimit) != nullptr) return;
  setenv(kSpinLimit, kSpins, 1);
  execv("/proc/self/exe", argv);  // comes back only if it failed; then the work is slower, not wrong
}

int main(int argc, char** argv) {
  limit_spinning(argv);
  if (argc != 2) {
    std::fprintf(stderr, "usage: demarc-speech SETTINGS.json\n");
    return 2;
  }
  const auto settings = demarc::workers::read_settings(argv[1]);
  if (!settings) {
    std::fprintf(stderr, "%s\n", settings.error().c_str());
    return 2;
  }
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);  // before any thread, so that all inherit it

  demarc::speech::worker::Service service(*settings);
  std::thread([&service, ends] {
    int signal = 0;
    sigwait(&ends, &signal);
    service.stop();
  }).detach();  // lives as long as the process
  return service.run();
}
