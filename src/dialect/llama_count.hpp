// llama.cpp's own count of a request's input tokens, chat template and tools included, without taking a slot or running the model.
//
//   OutgoingBody call = TRY(llama_count::request(*request, "m"));       // target at the server's root
//   std::optional<std::int64_t> tokens = llama_count::read(std::move(reply_body));
//
// Chats go to /v1/chat/completions/input_tokens as they would go to the engine, other operations' texts to /tokenize (of embeddings the longest: each
// text has the context for itself). Source: llama.cpp tools/server/README.md, v0.5.0. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "dialect/dialect.hpp"

namespace demarc::dialect::llama_count {

// bad_request: the request cannot be said to such an engine.
Result<OutgoingBody, ApiError> request(const Request& request, std::string_view model);
std::optional<std::int64_t> read(std::string body);

}  // namespace demarc::dialect::llama_count
