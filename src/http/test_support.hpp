// For http_test alone: a server with a handler, a raw client that sends any bytes, and coroutines run to their end on a loop.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <future>
#include <string>
#include <thread>

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
  explicit RawClient(int connected_fd) : fd_(connected_fd), connected_(true) {}
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

// An upstream that does what a test says, connection by connection, on a thread of its own.
class FakeUpstream {
 public:
  explicit FakeUpstream(std::function<void(RawClient&, int nth)> serve) : serve_(std::move(serve)) {
    fd_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in at{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    socklen_t size = sizeof at;
    ::bind(fd_, reinterpret_cast<sockaddr*>(&at), sizeof at);
    ::listen(fd_, 16);
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
    thread_ = std::thread([this] {
      for (int nth = 0;; ++nth) {
        const int fd = ::accept(fd_, nullptr, nullptr);
        if (fd < 0) return;
        RawClient connection(fd);
        serve_(connection, nth);
        connection.close();
        served_ = nth + 1;
        served_.notify_all();
      }
    });
  }
  FakeUpstream(const FakeUpstream&) = delete;
  FakeUpstream& operator=(const FakeUpstream&) = delete;
  ~FakeUpstream() {
    ::shutdown(fd_, SHUT_RDWR);
    thread_.join();
    ::close(fd_);
  }
  [[nodiscard]] Origin origin() const {
    Origin origin;
    origin.host = "127.0.0.1", origin.port = port_;
    return origin;
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  void wait_until_served(int connections) const {
    for (int now = served_; now < connections; now = served_) served_.wait(now);
  }

 private:
  std::function<void(RawClient&, int)> serve_;
  int fd_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> served_{0};
  std::thread thread_;
};

struct Outcome {
  int status = 0;  // 0: send() failed, see error
  Headers headers;
  std::string body;
  std::optional<SendError> error;
  std::optional<IoError> body_error;
};

// A client on a loop of its own, used from the test's thread.
class TestClient {
 public:
  explicit TestClient(ClientOptions options = {}) : loops_(1) {
    loops_.start();
    client_ = make_client(loops_.at(0), options);
  }
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;
  ~TestClient() {
    run_on(loops_.at(0), [](auto& client) -> Task<void> {
      client.reset();
      co_return;
    }(client_));
  }
  Loop& loop() { return loops_.at(0); }
  HttpClient& http() { return *client_; }
  static Task<void> exchange(HttpClient& http, const Origin& origin, const OutgoingRequest& request, SendLimits limits, Cancellation& cancellation,
                             Task<bool> gate, Outcome& out) {
    auto reply = co_await http.send(origin, request, limits, cancellation, std::move(gate));
    if (!reply) {
      out.error = reply.error();
      co_return;
    }
    out.status = (*reply)->status(), out.headers = (*reply)->headers();
    for (;;) {
      const auto piece = co_await (*reply)->read();
      if (!piece) out.body_error = piece.error();
      if (!piece || piece->empty()) break;
      out.body += *piece;
    }
  }
  void turn() {  // lets the loop go round once
    run_on(loop(), []() -> Task<void> { co_return; }());
  }
  Outcome send(const Origin& origin, const OutgoingRequest& request, SendLimits limits = {}) {
    Outcome out;
    Cancellation cancellation;
    run_on(loop(), exchange(*client_, origin, request, limits, cancellation, open_gate(), out));
    return out;
  }

 private:
  Loops loops_;
  std::unique_ptr<HttpClient> client_;
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
