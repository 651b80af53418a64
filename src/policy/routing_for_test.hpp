// Test only: the part of demarc.yaml that a policy needs, to a Routing, so that policy's tests need no other module. config/ reads the file for
// serving.
#pragma once

#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/check.hpp"
#include "core/upstream.hpp"

namespace demarc::policy {

inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  CHECK(file.good());
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

inline std::vector<Operation> operations_for_test(const YAML::Node& list) {
  std::vector<Operation> out;
  for (const auto& item : list) out.push_back(parse_operation(item.as<std::string>()).value());
  return out;
}

inline ModelSpec model_for_test(const YAML::Node& node, const YAML::Node& upstream) {
  ModelSpec model;
  const bool map = node.IsMap();
  model.name = map ? node["name"].as<std::string>() : node.as<std::string>();
  model.serves = operations_for_test(map && node["serves"] ? node["serves"] : upstream["serves"]);
  const YAML::Node tokens = map && node["context_tokens"] ? node["context_tokens"] : upstream["context_tokens"];
  if (tokens) model.context_tokens = tokens.as<std::int64_t>();
  if (map && node["space"]) model.space = node["space"].as<std::string>();
  return model;
}

inline UpstreamSpec upstream_for_test(const YAML::Node& node) {
  UpstreamSpec spec;
  spec.name = node["name"].as<std::string>();
  spec.tier = parse_tier(node["tier"].as<std::string>()).value();
  if (node["engine"]) spec.engine = parse_engine_kind(node["engine"].as<std::string>());
  if (node["dialect"]) spec.provider = parse_provider(node["dialect"].as<std::string>()).value();
  if (node["region"]) spec.region = node["region"].as<std::string>();
  if (node["no_store"]) spec.no_store = node["no_store"].as<bool>();
  if (node["model"]) spec.models.push_back(model_for_test(node["model"], node));
  for (const auto& model : node["models"]) spec.models.push_back(model_for_test(model, node));
  return spec;
}

inline std::vector<NamedTargets> targets_for_test(const YAML::Node& map) {
  std::vector<NamedTargets> out;
  for (const auto& entry : map) {
    NamedTargets named{entry.first.as<std::string>(), {}};
    for (const auto& item : entry.second) {
      const auto text = item.as<std::string>();
      const auto slash = text.find('/');
      named.targets.push_back({text.substr(0, slash), slash == std::string::npos ? "" : text.substr(slash + 1)});
    }
    out.push_back(std::move(named));
  }
  return out;
}

inline Routing routing_for_test(const std::string& demarc_yaml) {
  const YAML::Node root = YAML::Load(demarc_yaml);
  Routing routing;
  for (const auto& node : root["upstreams"]) routing.upstreams.push_back(upstream_for_test(node));
  routing.aliases = targets_for_test(root["aliases"]);
  routing.substitutes = targets_for_test(root["substitutes"]);
  for (const auto& node : root["workloads"]) {
    WorkloadSpec workload;
    workload.name = node["name"].as<std::string>();
    if (node["operation"]) workload.operation = parse_operation(node["operation"].as<std::string>()).value();
    if (node["sensitivity"]) workload.sensitivity = parse_sensitivity(node["sensitivity"].as<std::string>()).value();
    if (node["quality_floor"]) workload.quality_floor = node["quality_floor"].as<double>();
    routing.workloads.push_back(std::move(workload));
  }
  if (root["default_sensitivity"]) routing.default_sensitivity = parse_sensitivity(root["default_sensitivity"].as<std::string>()).value();
  if (const YAML::Node levels = root["unexamined"]) {
    if (levels["image"]) routing.unexamined_image = parse_sensitivity(levels["image"].as<std::string>());
    if (levels["audio"]) routing.unexamined_audio = parse_sensitivity(levels["audio"].as<std::string>());
    if (levels["file"]) routing.unexamined_file = parse_sensitivity(levels["file"].as<std::string>());
  }
  return routing;
}

}  // namespace demarc::policy
