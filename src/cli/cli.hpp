// The command line. cli::run() is main(): it reads the arguments, runs one command, and gives its exit code.
//
//   0 ok   1 failed   2 usage   3 denied by policy   4 unavailable   5 verification failed
//
// Each command is a file of its own that adds itself to the App in add_…(); commands.hpp lists them.
#pragma once

#include <cstdint>
#include <string>

namespace demarc::cli {

enum ExitCode : int { kOk = 0, kFailed = 1, kUsage = 2, kDenied = 3, kUnavailable = 4, kVerificationFailed = 5 };

int run(int argc, char** argv);

}  // namespace demarc::cli
