// The settings file of the worker protocol (ARCHITECTURE.md), as every worker reads it.
//
//   Settings settings = TRY(read_settings(argv[1]));
//
// Fields of other roles are passed over. Start-up only.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace demarc::workers {

struct Settings {
  std::string socket;
  std::string model_path;  // of the weights: a file or a folder, as the worker's engine wants
  std::string model_name;
  std::string model_digest;
  std::size_t threads = 1;
  std::size_t slots = 1;                                      // pieces of work at once
  std::vector<std::string> serves{};                          // operations, by name
  std::map<std::string, std::int64_t, std::less<>> limits{};  // of its own, by name, as the configuration has them
  std::size_t beside = 0;                                     // requests more than slots, whose pieces take turns with the others'
  std::string speakers{};                                     // the model that tells speakers apart; "": none
};

Result<Settings, std::string> read_settings(const std::string& path);

// The limits alone, of a file that may hold nothing else.
Result<std::map<std::string, std::int64_t, std::less<>>, std::string> read_limits(const std::string& path);

}  // namespace demarc::workers
