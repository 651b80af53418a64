#include "ledger/csv.hpp"

namespace demarc::ledger {

std::string csv_field(std::string_view text) {
  // A spreadsheet would run what begins like a formula.
  std::string safe(text);
  if (!safe.empty() && std::string_view("=+-@\t\r").find(safe[0]) != std::string_view::npos) safe.insert(0, "'");
  if (safe.find_first_of(",\"\r\n") == std::string::npos) return safe;
  std::string out = "\"";
  for (const char c : safe) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

}  // namespace demarc::ledger
