// SubExchange: a client that is ourselves. A workload that needs another model call (the clean-up of a transcript) asks through the same path as
// everybody, with its own decision, records and charge; it inherits sensitivity and tier from the request it works for.
//
//   auto answer = co_await ask_model(context, tier, cleaning_prompt(piece));    // ApiError, or the text
//
// One loop; cancelled together with the parent's client, or at its own deadline.
#pragma once

#include "core/chat.hpp"
#include "gateway/context.hpp"

namespace demarc::gateway {

// Keeps the answer for whoever asked.
class InnerExchange : public Exchange {
 public:
  InnerExchange(Loop& loop, HttpRequest request) : loop_(loop), request_(std::move(request)) {}
  HttpRequest& request() override { return request_; }
  Loop& loop() override { return loop_; }
  Cancellation& cancellation() override { return cancellation_; }
  void cancel() override { cancellation_.cancel(); }
  Task<Result<void, IoError>> respond(int status, const Headers& headers, std::string_view body) override;
  Task<Result<void, IoError>> begin(int status, const Headers& headers) override;
  Task<Result<void, IoError>> write(std::string_view piece) override;
  Task<Result<void, IoError>> finish(const Headers& trailers) override;
  void abort() override { status_ = 0; }

  [[nodiscard]] int status() const { return status_; }  // 0: no answer
  [[nodiscard]] const Headers& headers() const { return headers_; }
  [[nodiscard]] const std::string& body() const { return body_; }

 private:
  Loop& loop_;
  HttpRequest request_;
  Cancellation cancellation_;
  int status_ = 0;
  Headers headers_;
  std::string body_;
};

class SubExchange final : public InnerExchange {
 public:
  SubExchange(Exchange& parent, HttpRequest request)
      : InnerExchange(parent.loop(), std::move(request)), with_parent_(parent.cancellation().on_cancel([this] { cancellation().cancel(); })) {}

 private:
  Cancellation::Hook with_parent_;
};

struct AskWhom {
  Tier tier = Tier::local;
  std::string_view model = "auto";  // as a caller would name it
  Deadline deadline = Deadline::never();
};

// One chat call for the request of `parent`. The text of the answer.
Task<Result<std::string, ApiError>> ask_model(RequestContext& parent, AskWhom whom, Chat chat);

}  // namespace demarc::gateway
