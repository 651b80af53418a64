// Session: one client's connection, request after request. Internal to http/; its loop's thread only.
//
// A request's life here: waits for the first byte, parses head and body within the limits, calls the handler with an Exchange while a read stays
// outstanding (the client going away cancels), then starts anew or closes. Between requests a session holds its Stream and nothing else.
#pragma once

#include <atomic>
#include <boost/intrusive/list.hpp>
#include <string>

#include "http/inner/stream.hpp"
#include "http/server.hpp"

namespace demarc::http {

// What all sessions of a server share.
struct ServerShared {
  ServerLimits limits;
  Handler handler;
  ErrorBody error_body;
  std::atomic<std::size_t> connections{0};
  std::atomic<std::size_t> buffered_bytes{0};
  std::atomic<bool> draining{false};
};

enum class Admission : std::uint8_t { normal, over_limit };

class Session : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  Session(ServerShared& shared, StreamPtr stream, std::string remote, Admission admission)
      : shared_(shared), stream_(std::move(stream)), remote_(std::move(remote)), admission_(admission) {}

  Task<void> serve(ssl_st* tls);  // tls may be null
  void drain();                   // closes if idle, else after the answer
  void close() { stream_->close(IoError::cancelled); }

 private:
  friend class ServerExchange;
  enum class Next : std::uint8_t { request, close, linger };

  Task<Next> serve_request();
  Task<Result<void, ApiError>> read_request(class RequestParser& parser);
  Task<Result<void, ApiError>> read_body(class RequestParser& parser);
  Task<Next> answer(class ServerExchange& exchange);
  Task<void> refuse(class ServerExchange& exchange, const ApiError& error);
  Task<void> linger();
  [[nodiscard]] Monotonic body_deadline(Monotonic began, std::size_t received_bytes) const;

  ServerShared& shared_;
  StreamPtr stream_;
  std::string remote_, client_certificate_;
  Admission admission_;
  bool idle_ = false;
};
using Sessions = boost::intrusive::list<Session, boost::intrusive::constant_time_size<false>>;

}  // namespace demarc::http
