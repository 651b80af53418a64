// ChatCodec: one dialect's requests and answers as core's Chat. How one dialect is answered by another, and how sub-calls are made.
// An entry of the table in all.cpp; pure functions; any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "core/chat.hpp"
#include "core/error.hpp"
#include "core/operation.hpp"

namespace demarc::dialect {

struct ChatCodec {
  // What the request says; bad_request for what Chat cannot hold and the answer would miss.
  Result<Chat, ApiError> (*read)(std::string body);
  // The request body that says `chat`; bad_request for what this dialect cannot say.
  Result<std::string, ApiError> (*write)(const Chat& chat, Provider provider, std::string_view model);
  std::string_view target;  // "/chat/completions"
};

inline Failure<ApiError> refuse(std::string message, std::string param = {}) {
  return fail(ApiError{.kind = ErrorKind::bad_request, .message = std::move(message), .param = std::move(param)});
}

}  // namespace demarc::dialect
