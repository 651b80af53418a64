// Svg: a picture of a report, drawn once and used in HTML and PDF alike. Every mark may carry what a reader sees when the pointer rests on it.
//
//   Svg svg(680, 300);
//   svg.rect(10, 10, 40, 80, "#2b6cb0", "March: $1,200");
//   page += svg.done();
//
// One thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace demarc::planning {

std::string escaped(std::string_view text);  // for HTML and SVG

enum class Align : std::uint8_t { start, middle, end };

namespace colour {  // told apart also by those who do not see red and green apart
inline constexpr std::string_view kCloud = "#2b6cb0", kLocal = "#dd6b20", kGood = "#2f855a", kBad = "#c53030", kGrey = "#718096", kLight = "#e2e8f0",
                                  kInk = "#1a202c", kBand = "#bee3f8";
}

class Svg {
 public:
  Svg(int width, int height);
  void rect(double x, double y, double width, double height, std::string_view fill, std::string_view title = {});
  void line(double x1, double y1, double x2, double y2, std::string_view stroke, double width = 1, std::string_view dash = {});
  void path(const std::vector<std::pair<double, double>>& points, std::string_view stroke, double width);               // a line through them
  void area(const std::vector<std::pair<double, double>>& points, std::string_view fill, std::string_view title = {});  // closed
  void circle(double x, double y, double radius, std::string_view fill, std::string_view title = {});
  void text(double x, double y, std::string_view text, Align align = Align::start, double size = 11, std::string_view fill = colour::kInk,
            std::string_view weight = "normal");
  std::string done();

 private:
  std::string out_;
};

std::vector<double> ticks(double low, double high, int about);  // round numbers that cover the range
std::string short_usd(double usd);                              // $1.2M, $340k, −$15k, $12

}  // namespace demarc::planning
