// FakeEnvironment: variables and files of a test's own making. For tests only.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "config/environment.hpp"

namespace demarc::config {

class FakeEnvironment final : public Environment {
 public:
  std::map<std::string, std::string> variables;
  std::map<std::string, SmallFile> files;
  std::string folder = "/home/a user";

  std::optional<std::string> variable(const std::string& name) const override {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  }
  Result<SmallFile, ReadError> read(const std::string& path, std::size_t limit_bytes) const override {
    const auto found = files.find(path);
    if (found == files.end()) return fail(ReadError::not_found);
    if (found->second.text.size() > limit_bytes) return fail(ReadError::too_large);
    return found->second;
  }
  bool exists(const std::string& path) const override { return files.contains(path); }
  std::string working_folder() const override { return folder; }
};

}  // namespace demarc::config
