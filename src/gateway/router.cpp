#include "gateway/router.hpp"

#include "base/ids.hpp"
#include "core/model_name.hpp"
#include "dialect/errors.hpp"
#include "dialect/models.hpp"
#include "gateway/engine_metrics.hpp"
#include "gateway/jobs/routes.hpp"
#include "gateway/redactions.hpp"
#include "gateway/serve_request.hpp"

namespace demarc::gateway {
namespace {

// One request more, until it is over.
class InFlight {
 public:
  explicit InFlight(std::atomic<std::int64_t>& all) : all_(all), count_(all.fetch_add(1, std::memory_order_relaxed) + 1) {}
  ~InFlight() { all_.fetch_sub(1, std::memory_order_relaxed); }
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;
  [[nodiscard]] std::int64_t count() const { return count_; }

 private:
  std::atomic<std::int64_t>& all_;
  const std::int64_t count_;
};

Task<void> serve_health(Exchange& exchange) { static_cast<void>(co_await exchange.respond(200, {{"content-type", "text/plain"}}, "ok\n")); }

// Ready: the log can be written, we are not going down, and at least one upstream is not known to be down.
std::string why_not_ready(Services& services, Monotonic now) {
  if (services.draining) return "shutting down";
  if (!services.log->healthy()) return "the audit log failed: " + services.log->failure();
  const auto snapshot = services.snapshots.current();
  if (snapshot->upstreams.empty()) return "no upstream is configured and no model is installed: demarc models pull";
  if (snapshot->names) {
    const engine::EngineStatus status = snapshot->names->engine->engine.status();
    if ((status.state == engine::EngineState::starting || status.state == engine::EngineState::unloaded) && status.restarts == 0)
      return "the detector of names is still loading";
  }
  for (const auto& models : snapshot->states->view(now))
    for (const CandidateState& state : models)
      if (state.healthy.value_or(true)) return {};
  return "every upstream is down or still loading";
}

Task<void> serve_ready(Exchange& exchange, Services& services) {
  const std::string why = why_not_ready(services, exchange.loop().now());
  static_cast<void>(co_await exchange.respond(why.empty() ? 200 : 503, {{"content-type", "text/plain"}}, why.empty() ? "ready\n" : why + "\n"));
}

Task<void> serve_metrics(Exchange& exchange, Services& services) {
  if (!co_await authorised(exchange, services, "usage:read")) co_return;
  static_cast<void>(
      co_await exchange.respond(200, {{"content-type", "text/plain; version=0.0.4"}}, services.metrics->print() + engine_metrics(*services.fleet)));
}

Task<void> serve_models(Exchange& exchange, Services& services) {
  if (!co_await authorised(exchange, services, "inference")) co_return;
  const auto snapshot = services.snapshots.current();
  const Instant now = exchange.loop().clock().now();
  std::vector<dialect::ModelEntry> models = {{"auto", "demarc", now}};
  const auto add = [&](const std::string& id, const std::string& owner) {
    for (const auto& model : models)
      if (model.id == id) return;
    models.push_back({id, owner, now});
  };
  for (const NamedTargets& alias : snapshot->routing().aliases) add(alias.name, "demarc");
  for (const WorkloadSpec& workload : snapshot->routing().workloads) add("workload/" + workload.name, "demarc");
  for (const UpstreamSpec& upstream : snapshot->routing().upstreams)
    for (const ModelSpec& model : upstream.models) add(model.name, upstream.name);
  const HttpRequest& request = exchange.request();
  const dialect::Family family = dialect::family_of(request.path(), request.headers);
  constexpr std::string_view kList = "/v1/models";
  if (request.path().size() <= kList.size() + 1) co_return co_await respond_json(exchange, 200, dialect::models_body(family, models));
  const std::string_view wanted = request.path().substr(kList.size() + 1);
  for (const auto& model : models)
    if (model.id == wanted) co_return co_await respond_json(exchange, 200, dialect::model_body(family, model));
  co_await respond_error(exchange, {ErrorKind::model_not_found, "The " + said_model(wanted) + " does not exist here.", "model"});
}

Task<void> serve_receipt(Exchange& exchange, Services& services) {
  const auto caller = co_await authorised(exchange, services, "inference");
  if (!caller) co_return;
  const std::string id(exchange.request().path().substr(std::string_view("/v1/receipts/").size()));
  const auto receipt = services.projection->receipt(id);
  if (!receipt) co_return co_await respond_error(exchange, {ErrorKind::unavailable, "Receipts cannot be read at the moment."});
  // Whose receipt it is not, learns no more than who asks for one that does not exist.
  if (!*receipt || ((*receipt)->key_id != caller->key_id && !caller->may("receipts:read") && !caller->may("audit:read")))
    co_return co_await respond_error(exchange, {ErrorKind::not_found, "There is no receipt of that id for this key."});
  co_await respond_json(exchange, 200, receipt_json(**receipt, services.log->origin()));
}

}  // namespace

Task<void> Router::serve(Exchange& exchange) const {
  const HttpRequest& request = exchange.request();
  const std::string_view path = request.path();
  if (const dialect::Dialect* dialect = dialect::find_dialect(request.method, path)) {
    if (services_.draining)
      co_return co_await respond_error(exchange, {.kind = ErrorKind::unavailable, .message = "This gateway is shutting down.", .retry_after_s = 1});
    const InFlight one(services_.in_flight);
    if (one.count() > services_.snapshots.current()->config.limits.streams)
      co_return co_await respond_error(
          exchange, {.kind = ErrorKind::unavailable, .message = "As many requests as limits.streams allows are in flight.", .retry_after_s = 1});
    co_await serve_request(exchange, services_, *dialect);
    co_return;
  }
  bool path_known = false;
  for (const Route& route : routes_) {
    const bool below = route.path.ends_with('/');
    if (below ? !path.starts_with(route.path) : path != route.path) continue;
    path_known = true;
    if (route.method == request.method || (route.method == "GET" && request.method == "HEAD")) co_return co_await route.handler(exchange);
  }
  for (const dialect::Dialect& dialect : dialect::all_dialects()) path_known = path_known || dialect.path == path;
  if (path_known) co_return co_await respond_error(exchange, {ErrorKind::method_not_allowed, request.method + " is not possible here."});
  co_await respond_error(exchange, {ErrorKind::not_found, "There is no such endpoint. GET /openapi.json lists them."});
}

void add_own_routes(Router& router, Services& services) {
  router.add("GET", "/healthz", [](Exchange& exchange) { return serve_health(exchange); });
  router.add("GET", "/readyz", [&services](Exchange& exchange) { return serve_ready(exchange, services); });
  router.add("GET", "/metrics", [&services](Exchange& exchange) { return serve_metrics(exchange, services); });
  router.add("GET", "/v1/models", [&services](Exchange& exchange) { return serve_models(exchange, services); });
  router.add("GET", "/v1/models/", [&services](Exchange& exchange) { return serve_models(exchange, services); });
  router.add("GET", "/v1/receipts/", [&services](Exchange& exchange) { return serve_receipt(exchange, services); });
  add_redaction_routes(router, services);
  add_file_routes(router, services);
  add_job_routes(router, services);
}

Task<std::optional<Caller>> authorised(Exchange& exchange, Services& services, std::string_view scope) {
  const HttpRequest& request = exchange.request();
  const auto keys = services.keyring->current();
  auto caller = identify_peer(request, *keys, exchange.loop().clock().now(), services.snapshots.current()->config.keys);
  if (caller && caller->may(scope)) co_return std::move(*caller);
  ApiError error =
      caller ? ApiError{ErrorKind::forbidden, "This key does not have the scope \"" + std::string(scope) + "\"."} : std::move(caller).error();
  co_await respond_error(exchange, error);
  co_return std::nullopt;
}

Task<void> respond_json(Exchange& exchange, int status, std::string body) {
  static_cast<void>(co_await exchange.respond(status, {{"content-type", "application/json"}}, body));
}

Task<void> respond_error(Exchange& exchange, const ApiError& error) {
  const HttpRequest& request = exchange.request();
  const dialect::Family family = dialect::family_of(request.path(), request.headers);
  const std::string id = make_id("req", exchange.loop().clock().now(), system_random().bytes<10>());
  static_cast<void>(co_await exchange.respond(dialect::error_status(family, error), dialect::error_headers(family, error, id),
                                              dialect::error_body(family, error, id)));
}

}  // namespace demarc::gateway
