// Environment: all that configuration reads from the world: variables, small files, the working folder. A test brings its own.
//
//   class Fake : public Environment { … };
//   auto config = config::load(text, "/etc/demarc/demarc.yaml", process_environment(), LoadMode::serve);
//
// Blocking; used at start and at reload, never in a request's path. The process's own may be used from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"

namespace demarc::config {

struct SmallFile {
  std::string text;
  bool world_readable = false;
};

enum class ReadError : std::uint8_t { not_found, denied, too_large, not_a_file, io };
std::string_view to_string(ReadError);

class Environment {
 public:
  virtual ~Environment() = default;
  [[nodiscard]] virtual std::optional<std::string> variable(const std::string& name) const = 0;  // nullopt: not set
  [[nodiscard]] virtual Result<SmallFile, ReadError> read(const std::string& path, std::size_t limit_bytes) const = 0;
  [[nodiscard]] virtual bool exists(const std::string& path) const = 0;
  [[nodiscard]] virtual std::string working_folder() const = 0;  // absolute
};

const Environment& process_environment();

}  // namespace demarc::config
