// ServerExchange: Exchange on a Session's stream. Internal to http/; its loop's thread only.
#pragma once

#include "http/inner/session.hpp"

namespace demarc::http {

class ServerExchange final : public Exchange {
 public:
  explicit ServerExchange(Session& session) : session_(session), stream_(*session.stream_) {}
  ~ServerExchange() override { session_.shared_.buffered_bytes -= held_bytes_; }

  HttpRequest& request() override { return request_; }
  Loop& loop() override { return stream_.loop(); }
  Cancellation& cancellation() override { return cancellation_; }
  void cancel() override;
  Task<Result<void, IoError>> respond(int status, const Headers& headers, std::string_view body) override;
  Task<Result<void, IoError>> begin(int status, const Headers& headers) override;
  Task<Result<void, IoError>> write(std::string_view piece) override;
  Task<Result<void, IoError>> finish(const Headers& trailers) override;
  void abort() override;

  enum class State : std::uint8_t { unanswered, streaming, answered, aborted };
  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] bool keep_alive() const { return keep_alive_; }
  void set_protocol(bool http_1_0, bool keep_alive) { http_1_0_ = http_1_0, keep_alive_ = keep_alive; }
  void close_after() { keep_alive_ = false; }
  bool hold_bytes(std::size_t more);  // accounts for body bytes; false if the server holds too many

  // The client is watched while the handler runs; the watch ends before this object does.
  void watch_client();
  Task<void> end_watch();

 private:
  enum class Length : std::uint8_t { known, chunked, until_close };
  std::string& head(int status, const Headers& headers, Length length, std::size_t body_bytes);
  Result<void, IoError> checked(Result<void, IoError> written);
  [[nodiscard]] bool body_allowed() const { return request_.method != "HEAD" && status_ != 204 && status_ != 304; }

  Session& session_;
  Stream& stream_;
  HttpRequest request_;
  Cancellation cancellation_;
  Event watch_over_;
  bool in_cancel_ = false;
  State state_ = State::unanswered;
  bool http_1_0_ = false, keep_alive_ = false;
  int status_ = 0;
  std::size_t held_bytes_ = 0;
};

}  // namespace demarc::http
