#include "tensor/worker/images.hpp"

#include <simdjson.h>

#include <algorithm>

#include "base/encode.hpp"
#include "core/json/writer.hpp"
#include "tensor/worker/picture.hpp"

namespace demarc::tensor::worker {
namespace {

using Element = simdjson::dom::element;

Failure<Refusal> bad(std::string message, std::string param) { return fail(Refusal{std::move(message), std::move(param)}); }

Result<std::string, Refusal> picture_of(const Element& element, const std::string& where) {
  std::string_view uri;
  if (element.get(uri) != simdjson::SUCCESS && element["url"].get(uri) != simdjson::SUCCESS &&
      element["image_url"]["url"].get(uri) != simdjson::SUCCESS)
    return bad(where + " is no picture: a data URI, or {\"url\": one}.", where);
  constexpr std::string_view kBase64 = ";base64,";
  const std::size_t comma = uri.substr(0, 256).find(kBase64);
  if (!uri.starts_with("data:") || comma == std::string_view::npos)
    return bad(where + " is no data URI in base64; pictures are not fetched from elsewhere.", where);
  auto bytes = from_base64(uri.substr(comma + kBase64.size()));
  if (!bytes) return bad(where + ": what follows \"base64,\" is not base64.", where);
  if (bytes->size() > kMaxPictureBytes) return bad(where + " has more than 24 MiB.", where);
  return std::move(*bytes);
}

}  // namespace

Result<ImagesRequest, Refusal> read_images(std::string_view body) {
  simdjson::dom::parser parser;
  Element root, input;
  if (parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS) return bad("The body is not JSON.", "");
  if (root["input"].get(input) != simdjson::SUCCESS) return bad("\"input\" is missing.", "input");
  ImagesRequest out;
  simdjson::dom::array list;
  if (input.get(list) != simdjson::SUCCESS) {
    out.pictures.push_back(TRY(picture_of(input, "input")));
  } else {
    if (list.size() == 0 || list.size() > kMaxPictures) return bad("\"input\" has 1 to 64 pictures.", "input");
    for (const Element one : list) out.pictures.push_back(TRY(picture_of(one, "input[" + std::to_string(out.pictures.size()) + "]")));
  }
  if (const auto found = root["threshold"]; found.error() == simdjson::SUCCESS && !found.is_null()) {
    double threshold = 0;
    if (found.get(threshold) != simdjson::SUCCESS || threshold < 0 || threshold > 1)
      return bad("\"threshold\" is a number from 0 to 1.", "threshold");
    out.labels.threshold = threshold;
  }
  simdjson::dom::array examples;
  if (root["examples"].error() == simdjson::NO_SUCH_FIELD) return out;
  if (root["examples"].get(examples) != simdjson::SUCCESS || examples.size() > kMaxExamples)
    return bad("\"examples\" is a list of at most 2000 {\"image\", \"label\"}.", "examples");
  for (const Element one : examples) {
    const std::string where = "examples[" + std::to_string(out.examples.size()) + "]";
    std::string_view label;
    Element image;
    if (one["label"].get(label) != simdjson::SUCCESS || label.empty() || label.size() > text::kMaxLabelBytes ||
        one["image"].get(image) != simdjson::SUCCESS)
      return bad(where + " has no \"image\", or no \"label\" of 1 to 256 bytes.", where);
    out.examples.push_back(TRY(picture_of(image, where)));
    const auto at = std::ranges::find(out.labels.labels, label) - out.labels.labels.begin();
    if (at == std::ssize(out.labels.labels)) out.labels.labels.emplace_back(label), out.labels.descriptions.emplace_back();
    out.labels.label_of_example.push_back(static_cast<std::uint32_t>(at));
  }
  if (out.labels.labels.size() < 2) return bad("The examples have only one label: nothing to tell apart.", "examples");
  return out;
}

std::string print_images(const std::vector<std::string>& labels, const std::vector<ImageResult>& results, std::string_view id, std::string_view model,
                         std::string_view method, std::string_view calibration) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("id", id), json.field("model", model), json.field("method", method), json.field("calibration", calibration);
    json.array("results", [&] {
      for (const ImageResult& result : results)
        json.object([&] {
          const auto& verdict = result.verdict;
          const std::string& error = result.error;
          if (!error.empty()) return json.object("error", [&] { json.field("message", error), json.field("code", "invalid_image"); });
          json.object("label", [&] {
            json.object("scores", [&] {
              for (std::size_t label = 0; label < labels.size(); ++label) json.field(labels[label], static_cast<double>(verdict.confidences[label]));
            });
            verdict.chosen.empty() ? json.field("label", json_null) : json.field("label", labels[verdict.chosen.front()]);
            json.field("confidence", static_cast<double>(verdict.confidence));
            json.field("abstained", verdict.chosen.empty());
          });
        });
    });
  });
  return out;
}

}  // namespace demarc::tensor::worker
