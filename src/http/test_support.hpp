// For http_test alone: a server with a handler, a raw client that sends any bytes, and coroutines run to their end on a loop.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <future>
#include <string>

#include "http/client.hpp"
#include "http/server.hpp"

namespace demarc::http {

// Runs a task on the loop and waits for its end.
inline void run_on(Loop& loop, Task<void> task) {
  std::promise<void> done;
  auto shared = std::make_shared<Task<void>>(std::move(task));
  loop.post([&done, shared] {
    spawn([](std::shared_ptr<Task<void>> inner, std::promise<void>& end) -> Task<void> {
      co_await std::move(*inner);
      end.set_value();
    }(shared, done));
  });
  done.get_future().wait();
}

// A blocking connection; every read gives up after ten seconds, so a failing test ends.
class RawClient {
 public:
  explicit RawClient(const std::string& address) {
    if (address.starts_with("unix:")) {
      sockaddr_un at{.sun_family = AF_UNIX, .sun_path = {}};
      std::strncpy(at.sun_path, address.c_str() + 5, sizeof at.sun_path - 1);
      fd_ = ::socket(AF_UNIX, SOCK_STREAM, 0);
      connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0;
    } else {
      sockaddr_in at{.sin_family = AF_INET, .sin_port = htons(port_of(address)), .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
      fd_ = ::socket(AF_INET, SOCK_STREAM, 0);
      connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0;
    }
  }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient() { close(); }
  static std::uint16_t port_of(const std::string& address) { return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))); }

  [[nodiscard]] bool connected() const { return connected_; }
  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  // One read; "" at the end or after ten seconds.
  std::string read_some() {
    char buffer[65536];
    pollfd waiting{fd_, POLLIN, 0};
    if (::poll(&waiting, 1, 10'000) != 1) return "";
    const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
    return got > 0 ? std::string(buffer, static_cast<std::size_t>(got)) : "";
  }
  std::string read_until(std::string_view mark) {
    std::string all;
    while (all.find(mark) == std::string::npos) {
      const std::string more = read_some();
      if (more.empty()) break;
      all += more;
    }
    return all;
  }
  std::string read_to_end() {
    std::string all;
    for (std::string more = read_some(); !more.empty(); more = read_some()) all += more;
    return all;
  }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  void reset() {
    const linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
  }
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_ = -1;
  bool connected_ = false;
};

inline std::pair<Headers, std::string> plain_errors(const ApiError& error, std::string_view, const Headers&) {
  return {{{"content-type", "text/plain"}}, "error: " + error.message};
}

// Loops and one server; the first address is the one to use.
struct TestServer {
  explicit TestServer(Handler handler, ServerLimits limits = {}, std::vector<Listener> listeners = {{.address = "127.0.0.1:0", .tls = nullptr}},
                      std::size_t loop_count = 1)
      : loops(loop_count), server(loops, {std::move(listeners), limits}, std::move(handler), &plain_errors) {
    loops.start();
    if (const auto listening = server.listen(); !listening) error = listening.error();
  }
  [[nodiscard]] std::string address() const { return server.addresses().at(0); }
  [[nodiscard]] Origin origin() const {
    Origin origin;
    origin.host = "127.0.0.1", origin.port = RawClient::port_of(address());
    return origin;
  }
  Loops loops;
  Server server;
  std::string error;
};

inline Task<void> echo(Exchange& exchange) {
  const HttpRequest& request = exchange.request();
  (void)co_await exchange.respond(200, {{"content-type", "text/plain"}}, request.method + " " + request.target + " " + request.body);
}

}  // namespace demarc::http
