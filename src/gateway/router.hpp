// Router: which handler answers which path. Dialects' endpoints, health, metrics, models and receipts are the gateway's own; admin/ adds its routes.
//
//   router.add("GET", "/admin/v1/status", handler);      // exact
//   router.add("GET", "/v1/receipts/", handler);         // a path that ends in "/" stands for all below it
//   co_await router.serve(exchange);
//
// Built at start, read-only afterwards; any loop.
#pragma once

#include <string>
#include <vector>

#include "gateway/services.hpp"

namespace demarc::gateway {

class Router {
 public:
  explicit Router(Services& services) : services_(services) {}
  void add(std::string method, std::string path, Handler handler) { routes_.push_back({std::move(method), std::move(path), std::move(handler)}); }
  Task<void> serve(Exchange& exchange) const;

 private:
  struct Route {
    std::string method, path;
    Handler handler;
  };
  Services& services_;
  std::vector<Route> routes_;
};

// GET /healthz, /readyz, /metrics, /v1/models, /v1/receipts/{id}.
void add_own_routes(Router& router, Services& services);

// The caller of an administrative or reading route, if its key has the scope; else an error has been answered and nothing comes back.
Task<std::optional<Caller>> authorised(Exchange& exchange, Services& services, std::string_view scope);
// "a=1&b=x%20y" → the value of `name`, decoded; nullopt if absent or not decodable.
std::optional<std::string> query_value(std::string_view query, std::string_view name);
Task<void> respond_json(Exchange& exchange, int status, std::string body);
Task<void> respond_error(Exchange& exchange, const ApiError& error);

}  // namespace demarc::gateway
