// HubServer: a model hub of one thread on loopback, as odd as the test wants it. For tests.
//
//   HubServer hub([](const HubRequest& request) { return HubReply{200, "", "bytes"}; });
//   settings.endpoint = hub.url();
//
// Each request gets a connection of its own. The handler runs on the server's thread; requests() may be read once pull() has returned.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.hpp"
#include "base/strings.hpp"

namespace demarc::models {

struct HubRequest {
  std::string path, range, authorization;
};

struct HubReply {
  int status = 200;
  std::string headers{};  // "Location: …\r\n"
  std::string body{};
  std::optional<std::size_t> cut_after_bytes{};  // then the connection ends, though more was announced
};

class HubServer {
 public:
  using Handler = std::function<HubReply(const HubRequest&)>;
  explicit HubServer(Handler handler) : handler_(std::move(handler)), listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    CHECK(bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0 && listen(listener_, 16) == 0);
    CHECK(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  HubServer(const HubServer&) = delete;
  HubServer& operator=(const HubServer&) = delete;
  ~HubServer() {
    shutdown(listener_, SHUT_RDWR);  // wakes accept()
    thread_.join();
    close(listener_);
  }

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::vector<HubRequest> requests() const {
    MutexLock lock(mutex_);
    return requests_;
  }

 private:
  void serve() {
    while (true) {
      const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) return;
      answer(connection);
      close(connection);
    }
  }

  void answer(int connection) {
    std::string head;
    char buffer[4096];
    while (head.find("\r\n\r\n") == std::string::npos) {
      const ssize_t got = recv(connection, buffer, sizeof buffer, 0);
      if (got <= 0) return;
      head.append(buffer, static_cast<std::size_t>(got));
    }
    HubRequest request{.path = std::string(split(head, ' ')[1])};
    for (const std::string_view line : split(head, '\n')) {
      const auto value = [&](std::string_view name) { return std::string(trim(line.substr(name.size()))); };
      if (to_lower(line).starts_with("range:")) request.range = value("range:");
      if (to_lower(line).starts_with("authorization:")) request.authorization = value("authorization:");
    }
    {
      MutexLock lock(mutex_);
      requests_.push_back(request);
    }
    const HubReply reply = handler_(request);
    const std::string whole = "HTTP/1.1 " + std::to_string(reply.status) + " Said\r\nConnection: close\r\n" + reply.headers +
                              "Content-Length: " + std::to_string(reply.body.size()) + "\r\n\r\n" +
                              reply.body.substr(0, reply.cut_after_bytes.value_or(reply.body.size()));
    for (std::size_t sent = 0; sent < whole.size();) {
      const ssize_t now = send(connection, whole.data() + sent, whole.size() - sent, MSG_NOSIGNAL);
      if (now <= 0) return;
      sent += static_cast<std::size_t>(now);
    }
  }

  Handler handler_;
  int listener_;
  int port_ = 0;
  mutable Mutex mutex_;
  std::vector<HubRequest> requests_ GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace demarc::models
