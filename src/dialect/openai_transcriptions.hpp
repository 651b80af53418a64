// OpenAI's /v1/audio/transcriptions: a form with a recording in, a transcript out. Source: OpenAI API reference, "Audio", read 2026-11.
//
// Whatever form the client wants, an upstream asked for verbose_json can serve it: forward_as() asks so, and the printer prints the client's form
// from the Transcript. An upstream that answers in the client's own form passes byte for byte. One entry of the table in all.cpp.
#pragma once

#include "dialect/dialect.hpp"
#include "dialect/printer.hpp"
#include "dialect/transcript_text.hpp"
#include "dialect/translator.hpp"

namespace demarc::dialect::openai_transcriptions {

Result<std::unique_ptr<Request>, ApiError> parse(const Dialect& dialect, HttpRequest&& http, const ParseLimits& limits);
Result<OutgoingBody, ApiError> forward(const Request& request, Edits edits, Provider provider, std::string_view model);
std::unique_ptr<ReplyTranslator> translator(const Request& request, Passage passage);
std::unique_ptr<ReplyPrinter> printer(const Request& request, Passage passage, PrinterOptions options);

// What to ask instead of the client's own form and of a stream, for engines that answer in one piece: the rest of the form as it came.
enum class Times : std::uint8_t { as_asked, of_words };
Result<OutgoingBody, ApiError> forward_as(const Request& request, Edits edits, std::string_view model, TranscriptFormat format,
                                          Times times = Times::as_asked);
// The contents of the form's fields of that name, in order. What demarc alone understands (`redact`, …) stands in no Part and leaves with no request.
std::vector<std::string_view> field_values(const Request& request, std::string_view name);
// The form that the client asked for.
TranscriptFormat format_of(const Request& request);

}  // namespace demarc::dialect::openai_transcriptions
