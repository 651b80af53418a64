#include "planning/report/svg.hpp"

#include <array>
#include <cmath>
#include <cstdio>

namespace demarc::planning {
namespace {

std::string n(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", value);
  return text.data();
}
std::string titled(std::string_view title) { return title.empty() ? "/>" : "><title>" + escaped(title) + "</title>"; }

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (static_cast<unsigned char>(c) >= 0x20 || c == '\n')
      out += c;
  }
  return out;
}

Svg::Svg(int width, int height) {
  out_ = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + std::to_string(width) + " " + std::to_string(height) +
         "\" width=\"100%\" font-family=\"DejaVu Sans, Verdana, sans-serif\" role=\"img\">";
}

void Svg::rect(double x, double y, double width, double height, std::string_view fill, std::string_view title) {
  if (height < 0) y += height, height = -height;
  if (width < 0) x += width, width = -width;
  out_ += "<rect x=\"" + n(x) + "\" y=\"" + n(y) + "\" width=\"" + n(width) + "\" height=\"" + n(height) + "\" fill=\"" + std::string(fill) + "\"" +
          titled(title) + (title.empty() ? "" : "</rect>");
}
void Svg::line(double x1, double y1, double x2, double y2, std::string_view stroke, double width, std::string_view dash) {
  out_ += "<line x1=\"" + n(x1) + "\" y1=\"" + n(y1) + "\" x2=\"" + n(x2) + "\" y2=\"" + n(y2) + "\" stroke=\"" + std::string(stroke) +
          "\" stroke-width=\"" + n(width) + "\"" + (dash.empty() ? "" : " stroke-dasharray=\"" + std::string(dash) + "\"") + "/>";
}
void Svg::path(const std::vector<std::pair<double, double>>& points, std::string_view stroke, double width) {
  out_ += "<polyline fill=\"none\" stroke=\"" + std::string(stroke) + "\" stroke-width=\"" + n(width) + "\" points=\"";
  for (const auto& [x, y] : points) out_ += n(x) + "," + n(y) + " ";
  out_ += "\"/>";
}
void Svg::area(const std::vector<std::pair<double, double>>& points, std::string_view fill, std::string_view title) {
  out_ += "<polygon fill=\"" + std::string(fill) + "\" points=\"";
  for (const auto& [x, y] : points) out_ += n(x) + "," + n(y) + " ";
  out_ += "\"" + titled(title) + (title.empty() ? "" : "</polygon>");
}
void Svg::circle(double x, double y, double radius, std::string_view fill, std::string_view title) {
  out_ += "<circle cx=\"" + n(x) + "\" cy=\"" + n(y) + "\" r=\"" + n(radius) + "\" fill=\"" + std::string(fill) + "\" fill-opacity=\"0.8\"" +
          titled(title) + (title.empty() ? "" : "</circle>");
}
void Svg::text(double x, double y, std::string_view text, Align align, double size, std::string_view fill, std::string_view weight) {
  const std::string_view anchor = align == Align::start ? "start" : align == Align::middle ? "middle" : "end";
  out_ += "<text x=\"" + n(x) + "\" y=\"" + n(y) + "\" text-anchor=\"" + std::string(anchor) + "\" font-size=\"" + n(size) + "\" font-weight=\"" +
          std::string(weight) + "\" fill=\"" + std::string(fill) + "\">" + escaped(text) + "</text>";
}
std::string Svg::done() { return out_ + "</svg>"; }

std::vector<double> ticks(double low, double high, int about) {
  if (!(high > low)) high = low + 1;
  const double raw = (high - low) / about, power = std::pow(10, std::floor(std::log10(raw)));
  double step = power;
  for (const double factor : {1.0, 2.0, 2.5, 5.0, 10.0})
    if (power * factor >= raw) {
      step = power * factor;
      break;
    }
  std::vector<double> out;
  for (double at = std::floor(low / step) * step; at < high + step * 0.999 && out.size() < 40; at += step)
    out.push_back(std::abs(at) < step / 1e6 ? 0 : at);
  return out;
}

std::string short_usd(double usd) {
  const double size = std::abs(usd);
  std::array<char, 40> text{};
  if (size >= 999'500)
    std::snprintf(text.data(), text.size(), "$%.2fM", size / 1e6);
  else if (size >= 9'999.5)
    std::snprintf(text.data(), text.size(), "$%.0fk", size / 1e3);
  else if (size >= 1000)
    std::snprintf(text.data(), text.size(), "$%.1fk", size / 1e3);
  else if (size >= 1 && size < 100)
    std::snprintf(text.data(), text.size(), "$%.2f", size);
  else if (size >= 1 || size == 0)
    std::snprintf(text.data(), text.size(), "$%.0f", size);
  else
    std::snprintf(text.data(), text.size(), "$%.4f", size);
  return (usd < 0 && std::string_view(text.data()) != "$0" ? "−" : "") + std::string(text.data());
}

}  // namespace demarc::planning
