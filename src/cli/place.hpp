// Place: which configuration and data folder a command works on, and how a Gateway is started from them.
#pragma once

#include <string>

#include "base/result.hpp"
#include "cli/commands.hpp"
#include "config/config.hpp"
#include "gateway/gateway.hpp"
#include "policy/compile.hpp"

namespace demarc::cli {

struct Place {
  std::string config_file;  // absolute; "" is the embedded default
  std::string data;         // absolute
};

Result<Place, std::string> find_place(const Shared& shared);
Result<config::Config, std::string> load_config(const Place& place);
gateway::GatewayOptions gateway_options(const Place& place);
std::vector<config::LockedModel> locked_models(const std::string& data);                // installed, by role
Result<std::vector<TargetRef>, std::string> pinned_snapshots(const std::string& data);  // of cloud upstreams, from models.lock
// The catalogue names the runtime whose format the weights have; demarc runs it as one of its engines.
std::optional<EngineKind> engine_of(const std::string& runtime);
Result<engine::ModelFile, std::string> resolve_model(const std::string& data, const std::string& name);
// What the detectors of this configuration cover; a model that is not installed covers nothing. Fails with every problem of detectors.patterns.
Result<policy::FindingTypes, std::string> covered_types(const config::Config& config, const std::string& data);
std::string programs_folder();  // where this binary stands, and its workers beside it

}  // namespace demarc::cli
