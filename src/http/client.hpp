// The client: HTTP/1.1 over Unix sockets, TCP and TLS, directly or through a CONNECT proxy, on pooled connections.
//
//   auto client = make_client(loops.at(0), {});           // one per loop; used on that loop only
//   auto reply = co_await client->send(origin, {.method = "POST", .target = "/v1/chat/completions", .body = body}, {}, cancellation, open_gate());
//
// A request is sent again by itself only on a stale pooled connection: any request if the kernel took no byte of it, GET and HEAD also if the
// connection ended without a byte of reply. Everything else is the caller's decision, with SendError::sent to go by.
// The client outlives its replies and dies before its Loops, on its loop or after they were joined.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "core/io/http.hpp"
#include "core/io/loop.hpp"

namespace demarc::http {

struct ClientOptions {
  std::size_t connections_per_origin = 1024;  // more wait in line, as long as SendLimits::connect
  std::size_t idle_per_origin = 512;
  std::chrono::nanoseconds idle_timeout = std::chrono::seconds(50);  // below the 60 s and more of usual servers
};

std::unique_ptr<HttpClient> make_client(Loop& loop, const ClientOptions& options);  // `loop` is one of Loops

}  // namespace demarc::http
