// OutgoingCall: one request on a leased connection and its reply; becomes the IncomingReply. Internal to http/; the loop's thread only.
#pragma once

#include "http/inner/parse.hpp"
#include "http/inner/pool.hpp"

namespace demarc::http {

class OutgoingCall final : public IncomingReply {
 public:
  OutgoingCall(Lease lease, const OutgoingRequest& request, const SendLimits& limits, Monotonic total_deadline, Cancellation& cancellation);
  ~OutgoingCall() override;

  // Writes the request and reads the reply's head. nothing_sent() and nothing_received() tell a failure's reach.
  Task<Result<void, IoError>> run(const Origin& origin, const OutgoingRequest& request);
  [[nodiscard]] bool reused() const { return lease_.reused(); }
  [[nodiscard]] bool nothing_sent() const { return sent_bytes_ == 0; }
  [[nodiscard]] bool nothing_received() const { return !parser_.saw_bytes(); }
  [[nodiscard]] Stream& stream() const { return lease_.stream(); }
  void give_back_unused() { unused_ = true; }

  [[nodiscard]] int status() const override { return parser_.status(); }
  [[nodiscard]] const Headers& headers() const override { return headers_; }
  Task<Result<std::string_view, IoError>> read() override;

 private:
  Task<Result<void, IoError>> send(const std::string& head, std::string_view body);
  Result<void, IoError> parse(char* bytes, std::size_t size_bytes);
  Result<void, IoError> gather();

  Lease lease_;
  SendLimits limits_;
  Monotonic total_deadline_;
  Cancellation::Hook hook_;
  Headers headers_;
  ReplyParser parser_;
  std::string_view piece_;  // parsed and not yet handed out
  std::string early_;       // what of the body came with the head
  std::size_t sent_bytes_ = 0;
  bool whole_request_sent_ = false, unused_ = false, left_over_ = false;
};

}  // namespace demarc::http
