// Place: which configuration and data folder a command works on.
#pragma once

#include <string>

#include "base/result.hpp"
#include "cli/shared.hpp"

namespace demarc::cli {

struct Place {
  std::string config_file;  // absolute; "" is the embedded default
  std::string data;         // absolute
};

Result<Place, std::string> find_place(const Shared& shared);
std::string programs_folder();  // where this binary stands, and its workers beside it

}  // namespace demarc::cli
