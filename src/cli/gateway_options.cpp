#include "cli/gateway_options.hpp"

#include "admin/admin.hpp"
#include "cli/installed.hpp"
#include "cli/machine.hpp"
#include "cli/version.hpp"
#include "config/environment.hpp"
#include "models/profiles.hpp"

namespace demarc::cli {

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

}  // namespace demarc::cli
