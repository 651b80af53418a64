// Anthropic's /v1/messages. Source: Anthropic API reference, "Messages" and "Streaming messages", read 2026-11. One entry of the table in all.cpp.
#pragma once

#include "dialect/chat_codec.hpp"
#include "dialect/dialect.hpp"
#include "dialect/printer.hpp"
#include "dialect/translator.hpp"

namespace demarc::dialect::anthropic_messages {

Result<std::unique_ptr<Request>, ApiError> parse(const Dialect& dialect, HttpRequest&& http, const ParseLimits& limits);
Result<OutgoingBody, ApiError> forward(const Request& request, Edits edits, Provider provider, std::string_view model);
std::unique_ptr<ReplyTranslator> translator(const Request& request, Passage passage);
std::unique_ptr<ReplyPrinter> printer(const Request& request, Passage passage, PrinterOptions options);
extern const ChatCodec kCodec;

}  // namespace demarc::dialect::anthropic_messages
