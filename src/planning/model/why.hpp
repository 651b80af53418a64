// Why: where a cell's value comes from: its formula with the values in it, and every input that it rests on, with source, date and confidence.
//
//   std::optional<Why> why = explain_cell(model.sheet, values, "npv.usd");
//   std::cout << print(*why);
//
// Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "planning/model/sheet.hpp"

namespace demarc::planning {

struct WhyTerm {  // what a formula names
  std::string name, label;
  Unit unit = Unit::usd;
  Decimal value;
};

struct Why {
  WhyTerm cell;
  std::string formula;                // over the terms' names
  std::vector<WhyTerm> terms;         // cells and inputs that the formula names, in its order
  std::vector<std::uint32_t> inputs;  // all that it rests on, by what they are called
  const Sheet* sheet = nullptr;
};

std::optional<Why> explain_cell(const Sheet& sheet, const std::vector<Decimal>& values, std::string_view name);  // a cell or an input
std::vector<std::string> cell_names(const Sheet& sheet);                                                         // for "did you mean"
std::string print(const Why& why);
std::string to_json(const Why& why);

std::string print_value(Decimal value, Unit unit);  // "$1,234.56", "12.3 months", "never"

}  // namespace demarc::planning
