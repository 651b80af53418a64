// One field of a CSV line (RFC 4180), quoted where it must be; what a spreadsheet would run as a formula begins with '. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace demarc::ledger {

std::string csv_field(std::string_view text);

}  // namespace demarc::ledger
