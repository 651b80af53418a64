#include "cli/place.hpp"

#include <filesystem>

#include "config/config.hpp"
#include "config/places.hpp"

namespace demarc::cli {

Result<Place, std::string> find_place(const Shared& shared) {
  const config::Environment& environment = config::process_environment();
  const auto flag = [](const std::string& text) { return text.empty() ? std::nullopt : std::optional(text); };
  Place place;
  place.config_file = config::find_config(flag(shared.config), environment).value_or("");
  std::string from_file;
  if (!place.config_file.empty()) {
    const auto config = config::load_file(place.config_file, environment, config::LoadMode::policy_only);  // only to learn where the data are
    if (!config) return fail(config::to_string(config.error()));
    from_file = config->data;
  }
  auto data = config::data_folder(flag(shared.data), from_file, environment);
  if (!data) return fail(std::string("no data folder: give --data, or set DEMARC_DATA or HOME"));
  place.data = std::move(*data);
  return place;
}

std::string programs_folder() { return std::filesystem::read_symlink("/proc/self/exe").parent_path().string(); }

}  // namespace demarc::cli
