#include "planning/report/charts.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "planning/report/svg.hpp"

namespace demarc::planning {
namespace {

constexpr int kWidth = 680;
constexpr std::array<std::string_view, 8> kParts = {"#2b6cb0", "#dd6b20", "#718096", "#2f855a", "#805ad5", "#b7791f", "#319795", "#a0aec0"};

struct Scale {
  double low, high, from, to;
  double operator()(double value) const { return high == low ? from : from + (value - low) / (high - low) * (to - from); }
};

std::string number(double value, int places) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.*f", places, value);
  return text.data();
}

// Horizontal lines with their dollars at the left; gives the scale.
Scale usd_axis(Svg& svg, double low, double high, double top, double bottom, double left, double right) {
  const auto marks = ticks(low, high, 6);
  const Scale y{marks.front(), marks.back(), bottom, top};
  for (const double mark : marks) {
    svg.line(left, y(mark), right, y(mark), mark == 0 ? colour::kGrey : colour::kLight, mark == 0 ? 1.2 : 0.8);
    svg.text(left - 6, y(mark) + 4, short_usd(mark), Align::end, 10, colour::kGrey);
  }
  return y;
}

std::string cut(const std::string& text, std::size_t most) {
  if (text.size() <= most) return text;
  std::size_t end = most - 1;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

}  // namespace

std::string fan_chart(const std::vector<FanPoint>& months) {
  constexpr double kLeft = 62, kRight = kWidth - 12, kTop = 14, kBottom = 300;
  Svg svg(kWidth, 340);
  double low = 0, high = 0;
  for (const FanPoint& p : months) low = std::min({low, p.p5, p.plan}), high = std::max({high, p.p95, p.plan});
  const Scale y = usd_axis(svg, low, high, kTop, kBottom, kLeft, kRight);
  const Scale x{0, static_cast<double>(months.size() - 1), kLeft, kRight};
  const auto band = [&](double FanPoint::* under, double FanPoint::* over, std::string_view fill) {
    std::vector<std::pair<double, double>> points;
    for (std::size_t k = 0; k < months.size(); ++k) points.emplace_back(x(static_cast<double>(k)), y(months[k].*over));
    for (std::size_t k = months.size(); k-- > 0;) points.emplace_back(x(static_cast<double>(k)), y(months[k].*under));
    svg.area(points, fill);
  };
  band(&FanPoint::p5, &FanPoint::p95, "#e4f0fb"), band(&FanPoint::p10, &FanPoint::p90, colour::kBand);
  svg.line(kLeft, y(0), kRight, y(0), colour::kGrey, 1.2);
  const auto curve = [&](double FanPoint::* which, std::string_view stroke, double width) {
    std::vector<std::pair<double, double>> points;
    for (std::size_t k = 0; k < months.size(); ++k) points.emplace_back(x(static_cast<double>(k)), y(months[k].*which));
    svg.path(points, stroke, width);
  };
  curve(&FanPoint::p50, colour::kCloud, 2), curve(&FanPoint::plan, colour::kLocal, 2);
  for (std::size_t k = 0; k < months.size(); ++k) {
    const std::string says = "month " + std::to_string(k) + ": plan " + short_usd(months[k].plan) + ", median " + short_usd(months[k].p50) +
                             ", 10–90 %: " + short_usd(months[k].p10) + " to " + short_usd(months[k].p90);
    svg.rect(x(static_cast<double>(k)) - 6, kTop, 12, kBottom - kTop, "transparent", says);
    if (k % 6 == 0) svg.text(x(static_cast<double>(k)), kBottom + 16, std::to_string(k), Align::middle, 10, colour::kGrey);
  }
  svg.text((kLeft + kRight) / 2, kBottom + 34, "month", Align::middle, 10, colour::kGrey);
  svg.rect(kLeft + 10, kTop + 2, 14, 9, colour::kBand), svg.text(kLeft + 28, kTop + 11, "8 of 10 draws", Align::start, 10);
  svg.rect(kLeft + 118, kTop + 2, 14, 9, "#e4f0fb"), svg.text(kLeft + 136, kTop + 11, "9 of 10", Align::start, 10);
  svg.line(kLeft + 190, kTop + 7, kLeft + 204, kTop + 7, colour::kCloud, 2), svg.text(kLeft + 208, kTop + 11, "median", Align::start, 10);
  svg.line(kLeft + 268, kTop + 7, kLeft + 282, kTop + 7, colour::kLocal, 2),
      svg.text(kLeft + 286, kTop + 11, "the plan's own values", Align::start, 10);
  return svg.done();
}

std::string waterfall(const std::vector<Step>& steps) {
  constexpr double kLeft = 62, kRight = kWidth - 8, kTop = 18, kBottom = 270;
  Svg svg(kWidth, 330);
  double low = 0, high = 0, at = 0;
  for (const Step& step : steps) at = step.total ? step.usd : at + step.usd, low = std::min(low, at), high = std::max(high, at);
  const Scale y = usd_axis(svg, low, high, kTop, kBottom, kLeft, kRight);
  const double slot = (kRight - kLeft) / static_cast<double>(std::max<std::size_t>(1, steps.size())), bar = slot * 0.68;
  at = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Step& step = steps[i];
    const double from = step.total ? 0 : at, to = step.total ? step.usd : at + step.usd,
                 left = kLeft + slot * static_cast<double>(i) + (slot - bar) / 2;
    const std::string_view fill = step.total ? (i == 0 ? colour::kCloud : colour::kLocal) : step.usd < 0 ? colour::kGood : colour::kGrey;
    svg.rect(left, y(std::max(from, to)), bar, y(std::min(from, to)) - y(std::max(from, to)), fill, step.label + ": " + short_usd(step.usd));
    if (i > 0 && !step.total) svg.line(left - (slot - bar), y(at), left, y(at), colour::kGrey, 0.8);
    svg.text(left + bar / 2, y(std::max(from, to)) - 4, short_usd(step.usd), Align::middle, 9.5);
    // Labels in two lines at most, broken at a space near the middle.
    std::size_t cut_at = std::string::npos;
    for (std::size_t c = 0; c < step.label.size(); ++c)
      if (step.label[c] == ' ' &&
          (cut_at == std::string::npos || std::abs(static_cast<double>(c) - static_cast<double>(step.label.size()) / 2) <
                                              std::abs(static_cast<double>(cut_at) - static_cast<double>(step.label.size()) / 2)))
        cut_at = c;
    if (step.label.size() > 10 && cut_at != std::string::npos) {
      svg.text(left + bar / 2, kBottom + 18, step.label.substr(0, cut_at), Align::middle, 9.5),
          svg.text(left + bar / 2, kBottom + 30, step.label.substr(cut_at + 1), Align::middle, 9.5);
    } else {
      svg.text(left + bar / 2, kBottom + 18, step.label, Align::middle, 9.5);
    }
    at = to;
  }
  return svg.done();
}

std::string tornado_chart(const std::vector<TornadoBar>& bars, double at_plan) {
  constexpr double kLeft = 250, kRight = kWidth - 14, kTop = 26, kRow = 27;
  const double bottom = kTop + kRow * static_cast<double>(bars.size());
  Svg svg(kWidth, static_cast<int>(bottom) + 30);
  double low = at_plan, high = at_plan;
  for (const TornadoBar& bar : bars) low = std::min({low, bar.at_low, bar.at_high}), high = std::max({high, bar.at_low, bar.at_high});
  const auto marks = ticks(low, high, 5);
  const Scale x{marks.front(), marks.back(), kLeft, kRight};
  for (const double mark : marks) {
    svg.line(x(mark), kTop - 6, x(mark), bottom, mark == 0 ? colour::kGrey : colour::kLight, mark == 0 ? 1.2 : 0.8);
    svg.text(x(mark), bottom + 16, short_usd(mark), Align::middle, 10, colour::kGrey);
  }
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const TornadoBar& bar = bars[i];
    const double top = kTop + kRow * static_cast<double>(i) + 4;
    svg.rect(x(at_plan), top, x(bar.at_low) - x(at_plan), kRow - 9, colour::kCloud, bar.label + " at " + bar.low_says + ": " + short_usd(bar.at_low));
    svg.rect(x(at_plan), top, x(bar.at_high) - x(at_plan), kRow - 9, colour::kLocal,
             bar.label + " at " + bar.high_says + ": " + short_usd(bar.at_high));
    svg.text(kLeft - 8, top + 8, cut(bar.label, 46), Align::end, 9.5);
    svg.text(kLeft - 8, top + 19, bar.low_says + " to " + bar.high_says, Align::end, 8.5, colour::kGrey);
  }
  svg.line(x(at_plan), kTop - 6, x(at_plan), bottom, colour::kInk, 1.2);
  svg.text(x(at_plan), kTop - 12, "plan " + short_usd(at_plan), Align::middle, 10, colour::kInk, "bold");
  return svg.done();
}

std::string surface_chart(const std::vector<double>& volume, const std::vector<double>& price, const std::vector<double>& npv) {
  constexpr double kLeft = 74, kTop = 14, kCell = 40, kTall = 27;
  const auto rows = volume.size(), cols = price.size();
  const double wide = std::min(kCell * 1.4, (kWidth - kLeft - 10) / static_cast<double>(cols)), bottom = kTop + kTall * static_cast<double>(rows);
  Svg svg(kWidth, static_cast<int>(bottom) + 52);
  double most = 1;
  for (const double value : npv) most = std::max(most, std::abs(value));
  const auto shade = [&](double value) {  // orange below zero, blue above, white at it
    const double share = std::min(1.0, std::sqrt(std::abs(value) / most));
    const std::array<int, 3> full = value >= 0 ? std::array{43, 108, 176} : std::array{221, 107, 32};
    std::array<char, 10> text{};
    std::snprintf(text.data(), text.size(), "#%02x%02x%02x", static_cast<unsigned>(255 + (full[0] - 255) * share),
                  static_cast<unsigned>(255 + (full[1] - 255) * share), static_cast<unsigned>(255 + (full[2] - 255) * share));
    return std::string(text.data());
  };
  for (std::size_t r = 0; r < rows; ++r) {  // the largest volume on top
    const std::size_t v = rows - 1 - r;
    const double top = kTop + kTall * static_cast<double>(r);
    for (std::size_t p = 0; p < cols; ++p) {
      const double value = npv[v * cols + p], left = kLeft + wide * static_cast<double>(p);
      svg.rect(left, top, wide - 1, kTall - 1, shade(value),
               "volume " + number(volume[v], 0) + " %, price " + number(price[p], 0) + " %: net present value " + short_usd(value));
      svg.text(left + wide / 2, top + kTall / 2 + 3, short_usd(value), Align::middle, 8.5, std::abs(value) > most * 0.35 ? "#ffffff" : colour::kInk);
    }
    svg.text(kLeft - 8, top + kTall / 2 + 4, number(volume[v], 0) + " %", Align::end, 10, colour::kGrey);
  }
  for (std::size_t p = 0; p < cols; ++p)
    svg.text(kLeft + wide * (static_cast<double>(p) + 0.5), bottom + 16, number(price[p], 0) + " %", Align::middle, 10, colour::kGrey);
  svg.text(kLeft + wide * static_cast<double>(cols) / 2, bottom + 36, "cloud prices against today's list (across), volume against the plan's (up)",
           Align::middle, 10, colour::kGrey);
  return svg.done();
}

std::string scatter(const std::vector<Dot>& dots, const ScatterAxes& axes) {
  constexpr double kLeft = 14, kRight = kWidth - 14, kTop = 24, kBottom = 340;
  Svg svg(kWidth, 386);
  const Scale x{0, 1, kLeft, kRight}, y{0, 1, kBottom, kTop};
  svg.rect(kLeft, kTop, kRight - kLeft, kBottom - kTop, "#f7fafc");
  if (axes.quadrants.size() == 4) {
    svg.rect(x(0.5), kTop, x(1) - x(0.5), kBottom - kTop, "#fdf1e6");
    svg.line(x(0.5), kTop, x(0.5), kBottom, colour::kGrey, 0.8, "4 3"), svg.line(kLeft, y(0.5), kRight, y(0.5), colour::kGrey, 0.8, "4 3");
    const std::array<std::pair<double, double>, 4> at = {{{0.25, 0.96}, {0.75, 0.96}, {0.25, 0.03}, {0.75, 0.03}}};
    for (std::size_t i = 0; i < 4; ++i) svg.text(x(at[i].first), y(at[i].second), axes.quadrants[i], Align::middle, 10, colour::kGrey, "bold");
  }
  svg.line(kLeft, kBottom, kRight, kBottom, colour::kGrey), svg.line(kLeft, kTop, kLeft, kBottom, colour::kGrey);
  for (const Dot& dot : dots) {
    const double radius = 5 + 14 * std::sqrt(std::clamp(dot.size, 0.0, 1.0));
    svg.circle(x(dot.x), y(dot.y), radius, dot.colour, dot.says);
    const bool right_half = dot.x > 0.8;
    svg.text(x(dot.x) + (right_half ? -radius - 4 : radius + 4), y(dot.y) + 4, cut(dot.label, 30), right_half ? Align::end : Align::start, 10);
  }
  svg.text(kLeft, kBottom + 16, axes.left, Align::start, 10, colour::kGrey),
      svg.text(kRight, kBottom + 16, axes.right, Align::end, 10, colour::kGrey);
  svg.text((kLeft + kRight) / 2, kBottom + 34, axes.x, Align::middle, 10.5, colour::kInk, "bold");
  svg.text(kLeft, kTop - 8, axes.y, Align::start, 10.5, colour::kInk, "bold");
  return svg.done();
}

std::string dumbbells(const std::vector<Dumbbell>& rows) {
  constexpr double kLeft = 150, kRight = kWidth - 120, kTop = 34, kRow = 34;
  const double bottom = kTop + kRow * static_cast<double>(rows.size());
  Svg svg(kWidth, static_cast<int>(bottom) + 34);
  double least = 1e300, most = 1e-9;
  for (const Dumbbell& row : rows)
    for (const double usd : {row.cloud_usd, row.local_usd.value_or(row.cloud_usd)})
      least = std::min(least, std::max(usd, 1e-9)), most = std::max(most, usd);
  // Powers of ten that hold all of it.
  const double from = std::floor(std::log10(std::max(least, 1e-9))), to = std::max(std::ceil(std::log10(most)), from + 1);
  const Scale x{from, to, kLeft, kRight};
  const auto at = [&](double usd) { return x(std::log10(std::max(usd, 1e-9))); };
  for (double power = from; power <= to; ++power) {
    svg.line(x(power), kTop - 6, x(power), bottom, colour::kLight, 0.8);
    svg.text(x(power), bottom + 15, short_usd(std::pow(10, power)), Align::middle, 10, colour::kGrey);
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Dumbbell& row = rows[i];
    const double y = kTop + kRow * (static_cast<double>(i) + 0.5);
    svg.text(kLeft - 10, y + 4, cut(row.label, 24), Align::end, 10);
    if (row.local_usd) svg.line(at(row.cloud_usd), y, at(*row.local_usd), y, colour::kGrey, 2);
    svg.circle(at(row.cloud_usd), y, 7, colour::kCloud, row.label + " in the cloud: " + short_usd(row.cloud_usd) + " for a thousand");
    if (row.local_usd)
      svg.circle(at(*row.local_usd), y, 7, colour::kLocal, row.label + " at home: " + short_usd(*row.local_usd) + " for a thousand, " + row.says);
    svg.text(kRight + 10, y + 4, row.says, Align::start, 9.5, colour::kGrey);
  }
  svg.circle(kLeft + 8, 12, 6, colour::kCloud), svg.text(kLeft + 18, 16, "cloud", Align::start, 10);
  svg.circle(kLeft + 68, 12, 6, colour::kLocal), svg.text(kLeft + 78, 16, "at home", Align::start, 10);
  svg.text((kLeft + kRight) / 2, bottom + 31, "dollars for a thousand requests, all costs spread over them (logarithmic)", Align::middle, 10,
           colour::kGrey);
  return svg.done();
}

std::string columns(const std::vector<Column>& all, const std::vector<Threshold>& thresholds, const std::string& unit) {
  constexpr double kLeft = 62, kTop = 18, kBottom = 250;
  std::size_t words = 0;
  for (const Threshold& threshold : thresholds) words = std::max(words, threshold.label.size());
  const double right = kWidth - 14 - 6.2 * static_cast<double>(words);
  Svg svg(kWidth, 300);
  double high = 0;
  for (const Column& column : all) high = std::max(high, column.value);
  for (const Threshold& threshold : thresholds) high = std::max(high, threshold.value);
  const auto marks = ticks(0, high, 5);
  const Scale y{0, marks.back(), kBottom, kTop};
  const int places = marks.back() < 5 ? 2 : marks.back() < 20 ? 1 : 0;
  for (const double mark : marks) {
    svg.line(kLeft, y(mark), right, y(mark), colour::kLight, 0.8);
    svg.text(kLeft - 6, y(mark) + 4, number(mark, places), Align::end, 10, colour::kGrey);
  }
  const double slot = (right - kLeft) / static_cast<double>(std::max<std::size_t>(1, all.size()));
  for (std::size_t i = 0; i < all.size(); ++i) {
    const double left = kLeft + slot * static_cast<double>(i);
    svg.rect(left + slot * 0.1, y(all[i].value), slot * 0.8, kBottom - y(all[i].value), colour::kCloud, all[i].says);
    if (!all[i].label.empty()) svg.text(left + slot / 2, kBottom + 15, all[i].label, Align::middle, 9.5, colour::kGrey);
  }
  for (const Threshold& threshold : thresholds) {
    svg.line(kLeft, y(threshold.value), right, y(threshold.value), colour::kLocal, 1.6, "6 3");
    svg.text(right + 6, y(threshold.value) + 4, threshold.label, Align::start, 10, colour::kLocal, "bold");
  }
  svg.text(kLeft, kBottom + 34, unit, Align::start, 10, colour::kGrey);
  return svg.done();
}

std::string share_bars(const std::vector<ShareBar>& bars) {
  constexpr double kLeft = 90, kRight = kWidth - 10, kRow = 46;
  Svg svg(kWidth, static_cast<int>(kRow * static_cast<double>(bars.size())) + 8);
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const double top = 6 + kRow * static_cast<double>(i);
    svg.text(kLeft - 8, top + 16, bars[i].label, Align::end, 10.5, colour::kInk, "bold");
    double at = kLeft;
    for (std::size_t p = 0; p < bars[i].parts.size(); ++p) {
      const Column& part = bars[i].parts[p];
      const double wide = part.value * (kRight - kLeft);
      svg.rect(at, top, std::max(wide - 1, 0.0), 24, kParts[std::min(p, kParts.size() - 1)], part.says);
      if (wide > 58) svg.text(at + wide / 2, top + 16, cut(part.label, static_cast<std::size_t>(wide / 6.2)), Align::middle, 9.5, "#ffffff");
      at += wide;
    }
  }
  return svg.done();
}

std::string calendar(const std::vector<CalendarRow>& rows, int days_ahead, const std::string& today) {
  constexpr double kLeft = 200, kRight = kWidth - 90, kTop = 30, kRow = 24;
  const double bottom = kTop + kRow * static_cast<double>(rows.size());
  Svg svg(kWidth, static_cast<int>(bottom) + 26);
  const Scale x{0, static_cast<double>(days_ahead), kLeft, kRight};
  for (int day = 0; day <= days_ahead; day += 180) {
    svg.line(x(day), kTop - 6, x(day), bottom, colour::kLight, 0.8);
    svg.text(x(day), kTop - 12, day == 0 ? "today, " + today : "+" + std::to_string(day) + " days", day == 0 ? Align::start : Align::middle, 9.5,
             colour::kGrey);
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const CalendarRow& row = rows[i];
    const double top = kTop + kRow * static_cast<double>(i) + 4, end = row.date.empty() ? kRight : x(std::clamp(row.days, 0, days_ahead));
    svg.text(kLeft - 8, top + 11, cut(row.label, 36), Align::end, 9.5);
    svg.rect(kLeft, top + 2, std::max(end - kLeft, 3.0), 12,
             row.date.empty() ? colour::kLight
             : row.days < 90  ? colour::kBad
             : row.days < 180 ? colour::kLocal
                              : colour::kCloud,
             row.says);
    svg.text(end + 6, top + 12, row.date.empty() ? "no date" : row.date, Align::start, 9.5, colour::kGrey);
  }
  return svg.done();
}

}  // namespace demarc::planning
