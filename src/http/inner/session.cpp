#include "http/inner/session.hpp"

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "http/inner/exchange.hpp"
#include "http/inner/parse.hpp"

namespace demarc::http {
namespace {

constexpr std::size_t kLingerBytes = 1 << 20;

std::string subject_of_peer(SSL* tls) {
  X509* certificate = SSL_get0_peer_certificate(tls);
  if (!certificate || SSL_get_verify_result(tls) != X509_V_OK) return "";
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> text(BIO_new(BIO_s_mem()), &BIO_free_all);
  X509_NAME_print_ex(text.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  char* data = nullptr;
  const long size = BIO_get_mem_data(text.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace

Task<void> Session::serve(ssl_st* tls) {
  if (tls) {
    std::string detail;
    stream_->set_deadline_in(shared_.limits.header_timeout);
    if (!co_await stream_->handshake(tls, detail)) co_return;
    client_certificate_ = subject_of_peer(tls);
  }
  for (;;) {
    if (stream_->inbox().empty()) {
      if (shared_.draining) break;
      idle_ = true;
      stream_->set_deadline_in(shared_.limits.keep_alive_idle);
      const auto filled = co_await stream_->fill();
      idle_ = false;
      if (!filled) break;
      if (stream_->inbox().empty()) continue;
    }
    const Next next = co_await serve_request();
    if (next == Next::linger) co_await linger();
    if (next != Next::request) break;
  }
  stream_->close(IoError::closed);
}

void Session::drain() {
  if (idle_) stream_->close(IoError::cancelled);
}

Task<Session::Next> Session::serve_request() {
  ServerExchange exchange(*this);
  const ParseLimits limits{shared_.limits.header_bytes, shared_.limits.header_count, shared_.limits.body_bytes, shared_.limits.upload_bytes};
  RequestParser parser(exchange.request(), limits, [&](std::size_t more) { return exchange.hold_bytes(more); });
  const auto read = co_await read_request(parser);
  exchange.set_protocol(parser.http_1_0(), parser.keep_alive());
  if (!read) {
    if (read.error().kind == ErrorKind::cancelled) co_return Next::close;
    co_await refuse(exchange, read.error());
    co_return Next::linger;
  }
  HttpRequest& request = exchange.request();
  if (request.body.capacity() < request.body.size() + 64) request.body.reserve(request.body.size() + 64);
  request.remote = remote_, request.client_certificate = client_certificate_;
  co_return co_await answer(exchange);
}

Task<Result<void, ApiError>> Session::read_request(RequestParser& parser) {
  const ApiError late{ErrorKind::timeout, "the request did not arrive in time"};
  stream_->set_deadline_in(shared_.limits.header_timeout);
  for (;;) {
    const std::size_t used = CO_TRY(parser.feed(stream_->inbox()));
    stream_->consume(used);
    if (parser.head_done() || parser.done()) break;
    const auto filled = co_await stream_->fill();
    if (!filled) co_return fail(filled.error() == IoError::timeout ? late : ApiError{ErrorKind::cancelled, ""});
  }
  if (admission_ == Admission::over_limit) {
    ApiError full{ErrorKind::unavailable, "too many connections are open at the moment"};
    full.retry_after_s = 1;
    co_return fail(std::move(full));
  }
  if (parser.done()) co_return Result<void, ApiError>{};
  if (parser.expects_continue()) {
    iovec piece{const_cast<char*>("HTTP/1.1 100 Continue\r\n\r\n"), 25};
    if (!co_await stream_->write(&piece, 1, shared_.limits.write_stall)) co_return fail(ApiError{ErrorKind::cancelled, ""});
  }
  co_return co_await read_body(parser);
}

// The body's first body_idle is free; after that it must have come at the least rate, and never pause for longer than body_idle.
Monotonic Session::body_deadline(Monotonic began, std::size_t received_bytes) const {
  const auto& limits = shared_.limits;
  const auto earned = std::chrono::nanoseconds(std::chrono::seconds(1)) * received_bytes / std::max<std::size_t>(limits.body_bytes_per_s, 1);
  return std::min(stream_->loop().coarse_now() + limits.body_idle, began + limits.body_idle + earned);
}

Task<Result<void, ApiError>> Session::read_body(RequestParser& parser) {
  const Monotonic began = stream_->loop().coarse_now();
  std::size_t received = 0;
  while (!parser.done()) {
    // Much is still to come and its end is known: read past the inbox, but never into the next request.
    while (const std::size_t left = stream_->more_likely() && stream_->inbox().empty() ? parser.known_body_left() : 0) {
      auto& scratch = stream_->loop().scratch();
      const auto got = stream_->read_now(scratch.data(), std::min(left, scratch.size()));
      if (!got) co_return fail(ApiError{ErrorKind::cancelled, ""});
      if (*got == 0) break;
      received += *got;
      CO_TRY(parser.feed({scratch.data(), *got}));
      if (parser.done()) co_return Result<void, ApiError>{};
    }
    stream_->set_deadline(body_deadline(began, received));
    const auto filled = co_await stream_->fill();
    if (!filled) {
      const bool late = filled.error() == IoError::timeout;
      co_return fail(ApiError{late ? ErrorKind::timeout : ErrorKind::cancelled, "the request's body did not arrive in time"});
    }
    received += stream_->inbox().size();
    const std::size_t used = CO_TRY(parser.feed(stream_->inbox()));
    stream_->consume(used);
  }
  co_return Result<void, ApiError>{};
}

Task<Session::Next> Session::answer(ServerExchange& exchange) {
  stream_->set_deadline(kNever);
  exchange.watch_client();
  bool failed = false;
  try {
    co_await shared_.handler(exchange);
  } catch (...) {
    failed = true;
  }
  co_await exchange.end_watch();
  switch (exchange.state()) {
    case ServerExchange::State::unanswered:
      co_await refuse(exchange, ApiError{ErrorKind::internal, "the request could not be handled"});
      co_return Next::linger;
    case ServerExchange::State::streaming: exchange.abort(); co_return Next::close;
    case ServerExchange::State::aborted: co_return Next::close;
    case ServerExchange::State::answered: break;
  }
  if (failed || stream_->closed()) co_return Next::close;
  if (exchange.keep_alive()) co_return Next::request;
  co_return stream_->inbox().empty() ? Next::close : Next::linger;
}

Task<void> Session::refuse(ServerExchange& exchange, const ApiError& error) {
  exchange.close_after();
  stream_->set_deadline(kNever);  // the one that passed is answered, not obeyed
  const auto [headers, body] = shared_.error_body(error, exchange.request().path(), exchange.request().headers);
  (void)co_await exchange.respond(http_status(error), headers, body);  // it closes on failure
}

// Closing with unread bytes in the kernel would reset the connection and take the answer away from the client, so they are read first, for a while.
Task<void> Session::linger() {
  if (stream_->ended()) co_return;
  stream_->shut_write();
  stream_->set_deadline_in(shared_.limits.linger);
  for (std::size_t thrown = 0; thrown < kLingerBytes;) {
    thrown += stream_->inbox().size();
    stream_->consume(stream_->inbox().size());
    if (!co_await stream_->fill()) break;
  }
}

}  // namespace demarc::http
