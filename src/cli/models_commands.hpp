// The commands of `demarc models` that have a file of their own.
#pragma once

#include "cli/commands.hpp"

namespace demarc::cli {

void add_models_check(CLI::App& group, Shared& shared);
void add_models_advise(CLI::App& group, Shared& shared);
void add_models_quantize(CLI::App& group, Shared& shared);

}  // namespace demarc::cli
