#include "http/server.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <latch>

#include "base/mutex.hpp"
#include "http/inner/listener.hpp"
#include "http/inner/session.hpp"

namespace demarc::http {
namespace {

constexpr std::size_t kRefusalsAtOnce = 128;  // connections above the limit that are still told why

void tune(int fd) {
  const int on = 1, idle_s = 60, interval_s = 15, probes = 4;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
}

}  // namespace

struct Server::Inner {
  struct Branch {  // a loop's part; touched on that loop only
    std::vector<std::shared_ptr<Acceptor>> acceptors;
    Sessions sessions;
  };

  Loops& loops;
  std::vector<Listener> listeners;
  ServerShared shared;
  std::vector<std::unique_ptr<Branch>> branches;
  std::vector<std::string> addresses, unix_paths;
  std::atomic<std::size_t> next_loop{0};
  bool listening = false, drained = false;
  Mutex mutex;
  std::condition_variable all_gone;

  Inner(Loops& l, ServerOptions options, Handler handler, ErrorBody error_body) : loops(l), listeners(std::move(options.listeners)) {
    shared.limits = options.limits, shared.handler = std::move(handler), shared.error_body = std::move(error_body);
    for (std::size_t i = 0; i < loops.size(); ++i) branches.push_back(std::make_unique<Branch>());
  }

  Task<void> run_session(std::size_t at, OwnedFd fd, int family, std::shared_ptr<SSL_CTX> tls);
  void adopt(std::size_t at, OwnedFd fd, int family, const Listener& listener);
  Result<void, std::string> listen();
  template <class Work>
  void on_every_loop(Work work);
  bool wait_until_empty(std::chrono::nanoseconds most);
};

Task<void> Server::Inner::run_session(std::size_t at, OwnedFd fd, int family, std::shared_ptr<SSL_CTX> tls) {
  const std::size_t open = shared.connections.fetch_add(1) + 1;
  if (open <= shared.limits.connections + kRefusalsAtOnce) {
    const Admission admission = open > shared.limits.connections ? Admission::over_limit : Admission::normal;
    std::string remote = describe_peer(fd.get(), family);
    if (family != AF_UNIX) tune(fd.get());
    Session session(shared, StreamPtr(new Stream(loops.inner(at), fd.release(), family)), std::move(remote), admission);
    branches[at]->sessions.push_back(session);
    SSL* ssl = nullptr;
    if (tls) {
      ssl = SSL_new(tls.get());
      SSL_set_accept_state(ssl);
    }
    co_await session.serve(ssl);
  }
  MutexLock lock(mutex);
  if (--shared.connections == 0) all_gone.notify_all();
}

void Server::Inner::adopt(std::size_t at, OwnedFd fd, int family, const Listener& listener) {
  spawn(run_session(at, std::move(fd), family, listener.tls ? listener.tls->context() : nullptr));
}

Result<void, std::string> Server::Inner::listen() {
  struct Opened {
    std::size_t loop;
    const Listener* listener;
    BoundSocket socket;
  };
  std::vector<Opened> opened;
  for (const Listener& listener : listeners) {
    BoundSocket first = TRY(open_listener(listener.address, Sharing::first));
    const bool tcp = first.family != AF_UNIX;
    addresses.push_back(first.address);
    if (!tcp) unix_paths.push_back(listener.address.substr(5));
    opened.push_back({0, &listener, std::move(first)});
    for (std::size_t i = 1; tcp && i < loops.size(); ++i) opened.push_back({i, &listener, TRY(open_listener(addresses.back(), Sharing::with_own))});
  }
  for (Opened& one : opened) {
    const bool tcp = one.socket.family != AF_UNIX;
    auto acceptor = std::make_shared<Acceptor>(
        loops.inner(one.loop), std::move(one.socket.fd), [this, at = one.loop, listener = one.listener, family = one.socket.family, tcp](OwnedFd fd) {
          // The kernel spreads TCP over the loops' own sockets; a Unix socket has one, so its connections are dealt out.
          const std::size_t to = tcp ? at : next_loop++ % loops.size();
          if (to == at) return adopt(to, std::move(fd), family, *listener);
          loops.at(to).post([this, to, family, listener, shared_fd = std::make_shared<OwnedFd>(std::move(fd))] {
            adopt(to, std::move(*shared_fd), family, *listener);
          });
        });
    branches[one.loop]->acceptors.push_back(acceptor);
    loops.at(one.loop).post([acceptor] { acceptor->start(); });
  }
  listening = true;
  return {};
}

template <class Work>
void Server::Inner::on_every_loop(Work work) {
  std::latch done(static_cast<std::ptrdiff_t>(loops.size()));
  for (std::size_t i = 0; i < loops.size(); ++i)
    loops.at(i).post([&, i] {
      work(*branches[i]);
      done.count_down();
    });
  done.wait();
}

bool Server::Inner::wait_until_empty(std::chrono::nanoseconds most) {
  std::unique_lock<std::mutex> lock(mutex.native());
  return all_gone.wait_for(lock, most, [&] { return shared.connections == 0; });
}

Server::Server(Loops& loops, ServerOptions options, Handler handler, ErrorBody error_body)
    : inner_(std::make_unique<Inner>(loops, std::move(options), std::move(handler), std::move(error_body))) {}

Server::~Server() { drain(std::chrono::nanoseconds(0)); }

Result<void, std::string> Server::listen() { return inner_->listen(); }
Result<void, std::string> can_listen(const std::string& address) {
  TRY(open_listener(address, Sharing::first));
  return {};
}
const std::vector<std::string>& Server::addresses() const { return inner_->addresses; }
std::size_t Server::connections() const { return inner_->shared.connections; }
std::size_t Server::buffered_bytes() const { return inner_->shared.buffered_bytes; }

bool Server::drain(std::chrono::nanoseconds grace) {
  if (!inner_->listening || std::exchange(inner_->drained, true)) return true;
  inner_->shared.draining = true;
  inner_->on_every_loop([](Inner::Branch& branch) {
    for (auto& acceptor : branch.acceptors) acceptor->close();
    branch.acceptors.clear();
  });
  inner_->on_every_loop([](Inner::Branch& branch) {  // a round later, when no accepted socket is on its way between loops
    for (Session& session : branch.sessions) session.drain();
  });
  for (const std::string& path : inner_->unix_paths) ::unlink(path.c_str());
  const bool clean = inner_->wait_until_empty(grace);
  if (!clean) {
    inner_->on_every_loop([](Inner::Branch& branch) {
      for (Session& session : branch.sessions) session.close();
    });
    inner_->wait_until_empty(std::chrono::hours(1));
  }
  return clean;
}

}  // namespace demarc::http
