// Shared: what all commands share.
#pragma once

#include <string>

namespace demarc::cli {

// Where configuration and data are, how to print, and the exit code of the command that ran.
struct Shared {
  std::string config;  // --config; "" looks it up
  std::string data;    // --data; "" looks it up
  bool json = false;   // --json
  int exit_code = 0;
};

}  // namespace demarc::cli
