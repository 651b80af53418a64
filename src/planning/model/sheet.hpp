// Sheet: the model as a spreadsheet holds it: inputs, and cells that are formulas over inputs and earlier cells.
//
//   Sheet sheet;
//   Expr watts = sheet.input({.name = "cluster.a.watts", .value = …});
//   Expr usd = sheet.cell("cluster.a.power.usd", Unit::usd, "electricity", watts * hours / thousand, 7);     // month 7
//   auto values = evaluate(sheet);                                  // exactly, in Decimals
//
// One description, three uses: it is evaluated exactly (evaluate), printed as live formulas (planning/report writes the XLSX from it, print_formula
// says it in words for --why), and compiled to lanes of doubles for Monte Carlo (planning/simulate). So what a report shows, what a spreadsheet
// recomputes and what the draws draw from cannot be different models. Cells refer to what stands before them, so a cycle cannot be written. Built by
// one thread, then read by any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "base/strings.hpp"
#include "planning/model/decimal.hpp"
#include "planning/model/quantity.hpp"

namespace demarc::planning {

enum class Op : std::uint8_t {
  number,  // a literal
  input,   // inputs()[index]
  cell,    // the value of an earlier named cell: cells()[index]
  add,
  subtract,
  multiply,
  divide,
  smaller,  // min(a, b)
  larger,   // max(a, b)
  ceiling,  // ⌈a⌉
  root12,   // twelfth root of a, which is not negative: what a yearly factor is in a month
  choose,   // a ≥ 0 ? b : c; the branch that is not taken is not looked at
};

using NodeId = std::uint32_t;

struct Node {
  Op op = Op::number;
  NodeId a = 0, b = 0, c = 0;
  std::uint32_t index = 0;  // of an input or cell
  Decimal number;
};

class Sheet;
struct Expr {  // a node of a sheet under construction
  Sheet* sheet = nullptr;
  NodeId node = 0;
};

inline constexpr int kNoMonth = -1;

struct Cell {
  std::string name;      // "cloud.triage.usd"; with a month it is written "cloud.triage.usd[7]"
  int month = kNoMonth;  // 0: the day the hardware is paid
  Unit unit = Unit::usd;
  std::string label;  // plain words
  NodeId formula = 0;
};

class Sheet {
 public:
  Expr input(Input input);
  Expr number(Decimal value);
  Expr number(std::int64_t value) { return number(Decimal::of(value)); }
  // Gives a formula a name and a place; what it gives back refers to that place.
  Expr cell(std::string name, Unit unit, std::string label, Expr formula, int month = kNoMonth);
  Expr combine(Op op, Expr a, Expr b = {}, Expr c = {});

  [[nodiscard]] const std::vector<Node>& nodes() const { return nodes_; }
  [[nodiscard]] const std::vector<Input>& inputs() const { return inputs_; }
  [[nodiscard]] const std::vector<Cell>& cells() const { return cells_; }
  [[nodiscard]] std::optional<std::uint32_t> find_cell(std::string_view name) const;  // "name" or "name[7]"
  [[nodiscard]] std::optional<std::uint32_t> find_input(std::string_view name) const;
  void set_input(std::uint32_t index, Decimal value) { inputs_[index].quantity.value = value; }

 private:
  using Names = std::unordered_map<std::string, std::uint32_t, TransparentHash, std::equal_to<>>;
  std::vector<Node> nodes_;
  std::vector<Input> inputs_;
  std::vector<Cell> cells_;
  std::vector<NodeId> cell_nodes_;
  Names cell_names_, input_names_;
};

std::string name_of(const Cell& cell);

inline Expr operator+(Expr a, Expr b) { return a.sheet->combine(Op::add, a, b); }
inline Expr operator-(Expr a, Expr b) { return a.sheet->combine(Op::subtract, a, b); }
inline Expr operator*(Expr a, Expr b) { return a.sheet->combine(Op::multiply, a, b); }
inline Expr operator/(Expr a, Expr b) { return a.sheet->combine(Op::divide, a, b); }
inline Expr smaller(Expr a, Expr b) { return a.sheet->combine(Op::smaller, a, b); }
inline Expr larger(Expr a, Expr b) { return a.sheet->combine(Op::larger, a, b); }
inline Expr ceiling(Expr a) { return a.sheet->combine(Op::ceiling, a); }
inline Expr root12(Expr a) { return a.sheet->combine(Op::root12, a); }
inline Expr choose(Expr at_least_zero, Expr then, Expr otherwise) { return then.sheet->combine(Op::choose, at_least_zero, then, otherwise); }

struct SheetError {
  std::string cell;     // whose formula has no value
  std::string message;  // what to look at
};

// The values of all cells, in their order. Inputs are taken from `inputs` (as many as the sheet has) if given, else from the sheet.
Result<std::vector<Decimal>, SheetError> evaluate(const Sheet& sheet, const std::vector<Decimal>* inputs = nullptr);
std::vector<Decimal> input_values(const Sheet& sheet);

// How operands are written; a formula printer asks for the text of inputs and cells, the rest is the same for --why and for spreadsheets.
struct FormulaNames {
  virtual ~FormulaNames() = default;
  [[nodiscard]] virtual std::string input(std::uint32_t index) const = 0;
  [[nodiscard]] virtual std::string cell(std::uint32_t index) const = 0;
};
std::string print_formula(const Sheet& sheet, NodeId formula, const FormulaNames& names);  // in the language of spreadsheets, without "="

}  // namespace demarc::planning
