// The HTTP seam: what demarc needs of a server and of a client, without sockets, so that the gateway, engines and tests speak to any implementation.
//
// Server: http/ reads a request whole (bounded), then calls the Handler with an Exchange; the handler answers once, whole or as a stream.
//   Task<void> handle(Exchange& exchange) { co_await exchange.respond(200, {{"content-type", "text/plain"}}, "ok\n"); }
// Client: one call per request; the reply's body is pulled, so a slow reader slows the upstream.
//   auto reply = CO_TRY(co_await client.send(origin, request, limits, cancellation));
//   for (;;) { std::string_view piece = CO_TRY(co_await reply->read()); if (piece.empty()) break; ... }
//
// All of it runs on the loop that it began on.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "core/error.hpp"
#include "core/io/loop.hpp"
#include "core/io/task.hpp"

namespace demarc {

// Header fields in order of arrival; names lower case.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const {  // the first of that (lower-case) name
    for (const auto& [key, value] : fields_)
      if (key == name) return value;
    return {};
  }
  [[nodiscard]] std::string_view get(std::string_view name) const { return find(name).value_or(std::string_view{}); }
  void reserve(std::size_t fields) { fields_.reserve(fields); }
  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  void set(std::string name, std::string value) { remove(name), add(std::move(name), std::move(value)); }
  void remove(std::string_view name) {
    std::erase_if(fields_, [&](const auto& field) { return field.first == name; });
  }
  [[nodiscard]] auto begin() const { return fields_.begin(); }
  [[nodiscard]] auto end() const { return fields_.end(); }
  [[nodiscard]] std::size_t size() const { return fields_.size(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

struct HttpRequest {
  std::string method, target;  // target as it came: "/v1/messages?beta=true"
  Headers headers;
  std::string body;                // whole; has at least 64 bytes of spare capacity behind its end (SIMD padding)
  std::string remote;              // "127.0.0.1:51234", "unix"
  std::string client_certificate;  // subject of a verified client certificate; "" if none
  [[nodiscard]] std::string_view path() const { return std::string_view(target).substr(0, target.find('?')); }
  [[nodiscard]] std::string_view query() const {
    const auto mark = target.find('?');
    return mark == std::string::npos ? std::string_view{} : std::string_view(target).substr(mark + 1);
  }
};

enum class IoError : std::uint8_t { closed, reset, timeout, cancelled, refused, unresolved, tls, protocol, too_large, system };
std::string_view to_string(IoError);

// The server's side of one request. Exactly one of respond() or begin()…finish() per request; abort() at any time instead.
class Exchange {
 public:
  virtual ~Exchange() = default;
  virtual HttpRequest& request() = 0;
  virtual Loop& loop() = 0;
  // Cancelled when the client goes away before the answer is complete.
  virtual Cancellation& cancellation() = 0;
  // Cancels it for a reason of our own: the client is still there, and may be told why.
  virtual void cancel() = 0;

  virtual Task<Result<void, IoError>> respond(int status, const Headers& headers, std::string_view body) = 0;
  virtual Task<Result<void, IoError>> begin(int status, const Headers& headers) = 0;  // chunked
  virtual Task<Result<void, IoError>> write(std::string_view piece) = 0;              // flushed; returns when the kernel took it: back-pressure
  virtual Task<Result<void, IoError>> finish(const Headers& trailers) = 0;            // the proper end, after everything written
  virtual void abort() = 0;  // closes without a proper end: the client sees a broken transfer
};
using Handler = std::function<Task<void>(Exchange&)>;

// Where a request goes, resolved at configuration time. Pools key connections by its address in memory: keep it alive and stable.
struct Origin {
  enum class Kind : std::uint8_t { unix_socket, tcp, tls };
  Kind kind = Kind::tcp;
  std::string host;  // name or address; also the TLS name and Host header
  std::uint16_t port = 443;
  std::string unix_path;
  std::string base_path;   // "/v1", without a slash at its end; for whoever builds targets
  std::string ca_file;     // extra trust root; "" uses the system's
  std::string proxy_host;  // HTTP CONNECT proxy; "" goes direct
  std::uint16_t proxy_port = 0;
  std::string proxy_ca_file;  // trusted besides the system's, for intercepting proxies
};

struct OutgoingRequest {
  std::string method = "POST";
  std::string target;     // path and query
  Headers headers;        // host, content-length and connection are set by the client
  std::string_view body;  // lives until send() returns
};

struct SendLimits {
  std::chrono::nanoseconds connect = std::chrono::seconds(10);
  std::chrono::nanoseconds first_byte = std::chrono::seconds(600);  // of the reply's head
  std::chrono::nanoseconds idle = std::chrono::seconds(300);        // between two bytes of the body
  std::chrono::nanoseconds total = std::chrono::seconds(3600);
  std::size_t head_bytes = 64 * 1024;
};

struct SendError {
  IoError kind = IoError::system;
  bool sent = false;   // whether any byte of the request may have left: if not, trying again is safe
  std::string detail;  // for logs: "certificate verify failed (self-signed)"; no contents
};

class IncomingReply {
 public:
  virtual ~IncomingReply() = default;  // before the end of the body: closes the connection
  [[nodiscard]] virtual int status() const = 0;
  [[nodiscard]] virtual const Headers& headers() const = 0;
  // The next piece of the body as it arrives, "" at its proper end. The view is valid until the next call on this loop's scratch buffer.
  virtual Task<Result<std::string_view, IoError>> read() = 0;
};

class HttpClient {  // one per loop
 public:
  virtual ~HttpClient() = default;
  // Leases or opens a connection, awaits `gate` (which decides whether bytes may leave: e.g. a durable record), writes, reads the reply's head.
  // A false gate gives IoError::cancelled with sent == false. A stale pooled connection is replaced only if nothing of the request can have been
  // processed.
  virtual Task<Result<std::unique_ptr<IncomingReply>, SendError>> send(const Origin& origin, const OutgoingRequest& request, const SendLimits& limits,
                                                                       Cancellation& cancellation, Task<bool> gate) = 0;
};

// Reads the rest of a body, at most `limit_bytes`.
Task<Result<std::string, IoError>> read_all(IncomingReply& reply, std::size_t limit_bytes);
// A gate that is open.
Task<bool> open_gate();

}  // namespace demarc
