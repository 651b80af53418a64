#include "privacy/name_kinds.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>

#include "core/io/disk.hpp"

namespace demarc::privacy {
namespace {

constexpr std::size_t kConfigBytes = 1 << 20;

constexpr std::array kKnown = {
    // rampart. Its other labels (papers, accounts, tax numbers) are left out: on our labelled texts one in ten of them was right at best, and those
    // numbers
    // have detectors of their own (identifiers.yaml).
    NameKind{"GIVEN_NAME", "PERSON", 0.5F},
    NameKind{"SURNAME", "PERSON", 0.5F},
    NameKind{"STREET_NAME", "STREET_ADDRESS", 0.85F},
    NameKind{"BUILDING_NUMBER", "STREET_ADDRESS", 0.85F},
    NameKind{"SECONDARY_ADDRESS", "STREET_ADDRESS", 0.85F},
    NameKind{"ZIP_CODE", "STREET_ADDRESS", 0.85F},
    NameKind{"CITY", "LOCATION", 0.5F},
    NameKind{"STATE", "LOCATION", 0.5F},
    NameKind{"PHONE", "PHONE_NUMBER", 0.95F},
    NameKind{"PASSPORT", "PASSPORT", 0.95F},
    // common schemes
    NameKind{"PER", "PERSON", 0.3F},
    NameKind{"PERSON", "PERSON", 0.3F},
    NameKind{"LOC", "LOCATION", 0.5F},
    NameKind{"LOCATION", "LOCATION", 0.5F},
    NameKind{"GPE", "LOCATION", 0.5F},
    NameKind{"ORG", "ORGANIZATION", 0.5F},
    NameKind{"ORGANIZATION", "ORGANIZATION", 0.5F},
    NameKind{"NRP", "NRP", 0.5F},
    NameKind{"NORP", "NRP", 0.5F},
    NameKind{"DATE_OF_BIRTH", "DATE_OF_BIRTH", 0.3F},
};

// Of the tagger that stands beside every model (tensor/tagger).
constexpr std::array kOurs = {
    NameKind{"tagger/PERSON", "PERSON", 0.7F},
    NameKind{"tagger/ORGANIZATION", "ORGANIZATION", 0.3F},
    NameKind{"tagger/LOCATION", "LOCATION", 0.5F},
    NameKind{"tagger/STREET_ADDRESS", "STREET_ADDRESS", 0.3F},
};

std::string_view kind_of(std::string_view label) {
  constexpr std::string_view kPlaces = "BIESLU";
  if (label.size() > 2 && label[1] == '-' && kPlaces.find(label[0]) != std::string_view::npos) label.remove_prefix(2);
  return label;
}

}  // namespace

std::vector<NameKind> kinds_of(const std::vector<std::string>& labels) {
  std::vector<NameKind> out;
  for (const NameKind& known : kKnown)
    if (std::ranges::any_of(labels, [&](const std::string& label) { return kind_of(label) == known.kind; })) out.push_back(known);
  return out;
}

Result<std::vector<NameKind>, std::string> kinds_of_config(std::string_view config_json) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  simdjson::dom::object by_index;
  if (parser.parse(config_json.data(), config_json.size()).get(root) != simdjson::SUCCESS || root["id2label"].get(by_index) != simdjson::SUCCESS)
    return fail(std::string("its config.json names no labels (\"id2label\"): not a model that labels tokens"));
  std::vector<std::string> labels;
  for (const auto& [key, value] : by_index) {
    std::string_view label;
    if (value.get(label) == simdjson::SUCCESS) labels.emplace_back(label);
  }
  auto kinds = kinds_of(labels);
  if (kinds.empty()) return fail(std::string("none of its labels is known here (docs/reference/findings.md lists them)"));
  kinds.insert(kinds.end(), kOurs.begin(), kOurs.end());
  return kinds;
}

Result<std::vector<NameKind>, std::string> kinds_of_model(const std::string& folder) {
  const std::string path = folder + "/config.json";
  const auto text = read_file(real_disk(), path, kConfigBytes);
  if (!text) return fail(path + ": " + std::string(to_string(text.error())));
  return kinds_of_config(*text);
}

}  // namespace demarc::privacy
