// llama.cpp's POST /infill as clients speak it (llama.vim, llama.vscode): prefix, suffix, what of the cursor's line is typed, and pieces of other
// files. One entry of the table in all.cpp; what it has in common with the other forms of fill-in-the-middle stands in fim.hpp.
//
// Its own engine answers it as it stands, so timings and `response_fields` are the engine's. Names of other files join those that the policy sees as
// `path`. Source: llama.cpp tools/server/README.md, "/infill", v0.5.0. Pure; one owner.
#pragma once

#include "dialect/dialect.hpp"
#include "dialect/printer.hpp"
#include "dialect/translator.hpp"

namespace demarc::dialect::llama_infill {

inline constexpr std::string_view kName = "llama.infill";
inline constexpr std::string_view kTarget = "/infill";  // at the server's root

Result<std::unique_ptr<Request>, ApiError> parse(const Dialect& dialect, HttpRequest&& http, const ParseLimits& limits);
Result<OutgoingBody, ApiError> forward(const Request& request, Edits edits, Provider provider, std::string_view model);
std::unique_ptr<ReplyTranslator> translator(const Request& request, Passage passage);
std::unique_ptr<ReplyPrinter> printer(const Request& request, Passage passage, PrinterOptions options);

}  // namespace demarc::dialect::llama_infill
