// llama.cpp's POST /infill: fill-in-the-middle with the tokens that the model's own file names. Its /v1/completions passes `suffix` over, so our
// llama engines are asked here, and their answers are turned into the OpenAI completion that the client asked for.
//
//   OutgoingBody call = CO_TRY(llama_infill::request(*fim, edits));
//   auto translator = llama_infill::make_translator(*fim, created);     // in the place of dialect::make_translator
//
// Source: llama.cpp tools/server/README.md, "/infill", v0.5.0. Pure; one owner.
#pragma once

#include "base/time.hpp"
#include "dialect/dialect.hpp"
#include "dialect/translator.hpp"

namespace demarc::dialect::llama_infill {

inline constexpr std::string_view kTarget = "/infill";  // at the server's root

// bad_request: prompts other than one string (lists, token ids).
Result<OutgoingBody, ApiError> request(const Request& fim, Edits edits);

std::unique_ptr<ReplyTranslator> make_translator(const Request& fim, std::string id, Instant created);

}  // namespace demarc::dialect::llama_infill
