// engine_metrics(): what /metrics tells of each engine of ours: state, queue, tokens, memory against the ledger, restarts. Where vLLM has a name for
// it (docs.vllm.ai, "Production Metrics"), that is the name, with vLLM's labels `engine` and `model_name`, so that its dashboards show ours too; what
// it has none for is demarc_engine_*. docs/reference/monitoring.md explains each.
//
//   text += engine_metrics(fleet);
//
// Any thread.
#pragma once

#include <string>

#include "gateway/fleet.hpp"

namespace demarc::gateway {

std::string engine_metrics(const Fleet& fleet);

}  // namespace demarc::gateway
