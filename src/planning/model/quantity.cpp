#include "planning/model/quantity.hpp"

#include <array>

namespace demarc::planning {
namespace {

constexpr std::array<std::string_view, 4> kConfidences = {"measured", "high", "medium", "low"};
constexpr std::array<std::string_view, 5> kSpreads = {"triangular", "lognormal", "log-triangular", "beta", "bernoulli"};
constexpr std::array<std::string_view, 9> kUnits = {"USD", "%", "", "months", "W", "×", "h", "GB", "/s"};

template <class Enum, std::size_t n>
std::optional<Enum> find(const std::array<std::string_view, n>& names, std::string_view name) {
  for (std::size_t i = 0; i < n; ++i)
    if (names[i] == name) return static_cast<Enum>(i);
  return {};
}

}  // namespace

std::string_view to_string(Confidence confidence) { return kConfidences[static_cast<std::size_t>(confidence)]; }
std::optional<Confidence> parse_confidence(std::string_view name) { return find<Confidence>(kConfidences, name); }
std::string_view to_string(Unit unit) { return kUnits[static_cast<std::size_t>(unit)]; }
std::string_view to_string(Spread spread) { return kSpreads[static_cast<std::size_t>(spread)]; }
std::optional<Spread> parse_spread(std::string_view name) { return find<Spread>(kSpreads, name); }

}  // namespace demarc::planning
