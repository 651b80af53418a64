// demarc plan start, the ninety days: it reads what all other commands of `plan` leave behind.
#pragma once

#include "cli/commands.hpp"

namespace demarc::cli {

void add_plan_start(CLI::App& plan, Shared& shared);

}  // namespace demarc::cli
