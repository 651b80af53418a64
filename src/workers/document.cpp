// demarc-document: reads documents behind a Unix socket. Started by the gateway, with one settings file (ARCHITECTURE.md, worker protocol).
// With --redact it writes one document anew without what was found in it (document/worker/redact.hpp).
#include <stdlib.h>
#include <unistd.h>

#include <string_view>

#include "document/worker/redact.hpp"
#include "document/worker/service.hpp"

// Each document is read in a process of its own that is forked with the models loaded; OpenMP's threads would not be there any more, and its library
// reads how many it may make when it is loaded. So the program says one and starts once more.
constexpr const char* kThreads = "OMP_THREAD_LIMIT";

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "--redact") return demarc::document::worker::run_redact(argc, argv);
  if (getenv(kThreads) == nullptr) {
    setenv(kThreads, "1", 1);
    execv("/proc/self/exe", argv);  // comes back only if it failed
    return 1;
  }
  return demarc::workers::run_worker<demarc::document::worker::Service>(argc, argv, "demarc-document");
}
