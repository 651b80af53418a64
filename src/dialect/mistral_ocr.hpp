// Mistral's /v1/ocr: a document in, its pages as Markdown and blocks out. Source: Mistral API reference "OCR", read 2026-11.
//
// An upstream that speaks it gets the request as it came, but for what is ours alone (`redact`, `redact_types`, `page_images`, `include_words`); what
// it answers passes with every text in it looked at. Our own engine answers blocks, from which the printer writes what the client asked for. One
// entry of the table in all.cpp.
#pragma once

#include "dialect/dialect.hpp"
#include "dialect/printer.hpp"
#include "dialect/translator.hpp"

namespace demarc::dialect::mistral_ocr {

Result<std::unique_ptr<Request>, ApiError> parse(const Dialect& dialect, HttpRequest&& http, const ParseLimits& limits);
Result<OutgoingBody, ApiError> forward(const Request& request, Edits edits, Provider provider, std::string_view model);
std::unique_ptr<ReplyTranslator> translator(const Request& request, Passage passage);
std::unique_ptr<ReplyPrinter> printer(const Request& request, Passage passage, PrinterOptions options);

// For our own engine: all that it can tell, and where each word stands if something may have to be hidden.
enum class WordPlaces : std::uint8_t { as_asked, always };
Result<OutgoingBody, ApiError> forward_to_engine(const Request& request, Edits edits, std::string_view model, WordPlaces places);

// What demarc alone understands.
struct Own {
  std::string redact;  // "", "false", "true" or an operator
  std::vector<std::string> types;
};
Result<Own, ApiError> own_fields(const Request& request);

// `document.file_id` of a body, with where its object stands; nullopt: the document is not an uploaded file. For whoever puts the file's bytes there.
struct FileReference {
  std::string id;
  Span document;
};
std::optional<FileReference> file_reference(std::string& body);
std::string document_of(std::string_view filename, std::string_view bytes);  // the object that stands for it

}  // namespace demarc::dialect::mistral_ocr
