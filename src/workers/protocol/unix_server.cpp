#include "workers/protocol/unix_server.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "workers/protocol/answers.hpp"

namespace demarc::workers {
namespace {

constexpr int kIdleTimeoutMs = 30'000;  // for the next bytes in either direction

thread_local int current_socket = -1;  // of the request this thread serves

bool is_ready(int fd, short events, int timeout_ms) {
  pollfd waiting{fd, events, 0};
  int ready = 0;
  while ((ready = poll(&waiting, 1, timeout_ms)) < 0 && errno == EINTR) {
  }
  return ready > 0;
}

class Connection : public httplib::Stream {
 public:
  explicit Connection(int fd) : fd_(fd) {}

  [[nodiscard]] bool is_readable() const override { return at_ < end_ || is_ready(fd_, POLLIN, kIdleTimeoutMs); }
  [[nodiscard]] bool is_writable() const override { return is_ready(fd_, POLLOUT, kIdleTimeoutMs) && caller_is_there(); }

  ssize_t read(char* to, std::size_t size) override {
    if (at_ == end_) {
      if (!is_ready(fd_, POLLIN, kIdleTimeoutMs)) return -1;
      const ssize_t got = recv(fd_, buffer_.data(), buffer_.size(), 0);
      if (got <= 0) return got;
      at_ = 0, end_ = static_cast<std::size_t>(got);
    }
    const std::size_t count = std::min(size, end_ - at_);
    std::memcpy(to, buffer_.data() + at_, count);
    at_ += count;
    return static_cast<ssize_t>(count);
  }

  ssize_t write(const char* from, std::size_t size) override {
    return is_ready(fd_, POLLOUT, kIdleTimeoutMs) ? send(fd_, from, size, MSG_NOSIGNAL) : -1;
  }

  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  [[nodiscard]] socket_t socket() const override { return fd_; }

 private:
  int fd_;
  std::array<char, 64 << 10> buffer_;
  std::size_t at_ = 0, end_ = 0;
};

httplib::Server::HandlerResponse refuse_unbounded(const httplib::Request& request, httplib::Response& response) {
  if (!request.has_header("Transfer-Encoding") && !request.has_header("Content-Encoding")) return httplib::Server::HandlerResponse::Unhandled;
  response.status = 411;
  response.set_content(print_error("A body needs a Content-Length and no encoding.", "invalid_request_error", "length_required"), "application/json");
  return httplib::Server::HandlerResponse::Handled;
}

}  // namespace

bool caller_is_there() {
  if (!is_ready(current_socket, POLLIN, 0)) return true;  // silent, as it should be
  char byte = 0;
  const ssize_t got = recv(current_socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

UnixServer::UnixServer(std::string path, std::size_t threads, std::size_t max_body_bytes) : path_(std::move(path)) {
  new_task_queue = [threads] { return new httplib::ThreadPool(threads); };
  set_address_family(AF_UNIX);
  set_payload_max_length(max_body_bytes);
  set_pre_routing_handler(refuse_unbounded);
}

bool UnixServer::serve() {
  unlink(path_.c_str());
  return listen(path_, 80);  // the port means nothing here
}

bool UnixServer::process_and_close_socket(socket_t socket) {
  current_socket = socket;
  bool closed = false;
  bool served = false;
  {
    const auto connection = std::make_unique<Connection>(socket);
    served = process_request(*connection, true, closed, nullptr);
  }
  current_socket = -1;
  shutdown(socket, SHUT_RDWR);
  close(socket);
  return served;
}

}  // namespace demarc::workers
