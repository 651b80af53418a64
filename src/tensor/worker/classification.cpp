#include "tensor/worker/classification.hpp"

#include <simdjson.h>

#include <algorithm>
#include <numeric>

#include "core/json/writer.hpp"
#include "tensor/worker/sentence_model.hpp"

namespace demarc::tensor::worker {
namespace {

using Element = simdjson::dom::element;

// Of cosines, where nothing was labelled: chosen, not fitted; the answer says "calibration": "none".
constexpr double kUsualTemperature = 0.06;

Failure<Refusal> bad(std::string message, std::string param) { return fail(Refusal{std::move(message), std::move(param)}); }

// "card_arrival" is read as "card arrival".
std::string in_words(std::string_view name) {
  std::string words(name);
  std::ranges::replace_if(words, [](char c) { return c == '_' || c == '-' || c == '/' || c == '.'; }, ' ');
  return words;
}

Result<std::vector<std::string>, Refusal> inputs_of(const Element& root) {
  Element input;
  if (root["input"].get(input) != simdjson::SUCCESS) return bad("\"input\" is missing.", "input");
  std::vector<std::string> texts;
  std::string_view text;
  simdjson::dom::array list;
  if (input.get(text) == simdjson::SUCCESS) {
    if (text.empty()) return bad("input is empty.", "input");
    texts.emplace_back(text);
    return texts;
  }
  if (input.get(list) != simdjson::SUCCESS || list.size() == 0) return bad("\"input\" is a text or a list of texts.", "input");
  if (list.size() > kMaxTextsToClassify)
    return bad("input has " + std::to_string(list.size()) + " texts; one request may have " + std::to_string(kMaxTextsToClassify) + ".", "input");
  for (const Element one : list) {
    const std::string where = "input[" + std::to_string(texts.size()) + "]";
    if (one.get(text) != simdjson::SUCCESS || text.empty()) return bad(where + " is no text, or an empty one.", where);
    texts.emplace_back(text);
  }
  return texts;
}

Result<void, Refusal> read_labels(const Element& root, ClassificationRequest& out) {
  simdjson::dom::array list;
  const auto found = root["labels"];
  if (found.error() == simdjson::NO_SUCH_FIELD) return {};
  if (found.get(list) != simdjson::SUCCESS || list.size() == 0 || list.size() > text::kMaxLabels)
    return bad("\"labels\" is a list of 1 to 1000 labels.", "labels");
  for (const Element one : list) {
    const std::string where = "labels[" + std::to_string(out.labels.size()) + "]";
    std::string_view name, description;
    if (one.get(name) != simdjson::SUCCESS && one["name"].get(name) != simdjson::SUCCESS) return bad(where + " has no name.", where);
    if (name.empty() || name.size() > text::kMaxLabelBytes) return bad(where + ": a name has 1 to 256 bytes.", where);
    if (std::ranges::find(out.labels, name) != out.labels.end()) return bad(where + " stands there twice.", where);
    if (one.is_object() && one["description"].error() == simdjson::SUCCESS && one["description"].get(description) != simdjson::SUCCESS)
      return bad(where + ": a description is a text.", where);
    out.labels.emplace_back(name);
    out.descriptions.push_back(in_words(name) + (description.empty() ? "" : ": " + std::string(description)));
  }
  return {};
}

Result<void, Refusal> read_examples(const Element& root, ClassificationRequest& out) {
  simdjson::dom::array list;
  const auto found = root["examples"];
  if (found.error() == simdjson::NO_SUCH_FIELD) return {};
  if (found.get(list) != simdjson::SUCCESS || list.size() > kMaxExamples)
    return bad("\"examples\" is a list of at most 2000 {\"text\", \"label\"}; more are for `demarc classify train`.", "examples");
  const bool labels_are_given = !out.labels.empty();
  for (const Element one : list) {
    const std::string where = "examples[" + std::to_string(out.examples.size()) + "]";
    std::string_view text, label;
    if (one["text"].get(text) != simdjson::SUCCESS || text.empty() || one["label"].get(label) != simdjson::SUCCESS)
      return bad(where + " has no \"text\" or no \"label\".", where);
    auto at = std::ranges::find(out.labels, label);
    if (at == out.labels.end()) {
      if (labels_are_given) return bad(where + ": its label is not one of \"labels\".", where);
      if (label.empty() || label.size() > text::kMaxLabelBytes || out.labels.size() == text::kMaxLabels)
        return bad(where + ": a label has 1 to 256 bytes, and there are at most 1000.", where);
      out.labels.emplace_back(label), out.descriptions.emplace_back();
      at = out.labels.end() - 1;
    }
    out.examples.emplace_back(text);
    out.label_of_example.push_back(static_cast<std::uint32_t>(at - out.labels.begin()));
  }
  return {};
}

}  // namespace

Result<ClassificationRequest, Refusal> read_classification(std::string_view body, std::string_view model_digest) {
  simdjson::dom::parser parser;
  Element root;
  if (parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS) return bad("The body is not JSON.", "");
  ClassificationRequest out;
  out.input = TRY(inputs_of(root));
  if (const auto found = root["threshold"]; found.error() == simdjson::SUCCESS && !found.is_null()) {
    double threshold = 0;
    if (found.get(threshold) != simdjson::SUCCESS || threshold < 0 || threshold > 1)
      return bad("\"threshold\" is a number from 0 to 1.", "threshold");
    out.threshold = threshold;
  }
  if (Element classifier; root["classifier"].get(classifier) == simdjson::SUCCESS) {
    auto read = text::Classifier::read(simdjson::minify(classifier));
    if (!read) return bad(read.error(), "classifier");
    if (read->lineage.model_digest != model_digest)
      return bad(
          "This classifier was trained on vectors of " + read->lineage.model + " (" + read->lineage.model_digest + "), and this is another model.",
          "classifier");
    out.classifier = std::move(*read);
    return out;
  }
  TRY(read_labels(root, out));
  TRY(read_examples(root, out));
  if (out.labels.size() < 2)
    return bad("Nothing says what to tell apart: send \"labels\" or \"examples\" of at least two labels, or name a workload that has a classifier.",
               "labels");
  return out;
}

Likeness::Likeness(const ClassificationRequest& request, const std::vector<std::vector<float>>& descriptions,
                   const std::vector<std::vector<float>>& examples)
    : temperature_(kUsualTemperature) {
  const std::size_t width = (descriptions.empty() ? examples : descriptions).front().size(), labels = request.labels.size();
  std::vector<std::vector<float>> sums(labels, std::vector<float>(width, 0.0F));
  std::vector<std::size_t> counts(labels, 0);
  const auto add = [&](std::size_t label, const std::vector<float>& vector) {
    for (std::size_t i = 0; i < width; ++i) sums[label][i] += vector[i];
  };
  std::size_t next = 0;
  for (std::size_t label = 0; label < labels; ++label)
    if (!request.descriptions[label].empty()) add(label, descriptions[next++]);
  for (std::size_t i = 0; i < examples.size(); ++i) add(request.label_of_example[i], examples[i]), ++counts[request.label_of_example[i]];
  centroids_ = sums;
  for (auto& centroid : centroids_) normalise(centroid);
  if (examples.empty() || std::ranges::any_of(counts, [](std::size_t count) { return count < 2; })) return;

  // Each example judged by centroids without it: cosines that it did not help to make.
  text::Samples samples{.width = width};
  text::Scores scores{.count = labels, .values = {}};
  for (std::size_t i = 0; i < examples.size(); ++i) {
    const std::uint32_t own = request.label_of_example[i];
    std::vector<float> without = sums[own];
    for (std::size_t j = 0; j < width; ++j) without[j] -= examples[i][j];
    normalise(without);
    for (std::size_t label = 0; label < labels; ++label) {
      const std::vector<float>& centroid = label == own ? without : centroids_[label];
      scores.values.push_back(std::inner_product(centroid.begin(), centroid.end(), examples[i].begin(), 0.0F));
    }
    samples.labels.push_back({own});
  }
  temperature_ = text::fit_temperature(scores, samples), calibrated_ = true;
}

text::Verdict Likeness::judge(std::span<const float> vector, double threshold) const {
  text::Verdict verdict;
  for (const std::vector<float>& centroid : centroids_)
    verdict.confidences.push_back(std::inner_product(centroid.begin(), centroid.end(), vector.begin(), 0.0F));
  text::to_confidences(verdict.confidences, temperature_);
  const auto best = static_cast<std::uint32_t>(std::ranges::max_element(verdict.confidences) - verdict.confidences.begin());
  verdict.confidence = verdict.confidences[best];
  if (verdict.confidence >= threshold) verdict.chosen.push_back(best);
  return verdict;
}

std::string print_classification(const ClassificationRequest& request, const std::vector<text::Verdict>& verdicts, std::string_view id,
                                 std::string_view model, bool calibrated, std::size_t tokens) {
  const bool trained = request.classifier.has_value(), several = trained && request.classifier->kind == text::Labels::several;
  const std::vector<std::string>& labels = trained ? request.classifier->labels : request.labels;
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("id", id);
    json.field("model", model);
    json.field("method", trained ? "trained" : request.examples.empty() ? "zero_shot" : "examples");
    json.field("calibration", trained ? "cross_validated" : calibrated ? "leave_one_out" : "none");
    json.array("results", [&] {
      for (const text::Verdict& verdict : verdicts)
        json.object([&] {
          json.object("label", [&] {
            json.object("scores", [&] {
              for (std::size_t label = 0; label < labels.size(); ++label) json.field(labels[label], static_cast<double>(verdict.confidences[label]));
            });
            if (several)
              json.array("labels", [&] {
                for (const std::uint32_t label : verdict.chosen) json.value(labels[label]);
              });
            else
              verdict.chosen.empty() ? json.field("label", json_null) : json.field("label", labels[verdict.chosen.front()]);
            json.field("confidence", static_cast<double>(verdict.confidence));
            json.field("abstained", verdict.chosen.empty());
          });
        });
    });
    json.object("usage", [&] {
      json.field("prompt_tokens", tokens);
      json.field("total_tokens", tokens);
    });
  });
  return out;
}

}  // namespace demarc::tensor::worker
