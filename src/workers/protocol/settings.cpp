#include "workers/protocol/settings.hpp"

#include <simdjson.h>

#include <string_view>

namespace demarc::workers {
namespace {

constexpr std::uint64_t kMaxThreads = 256, kMaxSlots = 64;

std::string text_of(const simdjson::simdjson_result<simdjson::dom::element>& element) {
  std::string_view text;
  return element.get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

std::size_t number_of(const simdjson::simdjson_result<simdjson::dom::element>& element, std::uint64_t max) {
  std::uint64_t number = 0;
  return element.get(number) == simdjson::SUCCESS && number >= 1 ? static_cast<std::size_t>(std::min(number, max)) : 1;
}

std::map<std::string, std::int64_t, std::less<>> limits_of(const simdjson::dom::element& root) {
  std::map<std::string, std::int64_t, std::less<>> out;
  simdjson::dom::object named;
  if (root["limits"].get(named) != simdjson::SUCCESS) return out;
  for (const auto field : named) {
    std::int64_t number = 0;
    if (field.value.get(number) == simdjson::SUCCESS) out.emplace(std::string(field.key), number);
  }
  return out;
}

}  // namespace

Result<std::map<std::string, std::int64_t, std::less<>>, std::string> read_limits(const std::string& path) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.load(path).get(root) != simdjson::SUCCESS) return fail(path + ": not a readable JSON file");
  return limits_of(root);
}

Result<Settings, std::string> read_settings(const std::string& path) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.load(path).get(root) != simdjson::SUCCESS) return fail(path + ": not a readable JSON file");
  std::uint64_t beside = 0;
  if (root["beside"].get(beside) != simdjson::SUCCESS) beside = 0;
  Settings settings{.socket = text_of(root["socket"]),
                    .model_path = text_of(root["model"]["path"]),
                    .model_name = text_of(root["model"]["name"]),
                    .model_digest = text_of(root["model"]["digest"]),
                    .threads = number_of(root["threads"], kMaxThreads),
                    .slots = number_of(root["slots"], kMaxSlots),
                    .limits = limits_of(root),
                    .beside = static_cast<std::size_t>(std::min(beside, kMaxSlots)),
                    .speakers = text_of(root["speakers"])};
  simdjson::dom::array serves;
  if (root["serves"].get(serves) == simdjson::SUCCESS)
    for (std::size_t i = 0; i < serves.size(); ++i) settings.serves.push_back(text_of(serves.at(i)));
  if (settings.socket.empty() || settings.model_path.empty()) return fail(path + ": \"socket\" and \"model.path\" are required");
  return settings;
}

}  // namespace demarc::workers
