#include "admin/admin.hpp"

#include "admin/handlers.hpp"
#include "admin/openapi.hpp"
#include "core/json/writer.hpp"

namespace demarc::admin {
namespace {

Task<void> show_status(Exchange& exchange, gateway::Gateway& gateway) {
  if (!co_await gateway::authorised(exchange, gateway.services(), "admin")) co_return;
  co_await gateway::respond_json(exchange, 200, status_json(gateway, exchange.loop().now()));
}

Task<void> reload(Exchange& exchange, gateway::Gateway& gateway) {
  if (!co_await gateway::authorised(exchange, gateway.services(), "admin")) co_return;
  struct Reload {
    gateway::Gateway& gateway;
    Loop& loop;
    std::optional<Result<void, std::string>> done{};
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> awaiting) {
      gateway.reload_soon([this, awaiting](Result<void, std::string> result) {
        done.emplace(std::move(result));
        loop.post([awaiting] { awaiting.resume(); });
      });
    }
    Result<void, std::string> await_resume() { return std::move(*done); }
  };
  Reload reloading{gateway, exchange.loop()};
  const auto done = co_await reloading;
  if (!done)
    co_return co_await gateway::respond_error(exchange, {ErrorKind::bad_request, done.error(), "", "the former configuration stays in force"});
  const auto snapshot = gateway.services().snapshots.current();
  std::string out;
  JsonWriter json(out);
  json.object([&] { json.field("policy", snapshot->policy.digest); });
  co_await gateway::respond_json(exchange, 200, std::move(out));
}

// DELETE /admin/v1/quarantine: all; /admin/v1/quarantine/BEGINNING: those whose name begins so.
Task<void> release(Exchange& exchange, gateway::Gateway& gateway) {
  if (!co_await gateway::authorised(exchange, gateway.services(), "admin")) co_return;
  constexpr std::string_view kPath = "/admin/v1/quarantine";
  std::string_view which = exchange.request().path().substr(kPath.size());
  if (which.starts_with('/')) which.remove_prefix(1);
  const std::size_t released = gateway.services().fleet->quarantine().release(which);
  if (released == 0 && !which.empty())
    co_return co_await gateway::respond_error(exchange, {ErrorKind::not_found, "Nothing in quarantine begins so; eight characters are the least."});
  std::string out;
  JsonWriter json(out);
  json.object([&] { json.field("released", released); });
  co_await gateway::respond_json(exchange, 200, std::move(out));
}

Task<void> show_openapi(Exchange& exchange) { co_await gateway::respond_json(exchange, 200, std::string(kOpenApi)); }

}  // namespace

void add_routes(gateway::Router& router, gateway::Gateway& gateway) {
  using Handle = Task<void> (*)(Exchange&, gateway::Gateway&);
  const auto add = [&](const char* method, const char* path, Handle handle) {
    router.add(method, path, [&gateway, handle](Exchange& exchange) { return handle(exchange, gateway); });
  };
  add("GET", "/admin/v1/status", show_status);
  add("POST", "/admin/v1/reload", reload);
  add("DELETE", "/admin/v1/quarantine", release);
  add("DELETE", "/admin/v1/quarantine/", release);
  add("GET", "/admin/v1/keys", list_keys);
  add("POST", "/admin/v1/keys", create_key);
  add("DELETE", "/admin/v1/keys/", change_key);
  add("POST", "/admin/v1/keys/", change_key);
  add("GET", "/admin/v1/usage", show_usage);
  add("GET", "/admin/v1/audit", list_audit);
  add("GET", "/admin/v1/audit/", show_audit);
  add("POST", "/admin/v1/erase", erase_subject);
  add("GET", "/admin/v1/shadows", list_shadows);
  router.add("GET", "/openapi.json", [](Exchange& exchange) { return show_openapi(exchange); });
}

}  // namespace demarc::admin
