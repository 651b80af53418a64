// What of the installed models the gateway needs: their files for engines, their roles for the embedded default configuration.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "core/upstream.hpp"
#include "engine/command.hpp"

namespace demarc::cli {

std::vector<config::LockedModel> locked_models(const std::string& data);                // installed, by role
Result<std::vector<TargetRef>, std::string> pinned_snapshots(const std::string& data);  // of cloud upstreams, from models.lock
// The catalogue names the runtime whose format the weights have; demarc runs it as one of its engines.
std::optional<EngineKind> engine_of(const std::string& runtime);
Result<engine::ModelFile, std::string> resolve_model(const std::string& data, const std::string& name);

}  // namespace demarc::cli
