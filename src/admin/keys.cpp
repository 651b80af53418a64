// /admin/v1/keys: create, list, revoke, rotate. Every change is a KEY record in the audit log before it is in force.
#include <simdjson.h>

#include "admin/handlers.hpp"
#include "core/json/writer.hpp"

namespace demarc::admin {
namespace {

using gateway::respond_error;
using gateway::respond_json;

constexpr std::size_t kBodyBytes = 16 * 1024;
constexpr std::chrono::hours kOverlap{24};

void write_key(JsonWriter& json, const KeyRecord& key, Instant now) {
  json.field("id", key.id);
  json.field("name", key.name);
  json.field("team", key.team);
  json.field("role", key.role);
  json.array("scopes", [&] {
    for (const std::string& scope : key.scopes) json.value(scope);
  });
  json.array("workloads", [&] {
    for (const std::string& workload : key.workloads) json.value(workload);
  });
  if (key.sensitivity)
    json.field("sensitivity", to_string(*key.sensitivity));
  else
    json.field("sensitivity", json_null);
  json.field("created", format_rfc3339(key.created));
  json.field("expires", format_rfc3339(key.expires));
  if (key.revoked)
    json.field("revoked", format_rfc3339(*key.revoked));
  else
    json.field("revoked", json_null);
  json.field("state", access::to_string(access::state_of(key, now)));
}

std::vector<std::string> strings_of(simdjson::dom::element body, const char* field) {
  std::vector<std::string> out;
  simdjson::dom::array array;
  if (body[field].get(array) != simdjson::SUCCESS) return out;
  for (const simdjson::dom::element element : array) {
    std::string_view text;
    if (element.get(text) == simdjson::SUCCESS) out.emplace_back(text);
  }
  return out;
}

Result<access::KeyOrder, ApiError> read_order(const std::string& body) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (body.size() > kBodyBytes || parser.parse(body).get(root) != simdjson::SUCCESS || !root.is_object())
    return fail(ApiError{ErrorKind::bad_request, "expected a JSON object"});
  access::KeyOrder order;
  std::string_view text;
  std::int64_t number = 0;
  if (root["name"].get(text) == simdjson::SUCCESS) order.name = text;
  if (root["env"].get(text) == simdjson::SUCCESS) order.env = text;
  if (root["team"].get(text) == simdjson::SUCCESS) order.team = text;
  if (root["role"].get(text) == simdjson::SUCCESS) order.role = text;
  if (root["days"].get(number) == simdjson::SUCCESS) order.days = number;
  const auto scopes = strings_of(root, "scopes");
  if (!scopes.empty()) order.scopes = {scopes.begin(), scopes.end()};
  order.workloads = strings_of(root, "workloads");
  if (root["sensitivity"].get(text) == simdjson::SUCCESS) {
    order.sensitivity = parse_sensitivity(text);
    if (!order.sensitivity) return fail(ApiError{ErrorKind::bad_request, "expected public, internal, confidential or restricted", "sensitivity"});
  }
  return order;
}

// The record of a change, durable, then the change itself, then its being in force.
Task<Result<void, ApiError>> put_key(Exchange& exchange, gateway::Gateway& gateway, const Caller& by, const KeyRecord& key, const char* action) {
  gateway::Services& services = gateway.services();
  const Record record = EventRecord{
      .kind = "KEY", .actor = by.key_id.empty() ? "local" : by.key_id, .details = {{"action", action}, {"key", key.id}, {"name", key.name}}};
  const auto index = co_await services.log->append(exchange.loop(), record);
  if (!index) co_return fail(ApiError{ErrorKind::unavailable, "The audit log cannot be written, so no key is changed."});
  static_cast<void>(services.projection->apply(*index, record));
  if (auto stored = services.store->put_key(key); !stored) co_return fail(ApiError{ErrorKind::unavailable, stored.error().message});
  gateway.refresh_keys();
  co_return Result<void, ApiError>{};
}

}  // namespace

Task<void> list_keys(Exchange& exchange, gateway::Gateway& gateway) {
  if (!co_await gateway::authorised(exchange, gateway.services(), "admin")) co_return;
  const auto keys = gateway.services().store->keys();
  if (!keys) co_return co_await respond_error(exchange, {ErrorKind::unavailable, keys.error().message});
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.array("keys", [&] {
      for (const KeyRecord& key : *keys) json.object([&] { write_key(json, key, exchange.loop().clock().now()); });
    });
  });
  co_await respond_json(exchange, 200, std::move(out));
}

Task<void> create_key(Exchange& exchange, gateway::Gateway& gateway) {
  const auto by = co_await gateway::authorised(exchange, gateway.services(), "admin");
  if (!by) co_return;
  const auto order = read_order(exchange.request().body);
  if (!order) co_return co_await respond_error(exchange, order.error());
  const Instant now = exchange.loop().clock().now();
  const auto made = access::create_key(*order, gateway.services().pepper, system_random(), now);
  if (!made) co_return co_await respond_error(exchange, {ErrorKind::bad_request, std::string(access::to_string(made.error()))});
  if (auto put = co_await put_key(exchange, gateway, *by, made->record, "create"); !put) co_return co_await respond_error(exchange, put.error());
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("secret", made->secret);
    write_key(json, made->record, now);
  });
  co_await respond_json(exchange, 201, std::move(out));
}

Task<void> change_key(Exchange& exchange, gateway::Gateway& gateway) {
  const auto by = co_await gateway::authorised(exchange, gateway.services(), "admin");
  if (!by) co_return;
  std::string id(exchange.request().path().substr(std::string_view("/admin/v1/keys/").size()));
  const bool rotate = id.ends_with("/rotate");
  if (rotate) id.resize(id.size() - std::string_view("/rotate").size());
  const bool revoke = exchange.request().method == "DELETE";
  const auto found = gateway.services().store->key(id);
  if (!found) co_return co_await respond_error(exchange, {ErrorKind::unavailable, found.error().message});
  std::optional<KeyRecord> key = *found;
  if (!key || rotate == revoke)
    co_return co_await respond_error(exchange, {ErrorKind::not_found, "There is no key of that id. demarc keys ls shows them."});
  const Instant now = exchange.loop().clock().now();
  std::string out;
  JsonWriter json(out);
  if (revoke) {
    if (!key->revoked || *key->revoked > now) key->revoked = now;
    if (auto put = co_await put_key(exchange, gateway, *by, *key, "revoke"); !put) co_return co_await respond_error(exchange, put.error());
    json.object([&] { write_key(json, *key, now); });
    co_return co_await respond_json(exchange, 200, std::move(out));
  }
  const auto rotation = access::rotate_key(*key, kOverlap, gateway.services().pepper, system_random(), now);
  if (!rotation) co_return co_await respond_error(exchange, {ErrorKind::bad_request, std::string(access::to_string(rotation.error()))});
  if (auto put = co_await put_key(exchange, gateway, *by, rotation->fresh.record, "rotate"); !put)
    co_return co_await respond_error(exchange, put.error());
  if (auto put = co_await put_key(exchange, gateway, *by, rotation->old, "retire"); !put) co_return co_await respond_error(exchange, put.error());
  json.object([&] {
    json.field("secret", rotation->fresh.secret);
    write_key(json, rotation->fresh.record, now);
    json.field("replaces", rotation->old.id);
  });
  co_await respond_json(exchange, 201, std::move(out));
}

}  // namespace demarc::admin
