#include "gateway/sub_exchange.hpp"

#include "dialect/chat.hpp"
#include "gateway/serve_request.hpp"

namespace demarc::gateway {
namespace {

Task<void> cancel_at(Loop& loop, Deadline deadline, std::weak_ptr<SubExchange> exchange) {
  co_await loop.sleep(deadline.at - loop.now());
  if (const auto late = exchange.lock()) late->cancellation().cancel();
}

}  // namespace

Task<Result<void, IoError>> InnerExchange::respond(int status, const Headers& headers, std::string_view body) {
  status_ = status, headers_ = headers, body_ = body;
  co_return Result<void, IoError>{};
}

Task<Result<void, IoError>> InnerExchange::begin(int status, const Headers& headers) {
  status_ = status, headers_ = headers;
  co_return Result<void, IoError>{};
}

Task<Result<void, IoError>> InnerExchange::write(std::string_view piece) {
  body_ += piece;
  co_return Result<void, IoError>{};
}

Task<Result<void, IoError>> InnerExchange::finish(const Headers&) { co_return Result<void, IoError>{}; }

Task<Result<std::string, ApiError>> ask_model(RequestContext& parent, AskWhom whom, Chat chat) {
  auto call = dialect::chat_request(chat, Provider::openai, std::string(whom.model));
  if (!call) co_return fail(std::move(call).error());
  HttpRequest http{.method = "POST",
                   .target = "/v1/chat/completions",
                   .headers = {{"content-type", "application/json"}},
                   .body = std::move(call->body),
                   .remote = "sub-request"};
  http.body.reserve(http.body.size() + 64);                                         // for the parser's padding
  const auto kept = std::make_shared<SubExchange>(parent.client, std::move(http));  // so that a timer can see whether it is still there
  SubExchange& exchange = *kept;
  if (!whom.deadline.is_never()) spawn(cancel_at(parent.loop(), whom.deadline, kept));
  const Inherited inherited{.parent = parent.id,
                            .caller = parent.caller,
                            .workload = parent.workload,
                            .sensitivity = parent.facts.sensitivity,
                            .tier = whom.tier,
                            .work_class = parent.work_class,
                            .snapshot = parent.snapshot};
  co_await serve_request(exchange, parent.services, *dialect::dialect_named("openai.chat"), &inherited);
  if (exchange.status() == 0) co_return fail(ApiError{ErrorKind::cancelled, "The sub-request had no answer."});
  auto reply = dialect::read_chat_reply(Provider::openai, exchange.status(), exchange.headers(), exchange.body());
  if (!reply) co_return fail(std::move(reply).error());
  std::string text;
  for (const Block& block : reply->message.blocks)
    if (block.kind == BlockKind::text) text += block.text;
  co_return text;
}

}  // namespace demarc::gateway
