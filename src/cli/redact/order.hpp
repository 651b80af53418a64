// What `demarc redact` was asked for.
#pragma once

#include <string>
#include <vector>

namespace demarc::cli {

struct RedactOrder {
  std::vector<std::string> paths, types;
  std::string op = "placeholder", conversation, folder, report;
  bool restore = false, explain = false, restart = false, hidden = false, json = false;
};

}  // namespace demarc::cli
