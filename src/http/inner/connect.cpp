#include "http/inner/connect.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/un.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <vector>

#include "http/inner/format.hpp"
#include "http/inner/parse.hpp"
#include "http/inner/signal.hpp"
#include "http/inner/tls_context.hpp"

namespace demarc::http {
namespace {

using Tcp = asio::ip::tcp;
using Resolver = asio::ip::basic_resolver<Tcp, asio::io_context::executor_type>;
using Endpoints = std::vector<Protocol::endpoint>;

constexpr auto kNextAddressAfter = std::chrono::milliseconds(250);  // RFC 8305, section 5
constexpr std::size_t kMostAddresses = 8;
constexpr std::size_t kProxyHeadBytes = 16 * 1024;

struct Alarm final : Timer {
  explicit Alarm(std::function<void()> call) : call_(std::move(call)) {}
  void fire() override { call_(); }
  std::function<void()> call_;
};

// What a step of connecting shares with callbacks that may come when it is over.
struct Step {
  Signal changed;
  bool timed_out = false, cancelled = false;
  [[nodiscard]] std::optional<ConnectFailure> fault(const char* what) const {
    if (cancelled) return ConnectFailure{IoError::cancelled, "cancelled"};
    if (timed_out) return ConnectFailure{IoError::timeout, what};
    return {};
  }
};

struct Context {
  AsioLoop& loop;
  Monotonic deadline;
  Cancellation& cancellation;
};

Result<Endpoints, ConnectFailure> to_endpoints(const boost::system::error_code& error, const Tcp::resolver::results_type& found) {
  if (error) return fail(ConnectFailure{IoError::unresolved, "name resolution: " + error.message()});
  Endpoints v6, v4, out;
  for (const auto& entry : found) (entry.endpoint().address().is_v6() ? v6 : v4).emplace_back(entry.endpoint());
  for (std::size_t i = 0; i < std::max(v6.size(), v4.size()) && out.size() < kMostAddresses; ++i) {  // families take turns (RFC 8305, section 4)
    if (i < v6.size()) out.push_back(v6[i]);
    if (i < v4.size()) out.push_back(v4[i]);
  }
  if (out.empty()) return fail(ConnectFailure{IoError::unresolved, "name resolution: no address"});
  return out;
}

// getaddrinfo cannot be interrupted: whoever gives up leaves it to finish alone.
Task<Result<Endpoints, ConnectFailure>> resolve(Context context, const std::string& host, std::uint16_t port) {
  boost::system::error_code not_numeric;
  const auto address = asio::ip::make_address(host, not_numeric);
  if (!not_numeric) co_return Endpoints{Tcp::endpoint(address, port)};

  struct State : Step {
    explicit State(AsioLoop& loop) : resolver(loop.context()) {}
    Resolver resolver;
    std::optional<Result<Endpoints, ConnectFailure>> found;
  };
  const auto state = std::make_shared<State>(context.loop);
  state->resolver.async_resolve(host, std::to_string(port), Tcp::resolver::address_configured,
                                [state](const boost::system::error_code& error, const Tcp::resolver::results_type& results) {
                                  state->found.emplace(to_endpoints(error, results));
                                  state->changed.notify();
                                });
  Alarm alarm([&] { state->timed_out = true, state->changed.notify(); });
  context.loop.timers().set(alarm, context.deadline);
  const auto hook = context.cancellation.on_cancel([&] { state->cancelled = true, state->changed.notify(); });
  while (!state->found && !state->fault("")) co_await state->changed;
  if (auto fault = state->fault("name resolution took too long")) co_return fail(*std::move(fault));
  co_return *std::move(state->found);
}

struct Race : Step {
  StreamPtr winner;
  std::vector<StreamPtr> running;
  std::size_t failures = 0;
  IoError last = IoError::refused;
};

Task<void> attempt(AsioLoop& loop, Protocol::endpoint to, std::shared_ptr<Race> race) {
  const StreamPtr stream(new Stream(loop));
  race->running.push_back(stream);
  const auto connected = co_await stream->connect(to);
  if (!connected) {
    ++race->failures, race->last = connected.error();
  } else if (!race->winner) {
    race->winner = stream;
  } else {
    stream->close(IoError::cancelled);
  }
  race->changed.notify();
}

Task<Result<StreamPtr, ConnectFailure>> connect_first(Context context, const Endpoints& endpoints) {
  const auto race = std::make_shared<Race>();
  const auto hook = context.cancellation.on_cancel([&] { race->cancelled = true, race->changed.notify(); });
  Alarm out_of_time([&] { race->timed_out = true, race->changed.notify(); });
  context.loop.timers().set(out_of_time, context.deadline);
  std::size_t begun = 0;
  bool next_due = true;
  Alarm next([&] { next_due = true, race->changed.notify(); });
  while (!race->winner && race->failures < endpoints.size() && !race->fault("")) {
    if (begun < endpoints.size() && (next_due || race->failures == begun)) {
      next_due = false;
      context.loop.timers().set(next, context.loop.now() + kNextAddressAfter);
      spawn(attempt(context.loop, endpoints[begun++], race));
      continue;
    }
    co_await race->changed;
  }
  for (const StreamPtr& stream : race->running)
    if (stream != race->winner) stream->close(IoError::cancelled);
  race->running.clear();
  if (race->winner && !race->cancelled) co_return race->winner;
  if (auto fault = race->fault("no address answered in time")) co_return fail(*std::move(fault));
  co_return fail(ConnectFailure{race->last, "connect: " + std::string(to_string(race->last))});
}

// A full queue of the listener is EAGAIN at once, so it is asked again until it has room.
Task<Result<StreamPtr, ConnectFailure>> connect_unix(Context context, const std::string& path) {
  sockaddr_un address{};
  if (path.empty() || path.size() >= sizeof address.sun_path) co_return fail(ConnectFailure{IoError::refused, "the socket's path is too long"});
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, path.size());
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) co_return fail(ConnectFailure{IoError::system, "socket"});
  const StreamPtr stream(new Stream(context.loop, fd, AF_UNIX));
  while (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno != EAGAIN) co_return fail(ConnectFailure{to_io_error(errno), "connect to unix socket"});
    if (context.cancellation.cancelled()) co_return fail(ConnectFailure{IoError::cancelled, "cancelled"});
    if (context.loop.now() > context.deadline) co_return fail(ConnectFailure{IoError::timeout, "the unix socket's queue is full"});
    co_await context.loop.sleep(std::chrono::milliseconds(2));
  }
  co_return stream;
}

void tune(Stream& stream) {
  const int fd = stream.socket().native_handle();
  const int on = 1, idle_s = 30, interval_s = 10, probes = 4;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
  boost::system::error_code ignored;
  stream.socket().native_non_blocking(true, ignored);
}

std::string authority(const Origin& origin) {
  const std::string host = origin.host.find(':') == std::string::npos ? origin.host : "[" + origin.host + "]";
  return host + ":" + std::to_string(origin.port);
}

Task<Result<void, ConnectFailure>> open_tunnel(Stream& stream, const Origin& origin) {
  const auto failed = [](IoError kind, const std::string& why) { return fail(ConnectFailure{kind, "proxy: " + why}); };
  std::string ask = "CONNECT " + authority(origin) + " HTTP/1.1\r\nhost: " + authority(origin) + "\r\n\r\n";
  iovec piece{ask.data(), ask.size()};
  const auto written = co_await stream.write_within(&piece, 1);
  if (!written) co_return failed(written.error(), std::string(to_string(written.error())));
  Headers headers;
  ReplyParser parser(headers, kProxyHeadBytes, ReplyParser::Body::none);
  while (!parser.done()) {
    const auto filled = co_await stream.fill();
    if (!filled) co_return failed(filled.error(), std::string(to_string(filled.error())));
    const auto fed = parser.feed(stream.inbox_data(), stream.inbox().size());
    if (!fed) co_return failed(fed.error(), "the answer to CONNECT is not HTTP");
    stream.consume(fed->used);
  }
  if (parser.status() / 100 != 2) co_return failed(IoError::refused, "CONNECT was answered with " + std::to_string(parser.status()));
  if (!stream.inbox().empty()) co_return failed(IoError::protocol, "bytes before the tunnel's first");
  co_return Result<void, ConnectFailure>{};
}

int keep_session(SSL* tls, SSL_SESSION* session) {
  auto* memory = static_cast<std::weak_ptr<TlsMemory>*>(SSL_get_app_data(tls));
  if (memory == nullptr) return 0;
  if (const auto alive = memory->lock()) {
    alive->session = std::shared_ptr<SSL_SESSION>(session, &SSL_SESSION_free);
    return 1;
  }
  return 0;
}

Task<Result<void, ConnectFailure>> start_tls(Stream& stream, const Origin& origin, std::shared_ptr<TlsMemory> memory) {
  auto context = client_context(origin.ca_file, origin.proxy_host.empty() ? std::string() : origin.proxy_ca_file);
  if (!context) co_return fail(ConnectFailure{IoError::tls, context.error()});
  SSL_CTX_set_session_cache_mode(context->get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context->get(), &keep_session);
  SSL* tls = SSL_new(context->get());
  SSL_set_connect_state(tls);
  boost::system::error_code not_numeric;
  asio::ip::make_address(origin.host, not_numeric);
  if (not_numeric) {
    SSL_set_tlsext_host_name(tls, origin.host.c_str());
    SSL_set_hostflags(tls, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    SSL_set1_host(tls, origin.host.c_str());
  } else {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), origin.host.c_str());
  }
  if (memory->session) SSL_set_session(tls, memory->session.get());
  stream.remember_tls(tls, memory);
  std::string detail;
  const auto shaken = co_await stream.handshake(tls, detail);
  if (!shaken) co_return fail(ConnectFailure{shaken.error(), "TLS: " + (detail.empty() ? std::string(to_string(shaken.error())) : detail)});
  co_return Result<void, ConnectFailure>{};
}

}  // namespace

Task<Result<StreamPtr, ConnectFailure>> connect(AsioLoop& loop, const Origin& origin, Monotonic deadline, Cancellation& cancellation,
                                                std::shared_ptr<TlsMemory> memory) {
  const Context context{loop, deadline, cancellation};
  if (cancellation.cancelled()) co_return fail(ConnectFailure{IoError::cancelled, "cancelled"});
  if (origin.kind == Origin::Kind::unix_socket) co_return co_await connect_unix(context, origin.unix_path);
  const bool proxied = !origin.proxy_host.empty();
  const Endpoints endpoints = CO_TRY(co_await resolve(context, proxied ? origin.proxy_host : origin.host, proxied ? origin.proxy_port : origin.port));
  const StreamPtr stream = CO_TRY(co_await connect_first(context, endpoints));
  tune(*stream);
  stream->set_deadline(deadline);
  const auto hook = cancellation.on_cancel([&] { stream->close(IoError::cancelled); });
  if (proxied) CO_TRY(co_await open_tunnel(*stream, origin));
  if (origin.kind == Origin::Kind::tls) CO_TRY(co_await start_tls(*stream, origin, std::move(memory)));
  co_return stream;
}

}  // namespace demarc::http
