#include "text/report.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/json/writer.hpp"

namespace demarc::text {
namespace {

constexpr std::size_t kMostInMatrix = 40, kPointsOfCurve = 100;

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) switch (c) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  return out;
}

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%", share * 100);
  return text;
}
std::string number(double value, const char* form = "%.1f") {
  char text[32];
  std::snprintf(text, sizeof text, form, value);
  return text;
}

struct Point {
  double coverage, accuracy, confidence;
};
// Of the surest share of texts, how many are right.
std::vector<Point> curve_of(const std::vector<Judged>& judged) {
  std::vector<Point> points;
  std::size_t right = 0;
  for (std::size_t i = 0; i < judged.size(); ++i) {
    right += judged[i].right ? 1 : 0;
    const bool is_kept = (i + 1) * kPointsOfCurve / judged.size() != i * kPointsOfCurve / judged.size();
    if (is_kept) {
      const auto all = static_cast<double>(i + 1);
      points.push_back({all / static_cast<double>(judged.size()), static_cast<double>(right) / all, judged[i].confidence});
    }
  }
  return points;
}

// A square plot of shares, 0 to 1 both ways.
class Plot {
 public:
  Plot(std::string_view across, std::string_view up) {
    out_ = "<svg viewBox='0 0 340 320' width='340' height='320' role='img'>";
    for (int i = 0; i <= 5; ++i) {
      const double share = i / 5.0;
      out_ += "<line class='g' x1='40' x2='320' y1='" + y(share) + "' y2='" + y(share) + "'/><text x='34' y='" + y(share) +
              "' text-anchor='end' dy='4'>" + number(share) + "</text><text x='" + x(share) + "' y='298' text-anchor='middle'>" + number(share) +
              "</text>";
    }
    out_ += "<text x='180' y='315' text-anchor='middle'>" + escaped(across) + "</text><text x='6' y='10'>" + escaped(up) + "</text>";
  }
  void line(const std::vector<std::pair<double, double>>& points, std::string_view style) {
    out_ += "<polyline class='" + std::string(style) + "' points='";
    for (const auto& [a, b] : points) out_ += x(a) + "," + y(b) + " ";
    out_ += "'/>";
  }
  void dot(double a, double b, double radius, const std::string& title) {
    out_ += "<circle cx='" + x(a) + "' cy='" + y(b) + "' r='" + number(radius) + "'><title>" + escaped(title) + "</title></circle>";
  }
  std::string end() { return out_ + "</svg>"; }

 private:
  static std::string x(double share) { return number(40 + share * 280); }
  static std::string y(double share) { return number(280 - share * 262); }
  std::string out_;
};

std::string reliability_plot(const std::vector<Bin>& bins) {
  std::size_t most = 1;
  for (const Bin& bin : bins) most = std::max(most, bin.count);
  Plot plot("confidence", "share that is right");
  plot.line({{0, 0}, {1, 1}}, "d");
  for (const Bin& bin : bins)
    if (bin.count > 0)
      plot.dot(bin.confidence, bin.right, 3 + 9 * std::sqrt(static_cast<double>(bin.count) / static_cast<double>(most)),
               std::to_string(bin.count) + " texts: confidence " + percent(bin.confidence) + ", right " + percent(bin.right));
  return plot.end();
}

std::string coverage_plot(const Trained& trained) {
  Plot plot("share of texts answered, the surest first", "share of these that is right");
  std::vector<std::pair<double, double>> line;
  for (const Point& point : curve_of(trained.judged)) line.emplace_back(point.coverage, point.accuracy);
  plot.line(line, "c");
  const Quality& quality = trained.classifier.quality;
  if (quality.coverage > 0 && trained.classifier.kind == Labels::one)
    plot.dot(quality.coverage, quality.precision, 5, "the threshold " + number(trained.classifier.thresholds.front(), "%.3f"));
  return plot.end();
}

// Labels by how often they are mistaken, in either direction.
std::vector<std::size_t> most_confused(const Trained& trained) {
  std::vector<std::size_t> order(trained.confusion.size());
  const auto wrong = [&](std::size_t label) {
    std::size_t sum = 0;
    for (std::size_t other = 0; other < trained.confusion.size(); ++other)
      if (other != label) sum += trained.confusion[label][other] + trained.confusion[other][label];
    return sum;
  };
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return std::pair(wrong(b), a) < std::pair(wrong(a), b); });
  if (order.size() > kMostInMatrix) order.resize(kMostInMatrix);
  return order;
}

std::string matrix(const Trained& trained) {
  if (trained.confusion.empty()) return {};
  const std::vector<std::size_t> shown = most_confused(trained);
  std::string out =
      "<h2>Which label is taken for which</h2><p>Rows: what it is; columns: what was said. " +
      (shown.size() < trained.confusion.size() ? "The " + std::to_string(shown.size()) + " labels most often mistaken, of " +
                                                     std::to_string(trained.confusion.size()) + "; all of them stand in the JSON report."
                                               : std::string()) +
      "</p><div class='m'><table><tr><th></th>";
  for (const std::size_t label : shown) out += "<th class='v'><span>" + escaped(trained.classifier.labels[label]) + "</span></th>";
  out += "</tr>";
  for (const std::size_t is : shown) {
    const auto count = static_cast<double>(std::max<std::size_t>(1, trained.by_label[is].count));
    out += "<tr><th>" + escaped(trained.classifier.labels[is]) + "</th>";
    for (const std::size_t said : shown) {
      const std::size_t times = trained.confusion[is][said];
      const double share = static_cast<double>(times) / count;
      out += "<td style='background:rgba(" + std::string(is == said ? "30,120,80," : "200,60,40,") +
             number(std::min(1.0, share * (is == said ? 0.6 : 4)), "%.2f") + ")'>" + (times == 0 ? "" : std::to_string(times)) + "</td>";
    }
    out += "</tr>";
  }
  return out + "</table></div>";
}

std::string facts(const Trained& trained) {
  const Classifier& made = trained.classifier;
  const Quality& quality = made.quality;
  std::string out = "<table class='f'>";
  const auto row = [&](std::string_view name, const std::string& value) {
    out += "<tr><th>" + std::string(name) + "</th><td>" + value + "</td></tr>";
  };
  row("texts", std::to_string(made.lineage.rows) + ", " + std::to_string(made.labels.size()) + " labels");
  row(made.kind == Labels::one ? "right, of all" : "all labels of a text right", percent(quality.accuracy));
  row("F1, mean over labels", number(quality.macro_f1, "%.3f"));
  row("confidence and truth apart by", percent(quality.calibration_error));
  if (quality.target_precision > 0 && quality.coverage > 0)
    row("to be right in " + percent(quality.target_precision) + " of answers",
        (made.kind == Labels::one ? "answers from confidence " + number(made.thresholds.front(), "%.3f") + " on; "
                                  : std::string("a threshold a label; ")) +
            percent(quality.precision) + " right, " + percent(quality.coverage) + (made.kind == Labels::one ? " answered" : " of labels found"));
  else if (quality.target_precision > 0)
    row("to be right in " + percent(quality.target_precision) + " of answers",
        "no threshold keeps that with " + percent(quality.certainty) + " certainty: it never answers");
  row("judged by", std::to_string(made.lineage.folds) + "-fold cross-validation: no text by weights that had seen it");
  row("vectors", escaped(made.lineage.model) + "<br><small>" + escaped(made.lineage.model_digest) + "</small>");
  row("data", escaped(made.lineage.data) + "<br><small>sha256:" + escaped(made.lineage.data_sha256) + "</small>");
  row("made", escaped(made.lineage.made));
  return out + "</table>";
}

std::string labels_table(const Trained& trained) {
  std::string out = "<h2>Label by label</h2><table><tr><th>label</th><th>texts</th><th>precision</th><th>recall</th><th>F1</th></tr>";
  for (std::size_t label = 0; label < trained.by_label.size(); ++label) {
    const ByLabel& one = trained.by_label[label];
    out += "<tr><th>" + escaped(trained.classifier.labels[label]) + "</th><td>" + std::to_string(one.count) + "</td><td>" + percent(one.precision) +
           "</td><td>" + percent(one.recall) + "</td><td>" + number(one.f1, "%.3f") + "</td></tr>";
  }
  return out + "</table>";
}

}  // namespace

std::string report_html(const Trained& trained) {
  return "<!doctype html><html lang='en'><meta charset='utf-8'><meta name='viewport' content='width=device-width'><title>Classifier "
         "report</title><style>"
         "body{font:15px/1.5 system-ui,sans-serif;max-width:980px;margin:2em auto;padding:0 "
         "1em;color:#222;background:#fff}table{border-collapse:collapse}"
         "th,td{padding:2px 8px;text-align:left;font-weight:normal;border-bottom:1px solid #eee}td{text-align:right}.f "
         "td{text-align:left}small{color:#777}"
         ".m{overflow:auto}.m td{min-width:22px;text-align:center;padding:2px;font-size:12px}.m th{font-size:12px;white-space:nowrap}"
         ".v{vertical-align:bottom;height:120px;padding:0}.v span{writing-mode:vertical-rl;transform:rotate(180deg)}svg{font-size:11px}"
         ".g{stroke:#e5e5e5}.d{stroke:#999;stroke-dasharray:4;fill:none}.c{stroke:#1e7850;stroke-width:2;fill:none}circle{fill:#1e7850;fill-opacity:."
         "75}"
         ".p{display:flex;flex-wrap:wrap;gap:2em}</style><h1>Classifier report</h1>" +
         facts(trained) + "<div class='p'><section><h2>Does a confidence mean what it says?</h2>" + reliability_plot(trained.bins) +
         "</section><section><h2>Coverage against accuracy</h2>" + coverage_plot(trained) + "</section></div>" + matrix(trained) +
         labels_table(trained) + "</html>\n";
}

std::string report_json(const Trained& trained) {
  const Classifier& made = trained.classifier;
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("rows", made.lineage.rows), json.field("folds", made.lineage.folds);
    json.field("accuracy", made.quality.accuracy), json.field("macro_f1", made.quality.macro_f1);
    json.field("calibration_error", made.quality.calibration_error);
    json.field("target_precision", made.quality.target_precision), json.field("certainty", made.quality.certainty);
    json.field("precision", made.quality.precision), json.field("coverage", made.quality.coverage);
    json.array("thresholds", [&] {
      for (const double threshold : made.thresholds) json.value(threshold);
    });
    json.array("labels", [&] {
      for (std::size_t label = 0; label < made.labels.size(); ++label)
        json.object([&] {
          const ByLabel& one = trained.by_label[label];
          json.field("label", made.labels[label]), json.field("count", one.count);
          json.field("precision", one.precision), json.field("recall", one.recall), json.field("f1", one.f1);
        });
    });
    json.array("confusion", [&] {
      for (const auto& row : trained.confusion)
        json.array([&] {
          for (const std::size_t times : row) json.value(times);
        });
    });
    json.array("reliability", [&] {
      for (const Bin& bin : trained.bins)
        json.object([&] { json.field("count", bin.count), json.field("confidence", bin.confidence), json.field("right", bin.right); });
    });
    json.array("coverage_curve", [&] {
      for (const Point& point : curve_of(trained.judged))
        json.object(
            [&] { json.field("coverage", point.coverage), json.field("accuracy", point.accuracy), json.field("confidence", point.confidence); });
    });
  });
  return out + "\n";
}

}  // namespace demarc::text
