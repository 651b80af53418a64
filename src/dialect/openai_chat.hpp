// OpenAI's /v1/chat/completions. Source: OpenAI API reference, "Chat", read 2026-11; llama-server's, vLLM's and Mistral's additions where they
// differ. One entry of the table in all.cpp.
#pragma once

#include "dialect/chat_codec.hpp"
#include "dialect/dialect.hpp"
#include "dialect/printer.hpp"
#include "dialect/translator.hpp"

namespace demarc::dialect::openai_chat {

Result<std::unique_ptr<Request>, ApiError> parse(const Dialect& dialect, HttpRequest&& http, const ParseLimits& limits);
Result<OutgoingBody, ApiError> forward(const Request& request, Edits edits, Provider provider, std::string_view model);
std::unique_ptr<ReplyTranslator> translator(const Request& request, Passage passage);
std::unique_ptr<ReplyPrinter> printer(const Request& request, Passage passage, PrinterOptions options);
extern const ChatCodec kCodec;

}  // namespace demarc::dialect::openai_chat
