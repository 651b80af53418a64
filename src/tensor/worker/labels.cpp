#include "tensor/worker/labels.hpp"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

namespace demarc::tensor::worker {
namespace {

constexpr std::size_t kMostLabels = 1'000, kLongestInput = 8'192;

Result<std::vector<std::string>, std::string> labels_of(const simdjson::dom::element& root) {
  simdjson::dom::object by_index;
  if (root["id2label"].get(by_index) != simdjson::SUCCESS) return fail(std::string("\"id2label\" is missing: not a model that labels tokens"));
  std::vector<std::string> labels(by_index.size());
  if (labels.empty() || labels.size() > kMostLabels) return fail(std::string("\"id2label\" names none or more than 1000 labels"));
  for (const auto& [key, value] : by_index) {
    std::size_t index = 0;
    const auto parsed = std::from_chars(key.data(), key.data() + key.size(), index);
    std::string_view label;
    if (parsed.ec != std::errc{} || index >= labels.size() || value.get(label) != simdjson::SUCCESS)
      return fail(std::string("\"id2label\" does not count from 0"));
    labels[index] = label;
  }
  return labels;
}

}  // namespace

// Read lazily: these files carry a number too large for any integer ("no limit"), which must not make the rest unreadable.
Result<Letters, std::string> letters_of(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return Letters::lower;
  simdjson::padded_string text;
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  if (simdjson::padded_string::load(path).get(text) != simdjson::SUCCESS || parser.iterate(text).get(document) != simdjson::SUCCESS)
    return fail(path + ": not a readable JSON file");
  bool lower = true;
  const simdjson::error_code found = document["do_lower_case"].get_bool().get(lower);
  if (found != simdjson::SUCCESS && found != simdjson::NO_SUCH_FIELD) return fail(path + ": \"do_lower_case\" is not true or false");
  return lower ? Letters::lower : Letters::as_they_are;
}

std::string_view kind_of(std::string_view label) {
  if (label == "O") return {};
  constexpr std::string_view kPlaces = "BIESLU";
  if (label.size() > 2 && label[1] == '-' && kPlaces.find(label[0]) != std::string_view::npos) label.remove_prefix(2);
  return label;
}

Result<std::string, std::string> weights_of(const std::string& folder) {
  std::string weights;
  std::error_code error;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, error))
    if (entry.path().extension() == ".onnx") {
      if (!weights.empty()) return fail(folder + ": more than one .onnx file");
      weights = entry.path().string();
    }
  if (weights.empty()) return fail(folder + ": no .onnx file");
  return weights;
}

Result<ModelCard, std::string> read_model_card(const std::string& folder) {
  ModelCard card;
  card.weights = TRY(weights_of(folder));
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.load(folder + "/config.json").get(root) != simdjson::SUCCESS) return fail(folder + "/config.json: not a readable JSON file");
  auto labels = labels_of(root);
  if (!labels) return fail(folder + "/config.json: " + labels.error());
  card.labels = std::move(*labels);
  std::uint64_t longest = 0;
  if (root["max_position_embeddings"].get(longest) == simdjson::SUCCESS) card.longest_input = std::clamp<std::size_t>(longest, 16, kLongestInput);

  card.letters = TRY(letters_of(folder + "/tokenizer_config.json"));
  return card;
}

}  // namespace demarc::tensor::worker
