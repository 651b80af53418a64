// How a Gateway is started from a Place.
#pragma once

#include "cli/place.hpp"
#include "gateway/gateway.hpp"

namespace demarc::cli {

Result<config::Config, std::string> load_config(const Place& place);
gateway::GatewayOptions gateway_options(const Place& place);

}  // namespace demarc::cli
