#include "cli/place.hpp"

#include <array>
#include <filesystem>

#include "admin/admin.hpp"
#include "cli/machine.hpp"
#include "cli/version.hpp"
#include "config/places.hpp"
#include "models/profiles.hpp"

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

Result<config::Config, std::string> load_config(const Place& place) {
  if (place.config_file.empty()) return config::default_config(locked_models(place.data));
  auto config = config::load_file(place.config_file, config::process_environment(), config::LoadMode::serve);
  if (!config) return fail(config::to_string(config.error()));
  return std::move(*config);
}

gateway::GatewayOptions gateway_options(const Place& place) {
  return {.data = place.data,
          .programs = programs_folder(),
          .version = kVersion,
          .load_config = [place] { return load_config(place); },
          .resolve_model = [data = place.data](const std::string& name) { return resolve_model(data, name); },
          .pinned_snapshots = [data = place.data] { return pinned_snapshots(data); },
          .profile_of = [data = place.data,
                         machine = machine_name()](const std::string& digest) { return models::read_profiles(data).of(digest, machine); },
          .loops = 0,
          .log = {},
          .add_routes = [](gateway::Router& router, gateway::Gateway& gateway) { admin::add_routes(router, gateway); }};
}

std::string programs_folder() { return std::filesystem::read_symlink("/proc/self/exe").parent_path().string(); }

}  // namespace demarc::cli
