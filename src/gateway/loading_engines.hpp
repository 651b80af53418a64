// LoadingEngines: a temporary folder of engine programs that load for ever and talk all the while. For tests only.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace demarc::gateway {

class LoadingEngines {
 public:
  LoadingEngines() {
    std::string name = "/tmp/demarc-loading-XXXXXX";
    folder_ = mkdtemp(name.data());
    for (const char* program : {"/llama-server", "/demarc-speech"}) {
      std::ofstream(folder_ + program) << "#!/bin/sh\nwhile :; do echo loading; done\n";
      std::filesystem::permissions(folder_ + program, std::filesystem::perms::owner_all);
    }
  }
  ~LoadingEngines() { std::filesystem::remove_all(folder_); }
  LoadingEngines(const LoadingEngines&) = delete;
  LoadingEngines& operator=(const LoadingEngines&) = delete;
  [[nodiscard]] const std::string& folder() const { return folder_; }

 private:
  std::string folder_;
};

}  // namespace demarc::gateway
