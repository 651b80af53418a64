// Accepting: sockets that listen, and what is needed to open them. Internal to http/.
#pragma once

#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/posix/descriptor_base.hpp>
#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "http/inner/asio_loop.hpp"

namespace demarc::http {

class OwnedFd {
 public:
  OwnedFd() = default;
  explicit OwnedFd(int fd) : fd_(fd) {}
  OwnedFd(OwnedFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  OwnedFd& operator=(OwnedFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~OwnedFd();
  [[nodiscard]] int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

struct BoundSocket {
  OwnedFd fd;
  int family = 0;
  std::string address;  // with the real port: "127.0.0.1:43117", "unix:/path"
};
// Errors read "127.0.0.1:80: Permission denied". A Unix socket's folder is made with mode 0700 if it is missing, the socket gets 0600; one that
// nobody answers on is replaced.
enum class Sharing : std::uint8_t { first, with_own };  // with_own: one more socket of ours on a TCP address that we listen on already
Result<BoundSocket, std::string> open_listener(const std::string& address, Sharing sharing);
std::string describe_peer(int fd, int family);

// Accepts on one loop until it is closed. on_accept gets each new non-blocking socket.
class Acceptor : public std::enable_shared_from_this<Acceptor> {
 public:
  Acceptor(AsioLoop& loop, OwnedFd fd, std::function<void(OwnedFd)> on_accept);
  void start() { wait(); }
  void close();

 private:
  void wait();
  void accept_all();

  AsioLoop& loop_;
  asio::posix::basic_stream_descriptor<asio::io_context::executor_type> descriptor_;
  std::function<void(OwnedFd)> on_accept_;
};

}  // namespace demarc::http
