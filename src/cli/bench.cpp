// demarc bench engine | context
#include "cli/bench_commands.hpp"

namespace demarc::cli {

void add_bench(CLI::App& app, Shared& shared) {
  CLI::App* group = app.add_subcommand("bench", "measure engines on this machine, and keep what was measured");
  group->require_subcommand(1);
  add_bench_engine(*group, shared);
  add_bench_context(*group, shared);
}

}  // namespace demarc::cli
