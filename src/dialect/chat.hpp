// Chat ⇄ wire: for sub-calls that demarc makes itself, and for one dialect answered by another.
//
//   OutgoingBody call = CO_TRY(chat_request(chat, Provider::openai, "smollm2"));
//   Chat answer       = CO_TRY(read_chat_reply(Provider::openai, status, headers, body));   // one assistant message
//
// Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "core/chat.hpp"
#include "core/error.hpp"
#include "core/io/http.hpp"
#include "core/reply.hpp"
#include "core/usage.hpp"
#include "dialect/dialect.hpp"

namespace demarc::dialect {

struct ChatReply {
  ChatMessage message;
  std::optional<FinishReason> finish;
  std::optional<Usage> usage;
  std::string model;
};

// bad_request: something in `chat` cannot be said to such an upstream.
Result<OutgoingBody, ApiError> chat_request(const Chat& chat, Provider provider, std::string_view model);
Result<ChatReply, ApiError> read_chat_reply(Provider provider, int status, const Headers& headers, std::string body);

}  // namespace demarc::dialect
