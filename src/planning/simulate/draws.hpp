// Draws: values of uncertain inputs for each draw of a Monte Carlo run. Counter-based: the draw number, the input and the seed alone decide a value,
// so a run gives the same figures with one thread or eight, and draw 71,003 can be looked at by itself.
//
//   auto draws = Draws::of(model.sheet, plan.correlations, seed);
//   draws->fill(first_draw, lanes);                    // lanes[i]: kLanes values of draws.inputs()[i]
//
// Correlated inputs share a normal variate (a Gaussian copula): each is correlated with one other at most. Immutable; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "planning/model/plan.hpp"
#include "planning/simulate/program.hpp"

namespace demarc::planning {

class Draws {
 public:
  // Inputs that have a low and a high, and monthly events. Fails on a correlation that names an input that is not among them.
  static Result<Draws, std::string> of(const Sheet& sheet, const std::vector<Correlation>& correlations, std::uint64_t seed);

  [[nodiscard]] const std::vector<std::uint32_t>& inputs() const { return inputs_; }
  void fill(std::uint64_t first_draw, std::vector<Lanes>& lanes) const;

 private:
  struct One {
    Spread spread = Spread::triangular;
    double low = 0, mode = 0, high = 0;
    std::vector<double> table;  // quantiles, where no formula gives them (beta)
    std::int64_t parent = -1;   // whose normal variate this one shares, by rho
    double rho = 0;
  };
  [[nodiscard]] double quantile(const One& one, double u) const;

  std::vector<std::uint32_t> inputs_;
  std::vector<One> ones_;
  std::uint64_t seed_ = 0;
};

double normal_quantile(double u);  // 0 < u < 1, within 1e-9
double normal_distribution(double x);

}  // namespace demarc::planning
