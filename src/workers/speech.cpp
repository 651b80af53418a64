// demarc-speech: turns recordings into text behind a Unix socket. Started by the gateway, with one settings file (ARCHITECTURE.md, worker protocol).
// With --mute it silences stretches of one recording instead (speech/worker/mute.hpp).
#include <stdlib.h>
#include <unistd.h>

#include <string_view>

#include "speech/worker/mute.hpp"
#include "speech/worker/service.hpp"

// OpenMP's threads wait for each other by spinning, which on a machine that others use too costs ten times the work itself (docs/measured.md).
// Its library reads the limit when it is loaded, so the program sets it and starts once more. With more threads than processors (the spare ones of
// Whisper) it would spin a tenth of that and halve the speed, unless told that waiting is active.
constexpr const char* kSpinLimit = "GOMP_SPINCOUNT";
constexpr const char* kSpins = "1000";
constexpr const char* kWaiting = "OMP_WAIT_POLICY";

void limit_spinning(char** argv) {
  if (getenv(kSpinLimit) != nullptr) return;
  setenv(kSpinLimit, kSpins, 1);
  setenv(kWaiting, "active", 0);
  execv("/proc/self/exe", argv);  // comes back only if it failed; then the work is slower, not wrong
}

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "--mute") return demarc::speech::worker::run_mute(argc, argv);
  limit_spinning(argv);
  return demarc::workers::run_worker<demarc::speech::worker::Service>(argc, argv, "demarc-speech");
}
