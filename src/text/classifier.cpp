#include "text/classifier.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>

#include "base/encode.hpp"
#include "core/json/writer.hpp"

namespace demarc::text {
namespace {

constexpr std::uint64_t kFormat = 1;

using Element = simdjson::dom::element;

Failure<std::string> bad(std::string what) { return fail("no classifier of demarc's: " + std::move(what)); }

std::string text_at(const Element& root, const char* key) {
  std::string_view text;
  return root[key].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}
double number_at(const Element& root, const char* key) {
  double number = 0;
  return root[key].get(number) == simdjson::SUCCESS && std::isfinite(number) ? number : 0;
}

Result<std::vector<std::string>, std::string> labels_of(const Element& root) {
  simdjson::dom::array list;
  if (root["labels"].get(list) != simdjson::SUCCESS || list.size() == 0 || list.size() > kMaxLabels)
    return bad("\"labels\" is not a list of 1 to 1000");
  std::vector<std::string> labels;
  std::set<std::string> seen;
  for (const Element one : list) {
    std::string_view label;
    if (one.get(label) != simdjson::SUCCESS || label.empty() || label.size() > kMaxLabelBytes) return bad("a label is no text of 1 to 256 bytes");
    if (!seen.emplace(label).second) return bad("a label stands there twice");
    labels.emplace_back(label);
  }
  return labels;
}

Result<Weights, std::string> weights_of(const Element& root, std::size_t labels) {
  std::uint64_t width = 0;
  std::string_view packed;
  if (root["width"].get(width) != simdjson::SUCCESS || width == 0 || width > kMaxWidth) return bad("\"width\" is not a number of 1 to 8192");
  if (root["weights"].get(packed) != simdjson::SUCCESS) return bad("no \"weights\"");
  const auto bytes = from_base64(packed);
  const std::size_t count = labels * (static_cast<std::size_t>(width) + 1);
  if (!bytes || bytes->size() != count * sizeof(float)) return bad("\"weights\" is not the base64 of labels × (width + 1) numbers of 4 bytes");
  Weights weights{.width = static_cast<std::size_t>(width), .labels = labels, .values = std::vector<float>(count)};
  std::memcpy(weights.values.data(), bytes->data(), bytes->size());
  if (!std::ranges::all_of(weights.values, [](float value) { return std::isfinite(value); })) return bad("a weight is no number");
  return weights;
}

Result<std::vector<double>, std::string> numbers_of(const Element& root, const char* key, std::size_t count) {
  simdjson::dom::array list;
  std::vector<double> numbers;
  if (root[key].get(list) == simdjson::SUCCESS)
    for (const Element one : list) {
      double number = 0;
      if (one.get(number) != simdjson::SUCCESS || !std::isfinite(number)) break;
      numbers.push_back(number);
    }
  if (numbers.size() != count) return bad("\"" + std::string(key) + "\" does not have " + std::to_string(count) + " numbers");
  return numbers;
}

}  // namespace

Result<Classifier, std::string> Classifier::read(std::string_view json) {
  if (json.size() > kMaxClassifierBytes) return bad("longer than 48 MiB");
  simdjson::dom::parser parser;
  Element root;
  std::uint64_t format = 0;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS) return bad("not JSON");
  if (root["demarc_classifier"].get(format) != simdjson::SUCCESS) return bad("\"demarc_classifier\" is missing");
  if (format != kFormat) return bad("its format is " + std::to_string(format) + "; this demarc reads 1");
  Classifier out;
  const std::string kind = text_at(root, "kind");
  if (kind != "one" && kind != "several") return bad("\"kind\" is one or several");
  out.kind = kind == "one" ? Labels::one : Labels::several;
  out.labels = TRY(labels_of(root));
  out.weights = TRY(weights_of(root, out.labels.size()));
  const bool is_one = out.kind == Labels::one;
  out.thresholds = TRY(numbers_of(root, "thresholds", is_one ? 1 : out.labels.size()));
  if (is_one) {
    out.temperature = number_at(root, "temperature");
    if (out.temperature < 0.001 || out.temperature > 1'000) return bad("\"temperature\" is not between 0.001 and 1000");
  } else {
    const std::vector<double> pairs = TRY(numbers_of(root, "platt", 2 * out.labels.size()));
    for (std::size_t label = 0; label < out.labels.size(); ++label) out.platts.push_back({pairs[2 * label], pairs[2 * label + 1]});
  }
  Element made, quality;
  if (root["made_of"].get(made) == simdjson::SUCCESS)
    out.lineage = {.model = text_at(made, "model"),
                   .model_digest = text_at(made, "model_digest"),
                   .data = text_at(made, "data"),
                   .data_sha256 = text_at(made, "data_sha256"),
                   .rows = static_cast<std::size_t>(std::clamp(number_at(made, "rows"), 0.0, 1e12)),
                   .folds = static_cast<std::size_t>(std::clamp(number_at(made, "folds"), 0.0, 1e6)),
                   .l2 = number_at(made, "l2"),
                   .made = text_at(made, "time")};
  if (root["quality"].get(quality) == simdjson::SUCCESS)
    out.quality = {.accuracy = number_at(quality, "accuracy"),
                   .macro_f1 = number_at(quality, "macro_f1"),
                   .calibration_error = number_at(quality, "calibration_error"),
                   .target_precision = number_at(quality, "target_precision"),
                   .certainty = number_at(quality, "certainty"),
                   .precision = number_at(quality, "precision"),
                   .coverage = number_at(quality, "coverage")};
  return out;
}

std::string Classifier::print() const {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("demarc_classifier", kFormat);
    json.field("kind", kind == Labels::one ? "one" : "several");
    json.array("labels", [&] {
      for (const std::string& label : labels) json.value(label);
    });
    json.array("thresholds", [&] {
      for (const double threshold : thresholds) json.value(threshold);
    });
    if (kind == Labels::one)
      json.field("temperature", temperature);
    else
      json.array("platt", [&] {
        for (const Platt& platt : platts) json.value(platt.a), json.value(platt.b);
      });
    json.object("made_of", [&] {
      json.field("model", lineage.model), json.field("model_digest", lineage.model_digest);
      json.field("data", lineage.data), json.field("data_sha256", lineage.data_sha256);
      json.field("rows", lineage.rows), json.field("folds", lineage.folds), json.field("l2", lineage.l2), json.field("time", lineage.made);
    });
    json.object("quality", [&] {
      json.field("accuracy", quality.accuracy), json.field("macro_f1", quality.macro_f1);
      json.field("calibration_error", quality.calibration_error);
      if (quality.target_precision > 0) {
        json.field("target_precision", quality.target_precision), json.field("certainty", quality.certainty);
        json.field("precision", quality.precision), json.field("coverage", quality.coverage);
      }
    });
    json.field("width", weights.width);
    json.field("weights", to_base64({reinterpret_cast<const char*>(weights.values.data()), weights.values.size() * sizeof(float)}));
  });
  return out;
}

Verdict Classifier::judge(std::span<const float> vector) const {
  Verdict verdict{.confidences = std::vector<float>(labels.size())};
  weights.apply(vector, verdict.confidences);
  if (kind == Labels::one) {
    to_confidences(verdict.confidences, temperature);
  } else {
    for (std::size_t label = 0; label < labels.size(); ++label) verdict.confidences[label] = platts[label].confidence(verdict.confidences[label]);
  }
  const auto best = static_cast<std::uint32_t>(std::ranges::max_element(verdict.confidences) - verdict.confidences.begin());
  verdict.confidence = verdict.confidences[best];
  if (kind == Labels::one) {
    if (verdict.confidence >= thresholds.front()) verdict.chosen.push_back(best);
  } else {
    for (std::uint32_t label = 0; label < labels.size(); ++label)
      if (verdict.confidences[label] >= thresholds[label]) verdict.chosen.push_back(label);
  }
  return verdict;
}

}  // namespace demarc::text
