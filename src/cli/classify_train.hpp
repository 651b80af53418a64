// demarc classify train DATA.csv: a part of classify.cpp.
#pragma once

#include "cli/commands.hpp"

namespace demarc::cli {

CLI::App* add_classify_train(CLI::App& classify, Shared& shared);

}  // namespace demarc::cli
