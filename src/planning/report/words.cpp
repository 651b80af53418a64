#include "planning/report/words.hpp"

#include <array>
#include <cmath>

#include "planning/model/why.hpp"
#include "planning/report/svg.hpp"

namespace demarc::planning {

std::string usd(Decimal value) {
  const std::string digits = value.with_commas(0);
  return digits.starts_with('-') ? "−$" + digits.substr(1) : "$" + digits;
}
std::string usd_cents(Decimal value) {
  const std::string digits = value.with_commas(2);
  return digits.starts_with('-') ? "−$" + digits.substr(1) : "$" + digits;
}
std::string percent_of(double share) {
  if (share > 0 && share < 0.005) return "under 1 %";
  return number(share * 100, 0) + " %";
}
std::string months_of(Decimal value) { return print_value(value, Unit::months); }
std::string months_of(double value) { return value >= static_cast<double>(kNeverMonths) ? "never" : number(value, 1) + " months"; }
std::string number(double value, int places) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%.*f", places, value);
  return text.data();
}
std::string paragraph(const std::string& html) { return "<p>" + html + "</p>\n"; }
std::string missing(const std::string& what, const std::string& command) {
  return "<p class=\"missing\">" + escaped(what) + " To know it: <code>" + escaped(command) + "</code></p>\n";
}

std::string table(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows) {
  // A column whose first cell looks like a number stands at the right, all of it.
  const auto numeric = [&](std::size_t c) {
    if (c == 0 || rows.empty() || c >= rows[0].size()) return false;
    const std::string& cell = rows[0][c];
    return cell.size() <= 30 &&
           (cell.starts_with("$") || cell.starts_with("−") || (!cell.empty() && cell[0] >= '0' && cell[0] <= '9') || cell == "never");
  };
  std::string out = "<table><thead><tr>";
  for (std::size_t c = 0; c < head.size(); ++c) out += std::string("<th") + (numeric(c) ? " class=\"n\"" : "") + ">" + head[c] + "</th>";
  out += "</tr></thead><tbody>\n";
  for (const auto& row : rows) {
    out += "<tr>";
    for (std::size_t c = 0; c < row.size(); ++c) out += std::string("<td") + (numeric(c) ? " class=\"n\"" : "") + ">" + row[c] + "</td>";
    out += "</tr>\n";
  }
  return out + "</tbody></table>\n";
}

}  // namespace demarc::planning
