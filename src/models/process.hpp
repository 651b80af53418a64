// Runs a package manager and waits for it: argument vector, no shell, no secrets in its environment, ended when the caller is cancelled.
//
//   TRY(run_tool({"npm", "pack", "--silent", package}, {.temporary = folder}, stop, [] { … every 200 ms … }));
//
// Blocks; any thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "models/error.hpp"

namespace demarc::models {

struct ToolPlace {
  std::filesystem::path temporary;  // its TMPDIR
  std::chrono::seconds time_limit = std::chrono::hours(2);
};

// argv[0] is looked up in PATH; if it is not there: tool_missing. A failing tool is `unreachable` with the last lines of its output.
ModelResult<void> run_tool(const std::vector<std::string>& argv, const ToolPlace& place, const std::stop_token& stop,
                           const std::function<void()>& on_tick);

}  // namespace demarc::models
