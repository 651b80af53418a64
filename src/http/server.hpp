// Server: HTTP/1.1 on TCP and Unix sockets. Reads each request whole, within limits, calls the handler on the connection's loop, and notices within
// 100 ms when the client goes away. Strict: what a second parser might read otherwise (request smuggling) is refused with 400.
//
//   Server server(loops, {.listeners = {{.address = "127.0.0.1:8400"}, {.address = "unix:/run/demarc/admin.sock"}}}, handler, error_body);
//   if (auto listening = server.listen(); !listening) return failed(listening.error());
//   print(server.addresses());                       // port 0 is resolved here
//   ...
//   server.drain(std::chrono::seconds(30));          // blocks; not on a loop's thread
//
// The handler is called on every loop, so it must bear several threads; an exception out of it becomes a 500 and closes that connection alone.
// Server's own functions: one thread, not a loop's. It must die before its Loops, while they run.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "core/error.hpp"
#include "core/io/http.hpp"
#include "http/loops.hpp"
#include "http/tls.hpp"

namespace demarc::http {

struct ServerLimits {
  std::size_t header_bytes = 64 * 1024;                                 // request line and header fields: 431
  std::size_t header_count = 200;                                       // 431
  std::size_t body_bytes = 32 << 20;                                    // 413, from content-length before the body is read
  std::size_t upload_bytes = 200 << 20;                                 // likewise, of multipart/form-data
  std::size_t buffered_bytes = 1 << 30;                                 // bodies held at once over all connections: 503
  std::size_t connections = 8192;                                       // 503, over all listeners
  std::chrono::nanoseconds header_timeout = std::chrono::seconds(10);   // from the first byte to the end of the head: 408; also a TLS handshake
  std::chrono::nanoseconds body_idle = std::chrono::seconds(30);        // between two reads of a body: 408
  std::size_t body_bytes_per_s = 1024;                                  // the least rate of a body after its first body_idle: 408
  std::chrono::nanoseconds keep_alive_idle = std::chrono::seconds(75);  // between two requests: closed
  std::chrono::nanoseconds write_stall = std::chrono::seconds(60);      // a client that takes no byte for so long is closed
  std::chrono::nanoseconds linger = std::chrono::seconds(2);            // how long the rest of a refused request is read and thrown away
};

struct Listener {
  std::string address;             // "127.0.0.1:8400", "[::1]:0", "unix:/path"; hosts are addresses, not names
  std::shared_ptr<ServerTls> tls;  // null: plain
};

struct ServerOptions {
  std::vector<Listener> listeners;
  ServerLimits limits{};
};

// Prints an error of the transport (400, 408, 413, 431, 503) as the caller's dialect has it. `path` and headers are what is known by then, maybe
// none.
using ErrorBody = std::function<std::pair<Headers, std::string>(const ApiError& error, std::string_view path, const Headers& headers)>;

class Server {
 public:
  Server(Loops& loops, ServerOptions options, Handler handler, ErrorBody error_body);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();  // as drain(0)

  // Opens every listener and accepts; on failure none is left open. The error names the address: "127.0.0.1:80: permission denied".
  Result<void, std::string> listen();
  [[nodiscard]] const std::vector<std::string>& addresses() const;  // in the order of the options, with real ports
  [[nodiscard]] std::size_t connections() const;                    // open now
  [[nodiscard]] std::size_t buffered_bytes() const;                 // bodies held now

  // Stops accepting, closes idle connections, lets requests end for at most `grace`, then closes the rest. Returns whether none had to be closed.
  bool drain(std::chrono::nanoseconds grace);

 private:
  struct Inner;
  std::unique_ptr<Inner> inner_;
};

// Whether a Server could listen on this TCP address now, without listening. The error is the one listen() would give. Any thread.
Result<void, std::string> can_listen(const std::string& address);

}  // namespace demarc::http
