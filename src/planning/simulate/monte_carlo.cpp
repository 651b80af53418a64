#include "planning/simulate/monte_carlo.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <thread>

#include "core/json/writer.hpp"
#include "planning/model/why.hpp"
#include "planning/simulate/draws.hpp"

namespace demarc::planning {
namespace {

// In place; the order of `values` is lost.
Percentiles percentiles_of(std::vector<double>& values) {
  Percentiles out;
  auto begin = values.begin();
  const auto at = [&](double share) {
    const auto nth = values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
    std::nth_element(begin, nth, values.end());
    begin = nth;
    return *nth;
  };
  out.p5 = at(0.05), out.p10 = at(0.10), out.p50 = at(0.50), out.p90 = at(0.90), out.p95 = at(0.95);
  return out;
}

void in_parallel(unsigned threads, const std::function<void(unsigned)>& body) {
  std::vector<std::jthread> others;
  for (unsigned t = 1; t < threads; ++t) others.emplace_back([&body, t] { body(t); });
  body(0);
}

void percentiles_json(JsonWriter& json, std::string_view name, const Percentiles& p) {
  json.object(
      name, [&] { json.field("p5", p.p5), json.field("p10", p.p10), json.field("p50", p.p50), json.field("p90", p.p90), json.field("p95", p.p95); });
}

std::string usd(double value) { return print_value(Decimal::nearest(std::clamp(std::round(value), -1e14, 1e14)), Unit::usd); }
std::string usd_whole(double value) {
  std::string text = usd(value);
  return text.ends_with(".00") ? text.substr(0, text.size() - 3) : text;
}
std::string months(double value) { return print_value(Decimal::nearest(std::min(value, 1e9)), Unit::months); }
std::string share(double value) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%.1f %%", value * 100);
  return text.data();
}

}  // namespace

Result<Outcome, std::string> simulate(const Model& model, const std::vector<Correlation>& correlations, const SimulateOptions& options) {
  const auto began = std::chrono::steady_clock::now();
  const Draws draws = TRY(Draws::of(model.sheet, correlations, options.seed));
  std::vector<std::uint32_t> wanted = {model.out.npv, model.out.payback_months, model.out.investment};
  wanted.insert(wanted.end(), model.out.cumulative.begin(), model.out.cumulative.end());
  const Program program(model.sheet, draws.inputs(), wanted);

  const std::uint64_t blocks = (std::clamp<std::uint64_t>(options.draws, 1, kMostDraws) + kLanes - 1) / kLanes;
  const unsigned cores = std::clamp(std::thread::hardware_concurrency(), 1U, 8U);
  const unsigned threads = options.threads == 0 ? cores : std::min(options.threads, 8U);
  std::vector<std::vector<double>> all(wanted.size(), std::vector<double>(blocks * kLanes));
  in_parallel(threads, [&](unsigned thread) {
    Program::Scratch scratch(program);
    std::vector<Lanes> lanes(draws.inputs().size());
    for (std::uint64_t block = thread; block < blocks; block += threads) {
      draws.fill(block * kLanes, lanes);
      program.run(scratch, lanes);
      for (std::size_t r = 0; r < wanted.size(); ++r)
        std::ranges::copy(scratch.result(r), all[r].begin() + static_cast<std::ptrdiff_t>(block * kLanes));
    }
  });

  Outcome out{.draws = blocks * kLanes, .seed = options.seed, .drawn_inputs = draws.inputs().size(), .instructions = program.instructions()};
  const auto count = static_cast<double>(out.draws);
  const auto part = [&](auto&& holds) {
    std::uint64_t found = 0;
    for (std::uint64_t i = 0; i < out.draws; ++i) found += holds(i) ? 1 : 0;
    return static_cast<double>(found) / count;
  };
  const std::vector<double>& npv = all[0];
  const std::vector<double>& payback = all[1];
  for (const std::vector<double>& values : all)
    if (std::ranges::any_of(values, [](double v) { return !std::isfinite(v); }))
      return fail(std::string("a draw has no value: an input's low or high makes the model divide by zero"));
  out.npv_positive = part([&](std::uint64_t i) { return npv[i] > 0; });
  out.payback_within_12 = part([&](std::uint64_t i) { return payback[i] <= 12; });
  out.payback_within_24 = part([&](std::uint64_t i) { return payback[i] <= 24; });
  out.payback_ever = part([&](std::uint64_t i) { return payback[i] < static_cast<double>(kNeverMonths); });
  out.worth_it = part([&](std::uint64_t i) { return payback[i] < static_cast<double>(kNeverMonths) && npv[i] > 0; });
  std::vector<Percentiles> found(all.size());
  in_parallel(threads, [&](unsigned thread) {
    for (std::size_t r = thread; r < all.size(); r += threads) found[r] = percentiles_of(all[r]);
  });
  out.npv = found[0], out.payback_months = found[1], out.investment = found[2];
  out.cumulative.assign(found.begin() + 3, found.end());
  out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  return out;
}

std::string print(const Outcome& o) {
  std::string out =
      std::to_string(o.draws) + " draws of " + std::to_string(o.drawn_inputs) + " uncertain inputs, seed " + std::to_string(o.seed) + "\n";
  if (o.drawn_inputs == 0) out += "No input has a low and a high, so every draw is the same: give them in plan.yaml.\n";
  out += "                          10 % below        median    10 % above\n";
  const auto line = [&](std::string name, const std::string& a, const std::string& b, const std::string& c) {
    const auto right = [](const std::string& text) { return std::string(text.size() < 14 ? 14 - text.size() : 1, ' ') + text; };
    name.resize(22, ' ');
    out += name + right(a) + right(b) + right(c) + "\n";
  };
  line("net present value", usd_whole(o.npv.p10), usd_whole(o.npv.p50), usd_whole(o.npv.p90));
  line("payback", months(o.payback_months.p10), months(o.payback_months.p50), months(o.payback_months.p90));
  line("paid first", usd_whole(o.investment.p10), usd_whole(o.investment.p50), usd_whole(o.investment.p90));
  out += "pays back within 12 months in " + share(o.payback_within_12) + " of the draws, within 24 in " + share(o.payback_within_24) + ", ever in " +
         share(o.payback_ever) + "\n";
  out += "net present value above zero in " + share(o.npv_positive) + "; pays back and is worth it in " + share(o.worth_it) + "\n";
  return out;
}

std::string to_json(const Outcome& o) {
  std::string out;
  JsonWriter json(out);
  const auto never = [](Percentiles p) {  // JSON has no "never": null, as for what is not finite
    for (double* value : {&p.p5, &p.p10, &p.p50, &p.p90, &p.p95})
      if (*value >= static_cast<double>(kNeverMonths)) *value = INFINITY;
    return p;
  };
  json.object([&] {
    json.field("draws", o.draws), json.field("seed", o.seed), json.field("drawn_inputs", o.drawn_inputs), json.field("instructions", o.instructions),
        json.field("seconds", o.seconds);
    percentiles_json(json, "npv_usd", o.npv), percentiles_json(json, "payback_months", never(o.payback_months)),
        percentiles_json(json, "investment_usd", o.investment);
    json.object("share_of_draws", [&] {
      json.field("npv_positive", o.npv_positive), json.field("payback_within_12_months", o.payback_within_12),
          json.field("payback_within_24_months", o.payback_within_24);
      json.field("payback_ever", o.payback_ever), json.field("worth_it", o.worth_it);
    });
    json.array("cumulative_usd", [&] {
      for (const Percentiles& p : o.cumulative)
        json.object(
            [&] { json.field("p5", p.p5), json.field("p10", p.p10), json.field("p50", p.p50), json.field("p90", p.p90), json.field("p95", p.p95); });
    });
  });
  return out;
}

}  // namespace demarc::planning
