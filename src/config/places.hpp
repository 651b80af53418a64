// Where the configuration and the data folder are, from the command line and the environment. Pure over the Environment.
//
//   config::find_config(flag, environment)     // --config, DEMARC_CONFIG, ./demarc.yaml, XDG; nullopt: the embedded default
//   config::data_folder(flag, config.data, environment)
//
// A file that was named (flag, DEMARC_CONFIG) is returned even if it does not exist, so that reading it says so: a typing error must never lead to
// another configuration.
#pragma once

#include <optional>
#include <string>

#include "config/environment.hpp"

namespace demarc::config {

// --config, DEMARC_CONFIG, ./demarc.yaml, $XDG_CONFIG_HOME/demarc/demarc.yaml (~/.config), each $XDG_CONFIG_DIRS/demarc/demarc.yaml (/etc/xdg).
std::optional<std::string> find_config(const std::optional<std::string>& flag, const Environment& environment);

// --data, DEMARC_DATA, `data` of the file, the first of systemd's STATE_DIRECTORY (/var/lib/demarc for the service), $XDG_DATA_HOME/demarc,
// ~/.local/share/demarc; nullopt where not even HOME is set. Absolute.
std::optional<std::string> data_folder(const std::optional<std::string>& flag, const std::string& from_file, const Environment& environment);

}  // namespace demarc::config
