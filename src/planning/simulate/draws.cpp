#include "planning/simulate/draws.hpp"

#include <algorithm>
#include <boost/math/distributions/beta.hpp>
#include <cmath>

#include "base/check.hpp"

namespace demarc::planning {
namespace {

constexpr double kFive = 1.6448536269514722;  // the normal quantile of 95 %
constexpr std::size_t kTable = 1024;

// Splitmix64's finish over a counter: every bit of seed, input and draw moves every bit of the result.
std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

double uniform(std::uint64_t key, std::uint64_t draw) {  // in (0, 1)
  return (static_cast<double>(mixed(key + (draw + 1) * 0x9e3779b97f4a7c15ULL) >> 11) + 0.5) * 0x1.0p-53;
}

double triangular(double u, double low, double mode, double high) {
  const double width = high - low;
  if (width <= 0) return mode;
  const double below = (mode - low) / width;
  return u < below ? low + std::sqrt(u * width * (mode - low)) : high - std::sqrt((1 - u) * width * (high - mode));
}

}  // namespace

// Acklam's rational approximation, with one step of Halley's method.
double normal_quantile(double u) {
  const auto central = [](double p) {
    const double q = p - 0.5, r = q * q;
    return (((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r + 138.3577518672690) * r - 30.66479806614716) * r +
            2.506628277459239) *
           q / (((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r + 66.80131188771972) * r - 13.28068155288572) * r + 1);
  };
  const auto tail = [](double p) {
    const double q = std::sqrt(-2 * std::log(p));
    return (((((-0.007784894002430293 * q - 0.3223964580411365) * q - 2.400758277161838) * q - 2.549732539343734) * q + 4.374664141464968) * q +
            2.938163982698783) /
           ((((0.007784695709041462 * q + 0.3224671290700398) * q + 2.445134137142996) * q + 3.754408661907416) * q + 1);
  };
  double x = u < 0.02425 ? tail(u) : u > 1 - 0.02425 ? -tail(1 - u) : central(u);
  const double error = normal_distribution(x) - u;
  const double step = error * std::sqrt(2 * M_PI) * std::exp(x * x / 2);
  x -= step / (1 + x * step / 2);
  return x;
}

double normal_distribution(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

Result<Draws, std::string> Draws::of(const Sheet& sheet, const std::vector<Correlation>& correlations, std::uint64_t seed) {
  Draws out;
  out.seed_ = mixed(seed ^ 0xd1b54a32d192ed03ULL);
  for (std::uint32_t i = 0; i < sheet.inputs().size(); ++i) {
    const Quantity& q = sheet.inputs()[i].quantity;
    const bool event = sheet.inputs()[i].per_month;
    if (!event && (!q.low || *q.low == *q.high)) continue;
    One one{.spread = event ? Spread::bernoulli : q.spread, .mode = q.value.to_double()};
    if (!event) one.low = q.low->to_double(), one.high = q.high->to_double();
    if (one.spread == Spread::beta) {  // PERT: alpha and beta put the mode where it is said
      const double width = one.high - one.low;
      const boost::math::beta_distribution<double> shape(1 + 4 * (one.mode - one.low) / width, 1 + 4 * (one.high - one.mode) / width);
      for (std::size_t at = 0; at <= kTable; ++at)
        one.table.push_back(one.low + width * boost::math::quantile(shape, static_cast<double>(at) / kTable));
    }
    out.inputs_.push_back(i), out.ones_.push_back(std::move(one));
  }
  for (const Correlation& c : correlations) {
    const auto place = [&](const std::string& name) {
      const auto input = sheet.find_input(name);
      return input ? std::ranges::find(out.inputs_, *input) - out.inputs_.begin() : static_cast<std::ptrdiff_t>(out.inputs_.size());
    };
    const auto a = place(c.a), b = place(c.b), none = static_cast<std::ptrdiff_t>(out.inputs_.size());
    if (a == none || b == none) return fail("correlations: '" + (a == none ? c.a : c.b) + "' is no input with a low and a high");
    One& one = out.ones_[static_cast<std::size_t>(b)];
    if (a == b || one.parent >= 0 || out.ones_[static_cast<std::size_t>(a)].parent >= 0)
      return fail("correlations: '" + c.b + "' would depend on more than one input, or on one that depends itself");
    one.parent = a, one.rho = c.rho.to_double();
  }
  for (std::size_t i = 0; i < out.ones_.size(); ++i)
    for (const One& other : out.ones_)
      if (other.parent == static_cast<std::int64_t>(i) && out.ones_[i].parent >= 0)
        return fail(std::string("correlations: a chain of three inputs; name pairs"));
  return out;
}

double Draws::quantile(const One& one, double u) const {
  switch (one.spread) {
    case Spread::triangular: return triangular(u, one.low, one.mode, one.high);
    case Spread::lognormal: return one.mode * std::exp(normal_quantile(u) * std::log(one.high / one.low) / (2 * kFive));
    case Spread::log_triangular: {  // of a change in percent a year
      const auto log_of = [](double percent) { return std::log1p(percent / 100); };
      return std::expm1(triangular(u, log_of(one.low), log_of(one.mode), log_of(one.high))) * 100;
    }
    case Spread::beta: {
      const double at = u * kTable;
      const auto below = std::min(static_cast<std::size_t>(at), kTable - 1);
      return one.table[below] + (at - static_cast<double>(below)) * (one.table[below + 1] - one.table[below]);
    }
    case Spread::bernoulli: return u * 100 < one.mode ? 100 : 0;
  }
  return one.mode;
}

void Draws::fill(std::uint64_t first_draw, std::vector<Lanes>& lanes) const {
  CHECK(lanes.size() == ones_.size());
  for (std::size_t i = 0; i < ones_.size(); ++i) {
    const One& one = ones_[i];
    const std::uint64_t key = mixed(seed_ + (inputs_[i] + 1) * 0xd6e8feb86659fd93ULL);
    const std::uint64_t parent_key = one.parent < 0 ? 0 : mixed(seed_ + (inputs_[static_cast<std::size_t>(one.parent)] + 1) * 0xd6e8feb86659fd93ULL);
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      double u = uniform(key, first_draw + lane);
      if (one.parent >= 0) {
        const double shared = normal_quantile(uniform(parent_key, first_draw + lane));
        u = normal_distribution(one.rho * shared + std::sqrt(1 - one.rho * one.rho) * normal_quantile(u));
        u = std::clamp(u, 1e-15, 1 - 1e-15);
      }
      lanes[i][lane] = quantile(one, u);
    }
  }
}

}  // namespace demarc::planning
