// demarc keys create | ls | revoke | rotate
#include <simdjson.h>

#include <iostream>

#include "cli/cli.hpp"
#include "cli/commands.hpp"
#include "cli/connection.hpp"
#include "core/json/writer.hpp"

namespace demarc::cli {
namespace {

struct KeyOrder {
  std::string id, name, team, role, sensitivity, env = "live";
  std::vector<std::string> scopes, workloads;
  std::int64_t days = 90;
};

std::string text_of(simdjson::dom::element object, const char* field) {
  std::string_view text;
  return object[field].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

int call(const Shared& shared, const std::string& method, const std::string& target, const std::string& body,
         const std::function<void(simdjson::dom::element)>& print) {
  const auto place = find_place(shared);
  if (!place) return std::cerr << "demarc keys: " << place.error() << '\n', kFailed;
  auto connection = Connection::open(*place, Connection::IfNone::start_one);
  if (!connection) return std::cerr << "demarc keys: " << connection.error() << '\n', kFailed;
  const auto answer = (*connection)->call(method, target, {{"content-type", "application/json"}}, body);
  if (!answer) return std::cerr << "demarc keys: " << answer.error() << '\n', kUnavailable;
  if (answer->status >= 400) return std::cerr << "demarc keys: " << error_message(*answer) << '\n', exit_code_of(answer->status);
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (shared.json)
    std::cout << answer->body << '\n';
  else if (parser.parse(answer->body).get(root) == simdjson::SUCCESS)
    print(root);
  return kOk;
}

void print_secret(simdjson::dom::element key) {
  std::cout << text_of(key, "secret") << '\n';
  std::cerr << "This is the only time the key is shown. Id " << text_of(key, "id") << ", good until " << text_of(key, "expires") << ".\n";
}

void print_list(simdjson::dom::element root) {
  std::printf("%-18s %-16s %-12s %-10s %-8s %s\n", "ID", "NAME", "TEAM", "ROLE", "STATE", "EXPIRES");
  simdjson::dom::array keys;
  if (root["keys"].get(keys) != simdjson::SUCCESS) return;
  for (const simdjson::dom::element key : keys)
    std::printf("%-18s %-16.16s %-12.12s %-10.10s %-8s %.10s\n", text_of(key, "id").c_str(), text_of(key, "name").c_str(),
                text_of(key, "team").c_str(), text_of(key, "role").c_str(), text_of(key, "state").c_str(), text_of(key, "expires").c_str());
}

std::string body_of(const KeyOrder& order) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("name", order.name), json.field("env", order.env), json.field("team", order.team), json.field("role", order.role),
        json.field("days", order.days);
    json.array("scopes", [&] {
      for (const auto& scope : order.scopes) json.value(scope);
    });
    json.array("workloads", [&] {
      for (const auto& workload : order.workloads) json.value(workload);
    });
    if (!order.sensitivity.empty()) json.field("sensitivity", order.sensitivity);
  });
  return out;
}

}  // namespace

void add_keys(CLI::App& app, Shared& shared) {
  CLI::App* keys = app.add_subcommand("keys", "make, list, revoke and rotate keys");
  keys->require_subcommand(1);
  auto order = std::make_shared<KeyOrder>();
  CLI::App* create = add_command(*keys, shared, "create", "make a key; its secret is shown once, on stdout",
                                 [&shared, order] { return call(shared, "POST", "/admin/v1/keys", body_of(*order), print_secret); });
  create->add_option("-n,--name", order->name, "what the key is for")->required();
  create->add_option("-t,--team", order->team, "policy and budgets see it as caller.team");
  create->add_option("-r,--role", order->role, "a free word that policy sees as caller.role");
  create->add_option("--scope", order->scopes, "inference (default), receipts:read, usage:read, audit:read, admin");
  create->add_option("--workload", order->workloads, "a workload the key may name besides the open ones");
  create->add_option("--sensitivity", order->sensitivity, "the least its requests count as");
  create->add_option("--days", order->days, "until it expires, 1 to 365")->capture_default_str();
  create->add_option("--env", order->env, "a word in the key's prefix, so that leaked keys can be told apart")->capture_default_str();
  add_command(*keys, shared, "ls", "all keys, without their secrets", [&shared] { return call(shared, "GET", "/admin/v1/keys", "", print_list); });
  CLI::App* revoke = add_command(*keys, shared, "revoke", "end a key at once", [&shared, order] {
    return call(shared, "DELETE", "/admin/v1/keys/" + order->id, "",
                [](simdjson::dom::element key) { std::cout << text_of(key, "id") << " revoked\n"; });
  });
  revoke->add_option("id", order->id, "as `demarc keys ls` shows it")->required();
  CLI::App* rotate = add_command(*keys, shared, "rotate", "make a successor with the same rights; the old key stays good for a day",
                                 [&shared, order] { return call(shared, "POST", "/admin/v1/keys/" + order->id + "/rotate", "", print_secret); });
  rotate->add_option("id", order->id, "as `demarc keys ls` shows it")->required();
}

}  // namespace demarc::cli
