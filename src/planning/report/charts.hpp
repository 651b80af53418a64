// The pictures of the report, each from plain values, so that a page only says what it shows. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace demarc::planning {

struct FanPoint {
  double p5 = 0, p10 = 0, p50 = 0, p90 = 0, p95 = 0, plan = 0;
};
std::string fan_chart(const std::vector<FanPoint>& months);  // from month 0; dollars

struct Step {
  std::string label;
  double usd = 0;
  bool total = false;  // drawn from zero; else on top of what stands before
};
std::string waterfall(const std::vector<Step>& steps);

struct TornadoBar {
  std::string label, low_says, high_says;
  double at_low = 0, at_high = 0;
};
std::string tornado_chart(const std::vector<TornadoBar>& bars, double at_plan);

std::string surface_chart(const std::vector<double>& volume_percent, const std::vector<double>& price_percent,
                          const std::vector<double>& npv);  // row by row of volume

struct Dot {
  std::string label;
  double x = 0, y = 0, size = 0;  // x, y in 0..1 of the axes; size in 0..1 of the largest
  std::string_view colour;
  std::string says;
};
struct ScatterAxes {
  std::string x, y, left, right;
  std::vector<std::string> quadrants;  // none, or top left, top right, bottom left, bottom right
};
std::string scatter(const std::vector<Dot>& dots, const ScatterAxes& axes);

struct Dumbbell {
  std::string label;
  double cloud_usd = 0;             // for a thousand requests
  std::optional<double> local_usd;  // likewise, where it is served at home
  std::string says;
};
std::string dumbbells(const std::vector<Dumbbell>& rows);

struct Column {
  std::string label;
  double value = 0;
  std::string says;
};
struct Threshold {
  double value = 0;
  std::string label;
};
std::string columns(const std::vector<Column>& columns, const std::vector<Threshold>& thresholds, const std::string& unit);

struct ShareBar {
  std::string label;
  std::vector<Column> parts;  // values are shares of 1
};
std::string share_bars(const std::vector<ShareBar>& bars);

struct CalendarRow {
  std::string label, date, says;  // date: when it ends; "" is open
  int days = 0;                   // from today; negative: gone already
};
std::string calendar(const std::vector<CalendarRow>& rows, int days_ahead, const std::string& today);

}  // namespace demarc::planning
