#include "planning/simulate/program.hpp"

#include <algorithm>
#include <cmath>

#include "base/check.hpp"

// One function for all lanes of a step, compiled for AVX2 and for any x86-64; the loader picks.
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__) && !__has_feature(thread_sanitizer) && !__has_feature(address_sanitizer)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("avx2", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif

namespace demarc::planning {
namespace {

double applied(Op op, double a, double b, double c) {
  switch (op) {
    case Op::add: return a + b;
    case Op::subtract: return a - b;
    case Op::multiply: return a * b;
    case Op::divide: return a / b;
    case Op::smaller: return a < b ? a : b;
    case Op::larger: return a > b ? a : b;
    case Op::ceiling: return std::ceil(a - 1e-9);  // as the spreadsheet's ROUNDUP(ROUND(a,9),0)
    case Op::root12: return std::pow(a, 1.0 / 12);
    case Op::choose: return a >= 0 ? b : c;
    case Op::number:
    case Op::input:
    case Op::cell: break;
  }
  CHECK(false);
}

FOR_EACH_PROCESSOR void lanes(Op op, double* into, const double* a, const double* b, const double* c) {
  switch (op) {
    case Op::add:
      for (std::size_t i = 0; i < kLanes; ++i) into[i] = a[i] + b[i];
      return;
    case Op::subtract:
      for (std::size_t i = 0; i < kLanes; ++i) into[i] = a[i] - b[i];
      return;
    case Op::multiply:
      for (std::size_t i = 0; i < kLanes; ++i) into[i] = a[i] * b[i];
      return;
    case Op::divide:
      for (std::size_t i = 0; i < kLanes; ++i) into[i] = a[i] / b[i];
      return;
    case Op::smaller:
      for (std::size_t i = 0; i < kLanes; ++i) into[i] = a[i] < b[i] ? a[i] : b[i];
      return;
    case Op::larger:
      for (std::size_t i = 0; i < kLanes; ++i) into[i] = a[i] > b[i] ? a[i] : b[i];
      return;
    case Op::choose:
      for (std::size_t i = 0; i < kLanes; ++i) into[i] = a[i] >= 0 ? b[i] : c[i];
      return;
    case Op::ceiling:
    case Op::root12:
    case Op::number:
    case Op::input:
    case Op::cell:
      for (std::size_t i = 0; i < kLanes; ++i) into[i] = applied(op, a[i], 0, 0);
      return;
  }
}

// The same where one side is a constant: half the memory is read.
FOR_EACH_PROCESSOR void lanes_by(Op op, double* into, const double* a, double b) {
  switch (op) {
    case Op::add:
      for (std::size_t i = 0; i < kLanes; ++i) into[i] = a[i] + b;
      return;
    case Op::subtract:
      for (std::size_t i = 0; i < kLanes; ++i) into[i] = a[i] - b;
      return;
    case Op::multiply:
      for (std::size_t i = 0; i < kLanes; ++i) into[i] = a[i] * b;
      return;
    default: CHECK(false);
  }
}

int operands_of(Op op) {
  switch (op) {
    case Op::number:
    case Op::input: return 0;
    case Op::cell:
    case Op::ceiling:
    case Op::root12: return 1;
    case Op::add:
    case Op::subtract:
    case Op::multiply:
    case Op::divide:
    case Op::smaller:
    case Op::larger: return 2;
    case Op::choose: return 3;
  }
  return 0;
}

}  // namespace

Program::Program(const Sheet& sheet, const std::vector<std::uint32_t>& drawn, const std::vector<std::uint32_t>& wanted) {
  const std::vector<Node>& nodes = sheet.nodes();
  std::vector<std::int64_t> place_of_input(sheet.inputs().size(), -1);
  for (std::size_t i = 0; i < drawn.size(); ++i) place_of_input[drawn[i]] = static_cast<std::int64_t>(i);

  // From the ends: what is needed at all.
  std::vector<bool> needed(nodes.size());
  std::vector<NodeId> open;
  for (const std::uint32_t cell : wanted) open.push_back(sheet.cells()[cell].formula);
  while (!open.empty()) {
    const NodeId at = open.back();
    open.pop_back();
    if (needed[at]) continue;
    needed[at] = true;
    const int count = operands_of(nodes[at].op);
    if (count > 0) open.push_back(nodes[at].a);
    if (count > 1) open.push_back(nodes[at].b);
    if (count > 2) open.push_back(nodes[at].c);
  }

  // From the beginning: constants fold, cells are their formulas, the rest is a step. `at` of an operand is the step that makes it, for now.
  std::vector<Operand> value(nodes.size());
  const auto is = [](const Operand& x, double number) { return x.constant && x.number == number; };
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (!needed[i]) continue;
    const Node& node = nodes[i];
    const Operand a = value[node.a], b = value[node.b], c = value[node.c];
    if (node.op == Op::number) {
      value[i].number = node.number.to_double();
    } else if (node.op == Op::input) {
      const std::int64_t place = place_of_input[node.index];
      if (place < 0)
        value[i].number = sheet.inputs()[node.index].quantity.value.to_double();
      else
        value[i] = {.constant = false, .at = static_cast<std::uint32_t>(place), .drawn = true};
    } else if (node.op == Op::cell) {
      value[i] = a;
    } else if (node.op == Op::choose && a.constant) {
      value[i] = a.number >= 0 ? b : c;
    } else if (a.constant && (operands_of(node.op) < 2 || b.constant) && (operands_of(node.op) < 3 || c.constant)) {
      value[i].number = applied(node.op, a.number, b.number, c.number);
    } else if ((node.op == Op::add && is(a, 0)) || (node.op == Op::multiply && is(a, 1))) {
      value[i] = b;
    } else if (((node.op == Op::add || node.op == Op::subtract) && is(b, 0)) || ((node.op == Op::multiply || node.op == Op::divide) && is(b, 1))) {
      value[i] = a;
    } else if (node.op == Op::multiply && (is(a, 0) || is(b, 0))) {
      value[i].number = 0;
    } else {
      Step step{node.op, 0, a, b, c};
      if (node.op == Op::divide && b.constant && b.number != 0) step.op = Op::multiply, step.b.number = 1 / b.number;
      if ((step.op == Op::add || step.op == Op::multiply) && step.a.constant) std::swap(step.a, step.b);
      steps_.push_back(step);
      value[i] = {.constant = false, .at = static_cast<std::uint32_t>(steps_.size() - 1)};
    }
  }
  for (const std::uint32_t cell : wanted) results_.push_back({value[sheet.cells()[cell].formula]});

  // Registers: free again after the last step that reads them. Results are copied out as soon as they are made.
  std::vector<std::int64_t> last_use(steps_.size(), -1);
  const auto uses = [&](const Operand& operand, std::size_t step) {
    if (!operand.constant && !operand.drawn) last_use[operand.at] = static_cast<std::int64_t>(step);
  };
  for (std::size_t s = 0; s < steps_.size(); ++s) uses(steps_[s].a, s), uses(steps_[s].b, s), uses(steps_[s].c, s);
  for (std::size_t r = 0; r < results_.size(); ++r) {
    ResultFrom& result = results_[r];
    if (result.from.constant || result.from.drawn) continue;
    result.after = result.from.at;
    takes_.emplace_back(result.after, static_cast<std::uint32_t>(r));
  }
  std::ranges::sort(takes_);
  std::vector<std::uint32_t> register_of(steps_.size()), free;
  for (std::size_t s = 0; s < steps_.size(); ++s) {
    Step& step = steps_[s];
    std::vector<std::uint32_t> ended;
    for (Operand* operand : {&step.a, &step.b, &step.c}) {
      if (operand->constant || operand->drawn) continue;
      const std::uint32_t made_by = operand->at;
      operand->at = register_of[made_by];
      if (last_use[made_by] == static_cast<std::int64_t>(s) && std::ranges::find(ended, operand->at) == ended.end()) ended.push_back(operand->at);
    }
    // Lanes do not depend on each other, so a step may write over what it reads.
    for (const std::uint32_t one : ended) free.push_back(one);
    if (free.empty()) free.push_back(static_cast<std::uint32_t>(registers_++));
    step.into = register_of[s] = free.back();
    free.pop_back();
    if (last_use[s] < 0) free.push_back(step.into);
  }
  for (ResultFrom& result : results_)
    if (result.after >= 0) result.from.at = register_of[result.from.at];
}

void Program::run(Scratch& scratch, const std::vector<Lanes>& draws) const {
  Lanes constants[3];  // NOLINT(modernize-avoid-c-arrays)
  const auto lanes_of = [&](const Operand& operand, std::size_t which) -> const double* {
    if (operand.constant) return constants[which].fill(operand.number), constants[which].data();
    return operand.drawn ? draws[operand.at].data() : scratch.registers_[operand.at].data();
  };
  std::size_t take = 0;
  for (std::size_t s = 0; s < steps_.size(); ++s) {
    const Step& step = steps_[s];
    double* into = scratch.registers_[step.into].data();
    const bool by_constant = step.b.constant && !step.a.constant && (step.op == Op::add || step.op == Op::subtract || step.op == Op::multiply);
    if (by_constant)
      lanes_by(step.op, into, lanes_of(step.a, 0), step.b.number);
    else
      lanes(step.op, into, lanes_of(step.a, 0), lanes_of(step.b, 1), lanes_of(step.c, 2));
    for (; take < takes_.size() && takes_[take].first == static_cast<std::int64_t>(s); ++take)
      scratch.results_[takes_[take].second] = scratch.registers_[step.into];
  }
  for (std::size_t r = 0; r < results_.size(); ++r) {
    if (results_[r].from.constant) scratch.results_[r].fill(results_[r].from.number);
    if (results_[r].from.drawn) scratch.results_[r] = draws[results_[r].from.at];
  }
}

}  // namespace demarc::planning
