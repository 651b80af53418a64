#include "planning/model/why.hpp"

#include <algorithm>
#include <set>

#include "core/json/writer.hpp"
#include "planning/model/build_model.hpp"

namespace demarc::planning {
namespace {

struct PlainNames final : FormulaNames {
  explicit PlainNames(const Sheet& of) : sheet(of) {}
  std::string input(std::uint32_t index) const override { return sheet.inputs()[index].name; }
  std::string cell(std::uint32_t index) const override { return name_of(sheet.cells()[index]); }
  const Sheet& sheet;
};

template <class Visit>
void operands(const Sheet& sheet, NodeId id, Visit&& visit) {
  const Node& node = sheet.nodes()[id];
  switch (node.op) {
    case Op::number: return;
    case Op::input:
    case Op::cell: return visit(node);
    case Op::ceiling:
    case Op::root12: return operands(sheet, node.a, visit);
    case Op::choose: operands(sheet, node.a, visit), operands(sheet, node.b, visit), operands(sheet, node.c, visit); return;
    case Op::add:
    case Op::subtract:
    case Op::multiply:
    case Op::divide:
    case Op::smaller:
    case Op::larger: operands(sheet, node.a, visit), operands(sheet, node.b, visit); return;
  }
}

WhyTerm term_of_input(const Input& input) { return {input.name, input.label, input.unit, input.quantity.value}; }
WhyTerm term_of_cell(const Cell& cell, Decimal value) { return {name_of(cell), cell.label, cell.unit, value}; }

void term_json(JsonWriter& json, const WhyTerm& term) {
  json.field("name", term.name), json.field("label", term.label), json.field("unit", to_string(term.unit)), json.field("value", term.value.print());
}

}  // namespace

std::string print_value(Decimal value, Unit unit) {
  switch (unit) {
    case Unit::usd: {
      const bool small = value < Decimal::of(1) && value > Decimal::of(-1) && value != Decimal();
      const bool negative = value < Decimal();
      const std::string digits = small ? value.print(6) : value.with_commas(2);
      return negative && digits.starts_with('-') ? "-$" + digits.substr(1) : "$" + digits;
    }
    case Unit::months: return value >= Decimal::of(kNeverMonths) ? "never" : value.print(1) + " months";
    case Unit::percent: return value.print() + " %";
    case Unit::factor:
    case Unit::per_second: return value.print(4) + (unit == Unit::per_second ? " /s" : "");
    case Unit::count: return ceiling(value) == value ? value.with_commas(0) : value.with_commas(3);
    case Unit::watts: return value.print() + " W";
    case Unit::hours: return value.print() + " h";
    case Unit::gigabytes: return value.print() + " GB";
  }
  return value.print();
}

std::vector<std::string> cell_names(const Sheet& sheet) {
  std::vector<std::string> names;
  for (const Cell& cell : sheet.cells()) names.push_back(name_of(cell));
  for (const Input& input : sheet.inputs()) names.push_back(input.name);
  return names;
}

std::optional<Why> explain_cell(const Sheet& sheet, const std::vector<Decimal>& values, std::string_view name) {
  if (const auto input = sheet.find_input(name)) return Why{.cell = term_of_input(sheet.inputs()[*input]), .inputs = {*input}, .sheet = &sheet};
  const auto found = sheet.find_cell(name);
  if (!found) return {};
  const Cell& cell = sheet.cells()[*found];
  Why why{.cell = term_of_cell(cell, values[*found]), .formula = print_formula(sheet, cell.formula, PlainNames(sheet)), .sheet = &sheet};
  std::set<std::string> seen;
  operands(sheet, cell.formula, [&](const Node& node) {
    const WhyTerm term =
        node.op == Op::input ? term_of_input(sheet.inputs()[node.index]) : term_of_cell(sheet.cells()[node.index], values[node.index]);
    if (seen.insert(term.name).second) why.terms.push_back(term);
  });
  std::set<std::uint32_t> inputs, cells{*found};
  std::vector<std::uint32_t> open{*found};
  while (!open.empty()) {
    const std::uint32_t at = open.back();
    open.pop_back();
    operands(sheet, sheet.cells()[at].formula, [&](const Node& node) {
      if (node.op == Op::input)
        inputs.insert(node.index);
      else if (cells.insert(node.index).second)
        open.push_back(node.index);
    });
  }
  why.inputs.assign(inputs.begin(), inputs.end());
  std::ranges::sort(why.inputs, {}, [&](std::uint32_t i) { return sheet.inputs()[i].name; });
  return why;
}

std::string print(const Why& why) {
  std::string out = why.cell.name + " = " + print_value(why.cell.value, why.cell.unit) + "   " + why.cell.label + "\n";
  if (!why.formula.empty()) out += "  = " + why.formula + "\n";
  for (const WhyTerm& term : why.terms) out += "    " + term.name + " = " + print_value(term.value, term.unit) + "   " + term.label + "\n";
  out += "It rests on:\n";
  for (const std::uint32_t index : why.inputs) {
    const Input& input = why.sheet->inputs()[index];
    const Quantity& q = input.quantity;
    if (input.per_month && !input.name.ends_with("[1]")) continue;  // each month has its own, all alike
    out += "  " + input.name + " = " + print_value(q.value, input.unit);
    if (q.low) out += " (" + q.low->print() + " to " + q.high->print() + ")";
    out += "   " + q.source + (q.line > 0 ? " (plan, line " + std::to_string(q.line) + ")" : std::string()) + (q.date.empty() ? "" : ", " + q.date) +
           ", confidence " + std::string(to_string(q.confidence)) + "\n";
  }
  return out;
}

std::string to_json(const Why& why) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    term_json(json, why.cell);
    json.field("formula", why.formula);
    json.array("terms", [&] {
      for (const WhyTerm& term : why.terms) json.object([&] { term_json(json, term); });
    });
    json.array("inputs", [&] {
      for (const std::uint32_t index : why.inputs) {
        const Input& input = why.sheet->inputs()[index];
        const Quantity& q = input.quantity;
        json.object([&] {
          term_json(json, term_of_input(input));
          if (q.low) json.field("low", q.low->print()), json.field("high", q.high->print());
          json.field("source", q.source), json.field("line", q.line), json.field("date", q.date), json.field("confidence", to_string(q.confidence));
        });
      }
    });
  });
  return out;
}

}  // namespace demarc::planning
