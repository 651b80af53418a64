#include "planning/simulate/sensitivity.hpp"

#include <algorithm>
#include <cmath>

#include "base/check.hpp"

namespace demarc::planning {
namespace {

Decimal part(Decimal of, std::int64_t percent) { return divide(*multiply(of, Decimal::of(percent)), Decimal::of(100)).value_or(of); }

// The cells with some inputs set otherwise; nullopt where the model has no value there.
std::optional<std::vector<Decimal>> cells_with(const Model& model, const std::vector<std::pair<std::uint32_t, Decimal>>& set) {
  std::vector<Decimal> inputs = input_values(model.sheet);
  for (const auto& [input, value] : set) inputs[input] = value;
  auto cells = evaluate(model.sheet, &inputs);
  return cells ? std::optional(std::move(*cells)) : std::nullopt;
}

}  // namespace

Decimal Bar::width() const { return npv_at_high > npv_at_low ? *subtract(npv_at_high, npv_at_low) : *subtract(npv_at_low, npv_at_high); }

std::vector<Bar> tornado(const Model& model) {
  std::vector<Bar> bars;
  for (std::uint32_t i = 0; i < model.sheet.inputs().size(); ++i) {
    const Input& input = model.sheet.inputs()[i];
    if (input.per_month) continue;  // a chance in one month; all of them together are another question
    const Quantity& q = input.quantity;
    Bar bar{.input = i, .own_range = q.low.has_value()};
    bar.low = q.low ? *q.low : part(q.value, q.value < Decimal() ? 120 : 80);
    bar.high = q.high ? *q.high : part(q.value, q.value < Decimal() ? 80 : 120);
    bar.low = std::max(bar.low, input.lowest), bar.high = std::min(bar.high, input.highest);
    if (bar.low == bar.high) continue;
    const auto low = cells_with(model, {{i, bar.low}}), high = cells_with(model, {{i, bar.high}});
    if (!low || !high) continue;
    bar.npv_at_low = (*low)[model.out.npv], bar.npv_at_high = (*high)[model.out.npv];
    if (bar.npv_at_low != bar.npv_at_high) bars.push_back(bar);
  }
  std::ranges::sort(bars, [](const Bar& a, const Bar& b) { return a.width() == b.width() ? a.input < b.input : a.width() > b.width(); });
  return bars;
}

std::optional<BreakEven> break_even(const Model& model) {
  const auto volume = model.sheet.find_input("volume_percent");
  CHECK(volume.has_value());
  const Decimal today = model.sheet.inputs()[*volume].quantity.value;
  const auto npv_at = [&](Decimal percent) {
    const auto cells = cells_with(model, {{*volume, percent}});
    return cells ? std::optional((*cells)[model.out.npv]) : std::nullopt;
  };
  // Machines are whole, so the curve has steps: the crossing that matters is the one nearest to today, looked for outwards in steps of an eighth.
  std::optional<std::pair<Decimal, Decimal>> around;
  const auto now = npv_at(today);
  if (!now) return {};
  Decimal up = today, down = today, up_value = *now, down_value = *now;
  for (int step = 0; step < 39 && !around; ++step) {  // 1.125^39 is a hundred
    const Decimal further_up = part(up, 112), further_down = part(down, 89);
    if (const auto value = npv_at(further_up)) {
      if ((*value >= Decimal()) != (up_value >= Decimal())) around = {up, further_up};
      up = further_up, up_value = *value;
    }
    if (const auto value = npv_at(further_down); value && !around) {
      if ((*value >= Decimal()) != (down_value >= Decimal())) around = {further_down, down};
      down = further_down, down_value = *value;
    }
  }
  if (!around) return {};
  auto [low, high] = *around;
  const bool above = npv_at(high).value_or(Decimal()) >= Decimal();
  for (int step = 0; step < 40; ++step) {
    const Decimal middle = Decimal::from_units((low.units() + high.units()) / 2);
    const bool worth = npv_at(middle).value_or(Decimal()) >= Decimal();
    (worth == above ? high : low) = middle;
  }
  BreakEven out{.volume_percent = divide(*multiply(high, Decimal::of(100)), today).value_or(high), .above = above};
  const auto cells = cells_with(model, {{*volume, high}});
  if (cells && !model.out.clusters.empty()) out.utilisation = (*cells)[model.out.clusters.front().utilisation_last];
  return out;
}

Surface npv_surface(const Model& model, int steps) {
  CHECK(steps >= 2);
  const auto volume = model.sheet.find_input("volume_percent"), price = model.sheet.find_input("cloud.price_percent");
  CHECK(volume && price);
  Surface out;
  const auto scaled = [&](Decimal today, double from, double to, int at) {  // evenly in the logarithm
    const double factor = from * std::pow(to / from, static_cast<double>(at) / (steps - 1));
    return part(today, static_cast<std::int64_t>(std::lround(factor * 100)));
  };
  for (int i = 0; i < steps; ++i) {
    out.volume_percent.push_back(scaled(model.sheet.inputs()[*volume].quantity.value, 0.25, 4, i));
    out.price_percent.push_back(scaled(model.sheet.inputs()[*price].quantity.value, 0.25, 2, i));
  }
  for (const Decimal& v : out.volume_percent)
    for (const Decimal& p : out.price_percent) {
      const auto cells = cells_with(model, {{*volume, v}, {*price, p}});
      out.npv.push_back(cells ? (*cells)[model.out.npv] : Decimal());
    }
  return out;
}

}  // namespace demarc::planning
