#include "http/inner/listener.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstring>
#include <filesystem>

namespace demarc::http {
namespace {

constexpr int kBacklog = 1024;

Failure<std::string> failed(const std::string& address, int error) { return fail(address + ": " + std::strerror(error)); }

std::string print(const sockaddr_storage& at) {
  char text[INET6_ADDRSTRLEN] = "";
  if (at.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(at);
    inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
    return std::string(text) + ":" + std::to_string(ntohs(v4.sin_port));
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(at);
  inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
  return "[" + std::string(text) + "]:" + std::to_string(ntohs(v6.sin6_port));
}

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

Result<SocketAddress, std::string> parse_tcp(const std::string& address) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos) return fail(address + ": expected ADDRESS:PORT or unix:/path");
  std::string host = address.substr(0, colon);
  unsigned port = 0;
  const auto [end, error] = std::from_chars(address.data() + colon + 1, address.data() + address.size(), port);
  if (error != std::errc{} || end != address.data() + address.size() || port > 65535) return fail(address + ": the port is not a number below 65536");
  if (host == "localhost") host = "127.0.0.1";
  SocketAddress out;
  auto& v4 = reinterpret_cast<sockaddr_in&>(out.storage);
  if (inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET, v4.sin_port = htons(static_cast<std::uint16_t>(port)), out.size = sizeof v4;
    return out;
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(out.storage);
  if (inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6, v6.sin6_port = htons(static_cast<std::uint16_t>(port)), out.size = sizeof v6;
    return out;
  }
  return fail(address + ": not an IP address");
}

Result<SocketAddress, std::string> parse_unix(const std::string& path) {
  SocketAddress out;
  auto& un = reinterpret_cast<sockaddr_un&>(out.storage);
  if (path.empty() || path.size() >= sizeof un.sun_path) return fail("unix:" + path + ": the path is empty or longer than 107 bytes");
  un.sun_family = AF_UNIX;
  std::memcpy(un.sun_path, path.data(), path.size());
  out.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  return out;
}

bool somebody_answers(const SocketAddress& at) {
  const OwnedFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  return ::connect(probe.get(), at.get(), at.size) == 0 || errno == EAGAIN;
}

Result<BoundSocket, std::string> open_unix(const std::string& address) {
  const std::string path = address.substr(5);
  const SocketAddress at = TRY(parse_unix(path));
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code ignored;
  if (!folder.empty() && std::filesystem::create_directories(folder, ignored)) ::chmod(folder.c_str(), 0700);
  struct stat existing{};
  if (::lstat(path.c_str(), &existing) == 0) {
    if (!S_ISSOCK(existing.st_mode)) return fail(address + ": exists and is not a socket");
    if (somebody_answers(at)) return failed(address, EADDRINUSE);
    ::unlink(path.c_str());
  }
  OwnedFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (fd.get() < 0) return failed(address, errno);
  if (::bind(fd.get(), at.get(), at.size) != 0) return failed(address, errno);
  if (::chmod(path.c_str(), 0600) != 0 || ::listen(fd.get(), kBacklog) != 0) return failed(address, errno);  // nobody connects before listen()
  return BoundSocket{std::move(fd), AF_UNIX, address};
}

// SO_REUSEPORT would let a second program share the port in silence. Without it the kernel says whether somebody listens there.
Result<void, std::string> probe(const std::string& address, const SocketAddress& at) {
  const OwnedFd fd(::socket(at.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (fd.get() < 0 || ::bind(fd.get(), at.get(), at.size) != 0) return failed(address, errno);
  return {};
}

Result<BoundSocket, std::string> open_tcp(const std::string& address, Sharing sharing) {
  const SocketAddress at = TRY(parse_tcp(address));
  if (sharing == Sharing::first) TRY(probe(address, at));
  OwnedFd fd(::socket(at.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (fd.get() < 0) return failed(address, errno);
  const int on = 1;
  for (const int option : {SO_REUSEADDR, SO_REUSEPORT})
    if (::setsockopt(fd.get(), SOL_SOCKET, option, &on, sizeof on) != 0) return failed(address, errno);
  if (at.storage.ss_family == AF_INET6) ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (::bind(fd.get(), at.get(), at.size) != 0 || ::listen(fd.get(), kBacklog) != 0) return failed(address, errno);
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  if (::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&bound), &size) != 0) return failed(address, errno);
  return BoundSocket{std::move(fd), at.storage.ss_family, print(bound)};
}

}  // namespace

OwnedFd::~OwnedFd() {
  if (fd_ >= 0) ::close(fd_);
}

Result<BoundSocket, std::string> open_listener(const std::string& address, Sharing sharing) {
  return address.starts_with("unix:") ? open_unix(address) : open_tcp(address, sharing);
}

std::string describe_peer(int fd, int family) {
  if (family == AF_UNIX) return "unix";
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return "";
  return print(peer);
}

Acceptor::Acceptor(AsioLoop& loop, OwnedFd fd, std::function<void(OwnedFd)> on_accept)
    : loop_(loop), descriptor_(loop.context(), fd.release()), on_accept_(std::move(on_accept)) {}

void Acceptor::close() {
  boost::system::error_code ignored;
  descriptor_.close(ignored);
}

void Acceptor::wait() {
  descriptor_.async_wait(asio::posix::descriptor_base::wait_read, [self = shared_from_this()](const boost::system::error_code& error) {
    if (!error && self->descriptor_.is_open()) self->accept_all();
  });
}

void Acceptor::accept_all() {
  constexpr int kBatch = 64;  // then others have their turn
  for (int i = 0; i < kBatch; ++i) {
    OwnedFd fd(::accept4(descriptor_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd.get() < 0) {
      if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {  // the queue holds them until there is room again
        spawn([](std::shared_ptr<Acceptor> self) -> Task<void> {
          co_await self->loop_.sleep(std::chrono::milliseconds(50));
          if (self->descriptor_.is_open()) self->wait();
        }(shared_from_this()));
        return;
      }
      if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EBADF || errno == EINVAL) break;
      continue;  // ECONNABORTED and what else a peer may cause
    }
    on_accept_(std::move(fd));
  }
  if (descriptor_.is_open()) wait();
}

}  // namespace demarc::http
