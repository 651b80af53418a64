// The commands of `demarc bench`.
#pragma once

#include "cli/commands.hpp"

namespace demarc::cli {

void add_bench_engine(CLI::App& group, Shared& shared);
void add_bench_context(CLI::App& group, Shared& shared);

}  // namespace demarc::cli
