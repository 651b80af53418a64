// demarc-tensor: labels what is named in texts, behind a Unix socket. Started by the gateway, with one settings file (ARCHITECTURE.md, worker
// protocol).
#include <pthread.h>
#include <signal.h>

#include <cstdio>
#include <thread>

#include "tensor/worker/service.hpp"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: demarc-tensor SETTINGS.json\n");
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

  demarc::tensor::worker::Service service(*settings);
  std::thread([&service, ends] {
    int signal = 0;
    sigwait(&ends, &signal);
    service.stop();
  }).detach();  // lives as long as the process
  return service.run();
}
