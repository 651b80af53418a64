#include "planning/model/sheet.hpp"

#include <charconv>

#include "base/check.hpp"

namespace demarc::planning {

Expr Sheet::input(Input input) {
  const auto index = static_cast<std::uint32_t>(inputs_.size());
  CHECK(input_names_.emplace(input.name, index).second);
  inputs_.push_back(std::move(input));
  nodes_.push_back({.op = Op::input, .index = index});
  return {this, static_cast<NodeId>(nodes_.size() - 1)};
}

Expr Sheet::number(Decimal value) {
  nodes_.push_back({.op = Op::number, .number = value});
  return {this, static_cast<NodeId>(nodes_.size() - 1)};
}

Expr Sheet::cell(std::string name, Unit unit, std::string label, Expr formula, int month) {
  const auto index = static_cast<std::uint32_t>(cells_.size());
  cells_.push_back({std::move(name), month, unit, std::move(label), formula.node});
  CHECK(cell_names_.emplace(name_of(cells_.back()), index).second);
  nodes_.push_back({.op = Op::cell, .a = formula.node, .index = index});
  return {this, static_cast<NodeId>(nodes_.size() - 1)};
}

Expr Sheet::combine(Op op, Expr a, Expr b, Expr c) {
  nodes_.push_back({.op = op, .a = a.node, .b = b.node, .c = c.node});
  return {this, static_cast<NodeId>(nodes_.size() - 1)};
}

std::optional<std::uint32_t> Sheet::find_cell(std::string_view name) const {
  const auto found = cell_names_.find(name);
  return found == cell_names_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::uint32_t> Sheet::find_input(std::string_view name) const {
  const auto found = input_names_.find(name);
  return found == input_names_.end() ? std::nullopt : std::optional(found->second);
}

std::string name_of(const Cell& cell) { return cell.month == kNoMonth ? cell.name : cell.name + "[" + std::to_string(cell.month) + "]"; }

std::vector<Decimal> input_values(const Sheet& sheet) {
  std::vector<Decimal> values;
  values.reserve(sheet.inputs().size());
  for (const Input& input : sheet.inputs()) values.push_back(input.quantity.value);
  return values;
}

Result<std::vector<Decimal>, SheetError> evaluate(const Sheet& sheet, const std::vector<Decimal>* inputs) {
  const std::vector<Decimal> own = inputs == nullptr ? input_values(sheet) : std::vector<Decimal>();
  const std::vector<Decimal>& given = inputs == nullptr ? own : *inputs;
  CHECK(given.size() == sheet.inputs().size());
  const std::vector<Node>& nodes = sheet.nodes();
  std::vector<std::optional<Decimal>> values(nodes.size());  // nothing: no value, which matters only to a cell that needs it
  std::vector<Decimal> cells(sheet.cells().size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Node& node = nodes[i];
    const auto& a = values[node.a];
    const auto& b = values[node.b];
    const auto both = [&](auto&& operation) { return a && b ? std::optional<Decimal>(operation(*a, *b)) : std::nullopt; };
    const auto partly = [&](auto&& operation) { return a && b ? operation(*a, *b) : std::nullopt; };
    switch (node.op) {
      case Op::number: values[i] = node.number; break;
      case Op::input: values[i] = given[node.index]; break;
      case Op::cell:
        if (!a) return fail(SheetError{name_of(sheet.cells()[node.index]), "has no value: a division by zero, or a number beyond 10^19"});
        values[i] = cells[node.index] = *a;
        break;
      case Op::add: values[i] = partly(add); break;
      case Op::subtract: values[i] = partly(subtract); break;
      case Op::multiply: values[i] = partly(multiply); break;
      case Op::divide: values[i] = partly(divide); break;
      case Op::smaller: values[i] = both([](Decimal x, Decimal y) { return x < y ? x : y; }); break;
      case Op::larger: values[i] = both([](Decimal x, Decimal y) { return x < y ? y : x; }); break;
      case Op::ceiling: values[i] = a ? std::optional(ceiling(*a)) : std::nullopt; break;
      case Op::root12: values[i] = a ? root(*a, 12) : std::nullopt; break;
      case Op::choose: values[i] = !a ? std::nullopt : *a >= Decimal() ? b : values[node.c]; break;
    }
  }
  return cells;
}

namespace {

// Precedence of what was printed, so that only needed parentheses are written.
enum class Binding : std::uint8_t { sum, product, whole };

struct Text {
  std::string text;
  Binding binding = Binding::whole;
};

std::string in(Text text, Binding at_least) { return text.binding < at_least ? "(" + text.text + ")" : std::move(text.text); }

Text printed(const Sheet& sheet, NodeId id, const FormulaNames& names) {
  const Node& node = sheet.nodes()[id];
  const auto sub = [&](NodeId which) { return printed(sheet, which, names); };
  switch (node.op) {
    case Op::number: return {node.number.print(), node.number < Decimal() ? Binding::sum : Binding::whole};
    case Op::input: return {names.input(node.index)};
    case Op::cell: return {names.cell(node.index)};
    case Op::add: return {in(sub(node.a), Binding::sum) + "+" + in(sub(node.b), Binding::product), Binding::sum};
    case Op::subtract: return {in(sub(node.a), Binding::sum) + "-" + in(sub(node.b), Binding::product), Binding::sum};
    case Op::multiply: return {in(sub(node.a), Binding::product) + "*" + in(sub(node.b), Binding::whole), Binding::product};
    case Op::divide: return {in(sub(node.a), Binding::product) + "/" + in(sub(node.b), Binding::whole), Binding::product};
    case Op::smaller: return {"MIN(" + sub(node.a).text + "," + sub(node.b).text + ")"};
    case Op::larger: return {"MAX(" + sub(node.a).text + "," + sub(node.b).text + ")"};
    // A spreadsheet's binary fractions make 2.0000000000000004 of two: what is a billionth above a whole number is that number.
    case Op::ceiling: return {"ROUNDUP(ROUND(" + sub(node.a).text + ",9),0)"};
    case Op::root12: return {"POWER(" + sub(node.a).text + ",1/12)"};
    case Op::choose: return {"IF(" + in(sub(node.a), Binding::sum) + ">=0," + sub(node.b).text + "," + sub(node.c).text + ")"};
  }
  return {};
}

}  // namespace

std::string print_formula(const Sheet& sheet, NodeId formula, const FormulaNames& names) { return printed(sheet, formula, names).text; }

}  // namespace demarc::planning
