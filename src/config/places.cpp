#include "config/places.hpp"

#include "base/strings.hpp"
#include "config/context.hpp"

namespace demarc::config {
namespace {

std::optional<std::string> set_variable(const Environment& environment, const char* name) {  // an empty one counts as not set
  auto value = environment.variable(name);
  return value && !value->empty() ? value : std::nullopt;
}

// XDG Base Directory Specification 0.8: a relative path in these variables is invalid and ignored.
std::optional<std::string> xdg_folder(const Environment& environment, const char* variable, const std::string& below_home) {
  if (const auto value = set_variable(environment, variable); value && value->starts_with('/')) return value;
  if (const auto home = set_variable(environment, "HOME"); home && home->starts_with('/')) return *home + below_home;
  return {};
}

}  // namespace

std::optional<std::string> find_config(const std::optional<std::string>& flag, const Environment& environment) {
  if (flag) return resolve(environment.working_folder(), *flag);
  if (const auto named = set_variable(environment, "DEMARC_CONFIG")) return resolve(environment.working_folder(), *named);

  std::vector<std::string> candidates = {resolve(environment.working_folder(), "demarc.yaml")};
  if (const auto folder = xdg_folder(environment, "XDG_CONFIG_HOME", "/.config")) candidates.push_back(resolve(*folder, "demarc/demarc.yaml"));
  const std::string folders = set_variable(environment, "XDG_CONFIG_DIRS").value_or("/etc/xdg");
  for (const std::string_view folder : split(folders, ':'))
    if (folder.starts_with('/')) candidates.push_back(resolve(std::string(folder), "demarc/demarc.yaml"));
  for (const std::string& candidate : candidates)
    if (environment.exists(candidate)) return candidate;
  return {};
}

std::optional<std::string> data_folder(const std::optional<std::string>& flag, const std::string& from_file, const Environment& environment) {
  if (flag) return resolve(environment.working_folder(), *flag);
  if (const auto named = set_variable(environment, "DEMARC_DATA")) return resolve(environment.working_folder(), *named);
  if (!from_file.empty()) return from_file;
  if (const auto state = set_variable(environment, "STATE_DIRECTORY"); state && state->starts_with('/')) return state->substr(0, state->find(':'));
  if (const auto folder = xdg_folder(environment, "XDG_DATA_HOME", "/.local/share")) return resolve(*folder, "demarc");
  return {};
}

}  // namespace demarc::config
