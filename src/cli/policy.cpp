// demarc policy check | test | explain: work on files alone; no server, no keys, no engines need exist.
#include <fstream>
#include <iostream>
#include <sstream>

#include "cli/cli.hpp"
#include "cli/commands.hpp"
#include "cli/covered_types.hpp"
#include "cli/place.hpp"
#include "config/places.hpp"
#include "core/json/writer.hpp"
#include "policy/cases.hpp"
#include "policy/compile.hpp"
#include "policy/explain.hpp"
#include "privacy/user_patterns.hpp"

namespace demarc::cli {
namespace {

struct Order {
  std::string policy, cases, request;
};

std::optional<std::string> read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return {};
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

struct Files {
  config::Config config;
  policy::CompiledPolicy policy;
};

std::string problems_json(const std::vector<policy::PolicyProblem>& problems) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.array("problems", [&] {
      for (const policy::PolicyProblem& problem : problems)
        json.object([&] {
          json.field("severity", problem.severity == policy::Severity::error ? "error" : "warning");
          json.field("file", problem.file), json.field("line", problem.line), json.field("column", problem.column);
          json.field("message", problem.message);
        });
    });
  });
  return out;
}

// The configuration that the policy stands beside, and the policy compiled; prints what is wrong and gives nothing if anything is.
std::optional<Files> load_files(const Shared& shared, const Order& order) {
  Files files;
  const auto config_file = config::find_config(shared.config.empty() ? std::nullopt : std::optional(shared.config), config::process_environment());
  if (config_file) {
    auto config = config::load_file(*config_file, config::process_environment(), config::LoadMode::policy_only);
    if (!config) return std::cerr << config::to_string(config.error()) << '\n', std::nullopt;
    files.config = std::move(*config);
  } else {
    files.config = config::default_config({});
  }
  const std::string path = order.policy.empty() ? files.config.policy_path : order.policy;
  const auto text = path.empty() ? std::optional(std::string(policy::kDefaultPolicy)) : read_text(path);
  if (!text) return std::cerr << path << ": cannot be read\n", std::nullopt;
  const auto place = find_place(shared);
  const auto covered = covered_types(files.config, place ? place->data : std::string());
  if (!covered) return std::cerr << covered.error() << '\n', std::nullopt;
  auto compiled = policy::compile(*text, path.empty() ? "embedded default" : path, files.config.routing, &*covered);
  if (!compiled) {
    if (shared.json) std::cout << problems_json(compiled.error()) << '\n';
    for (const auto& problem : compiled.error()) std::cerr << policy::print(problem) << '\n';
    return std::nullopt;
  }
  files.policy = std::move(*compiled);
  return files;
}

int check(const Shared& shared, const Order& order) {
  const auto files = load_files(shared, order);
  if (!files) return kFailed;
  if (shared.json) std::cout << problems_json(files->policy.warnings) << '\n';
  for (const auto& warning : files->policy.warnings) std::cerr << policy::print(warning) << '\n';
  if (!shared.json)
    std::cout << files->policy.file << ": " << files->policy.labels.size() << " labels, " << files->policy.rules.size() << " rules, "
              << files->policy.invariants.size() << " invariants, " << files->policy.warnings.size() << " warnings\n";
  return kOk;
}

int test(const Shared& shared, const Order& order) {
  const auto files = load_files(shared, order);
  if (!files) return kFailed;
  const auto text = read_text(order.cases);
  if (!text) return std::cerr << order.cases << ": cannot be read\n", kFailed;
  const auto cases = policy::read_cases(*text, order.cases);
  if (!cases) {
    for (const auto& problem : cases.error()) std::cerr << policy::print(problem) << '\n';
    return kFailed;
  }
  const policy::CaseReport report = policy::run_cases(files->policy, files->config.routing, *cases, order.cases);
  std::cout << (shared.json ? policy::to_json(report) + "\n" : policy::print(report));
  return report.failed() == 0 ? kOk : kFailed;
}

int explain(const Shared& shared, const Order& order) {
  const auto files = load_files(shared, order);
  if (!files) return kFailed;
  std::string request = order.request.empty() ? R"({"operation":"chat"})" : order.request;
  if (request.starts_with('@')) {
    const auto text = read_text(request.substr(1));
    if (!text) return std::cerr << request.substr(1) << ": cannot be read\n", kFailed;
    request = *text;
  }
  std::erase(request, '\n');
  const auto cases = policy::read_cases(R"({"id":"asked","request":)" + request + R"(,"expect":{}})", "--request");
  if (!cases || cases->empty()) {
    if (!cases)
      for (const auto& problem : cases.error()) std::cerr << policy::print(problem) << '\n';
    return kUsage;
  }
  const auto states = policy::states_of(cases->front(), files->config.routing);
  if (!states) return std::cerr << "demarc policy explain: " << states.error() << '\n', kUsage;
  const policy::Explanation explanation = policy::explain(files->policy, files->config.routing, cases->front().request, *states);
  std::cout << (shared.json ? policy::to_json(explanation) + "\n" : policy::print(explanation));
  return kOk;
}

}  // namespace

void add_policy(CLI::App& app, Shared& shared) {
  CLI::App* policy = app.add_subcommand("policy", "check, test and explain the rules");
  policy->require_subcommand(1);
  auto order = std::make_shared<Order>();
  CLI::App* checked = add_command(*policy, shared, "check", "is the file right? every problem with line and column",
                                  [&shared, order] { return check(shared, *order); });
  checked->add_option("policy", order->policy, "policy.yaml (else the one that the configuration names)");
  CLI::App* tested =
      add_command(*policy, shared, "test", "run cases, one JSON object a line, against a policy", [&shared, order] { return test(shared, *order); });
  tested->add_option("policy", order->policy, "policy.yaml")->required();
  tested->add_option("cases", order->cases, "cases.jsonl")->required();
  CLI::App* explained = add_command(*policy, shared, "explain", "what the policy decides for a request, and what each rule and condition made of it",
                                    [&shared, order] { return explain(shared, *order); });
  explained->add_option("policy", order->policy, "policy.yaml (else the one that the configuration names)");
  explained->add_option("-r,--request", order->request, R"(attributes as in a case, e.g. '{"operation":"chat","findings":{"US_SSN":1}}', or @FILE)");
}

}  // namespace demarc::cli
