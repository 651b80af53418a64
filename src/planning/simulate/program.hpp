// Program: a Sheet compiled for many draws at once. Each node of the sheet that an asked-for cell needs becomes one instruction over `kLanes`
// doubles; what no draw changes is computed once while compiling, and registers are reused as soon as their value was used for the last time, so that
// a model of thousands of nodes stays in the processor's cache.
//
//   Program program(model.sheet, drawn_inputs, {model.out.npv});
//   Program::Scratch scratch(program);
//   program.run(scratch, draws);                     // draws[i]: kLanes values of drawn input i
//   scratch.result(0)[lane]
//
// Doubles, not Decimals: draws are approximate by nature. The program itself is immutable; a Scratch belongs to one thread.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "planning/model/sheet.hpp"

namespace demarc::planning {

inline constexpr std::size_t kLanes = 128;
using Lanes = std::array<double, kLanes>;

class Program {
 public:
  // `drawn`: the inputs that differ from draw to draw, in the order in which run() is given them. `wanted`: cells.
  Program(const Sheet& sheet, const std::vector<std::uint32_t>& drawn, const std::vector<std::uint32_t>& wanted);

  class Scratch {
   public:
    explicit Scratch(const Program& program) : registers_(program.registers_), results_(program.results_.size()) {}
    [[nodiscard]] const Lanes& result(std::size_t wanted) const { return results_[wanted]; }

   private:
    friend class Program;
    std::vector<Lanes> registers_, results_;
  };
  void run(Scratch& scratch, const std::vector<Lanes>& draws) const;
  [[nodiscard]] std::size_t instructions() const { return steps_.size(); }
  [[nodiscard]] std::size_t registers() const { return registers_; }

 private:
  struct Operand {
    bool constant = true;
    double number = 0;
    std::uint32_t at = 0;  // register, or drawn input if `drawn`
    bool drawn = false;
  };
  struct Step {
    Op op;
    std::uint32_t into;
    Operand a, b, c;
  };
  struct ResultFrom {
    Operand from;
    std::int64_t after = -1;  // taken when this step was run: its register may be reused later
  };
  std::vector<Step> steps_;
  std::vector<ResultFrom> results_;
  std::vector<std::pair<std::int64_t, std::uint32_t>> takes_;  // (step, result), rising
  std::size_t registers_ = 0;
};

}  // namespace demarc::planning
