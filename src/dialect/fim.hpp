// Fill-in-the-middle is asked for in three forms: OpenAI's /v1/completions with `suffix`, Mistral's /v1/fim/completions, llama.cpp's /infill. They
// say nearly the same, so any of them can be answered by an upstream of any other.
//
//   OutgoingBody call = CO_TRY(fim::request(*request, edits, fim::Form::infill, model));      // our llama engines
//   auto translator = fim::make_translator(*request, fim::Form::infill, id, created);          // their answers, as the client's dialect says them
//
// /infill puts the tokens that the model's own file names around prefix and suffix, and what other files say (`input_extra`) before them, so no
// template stands here. What others have no place for is refused: `input_extra` goes to engines that take it, or nowhere.
//
// Sources: OpenAI API reference "Completions", Mistral API reference "Fill in the Middle", llama.cpp tools/server/README.md "/infill", read 2026-11.
// Pure; a translator has one owner.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "dialect/dialect.hpp"
#include "dialect/translator.hpp"

namespace demarc::dialect::fim {

enum class Form : std::uint8_t { completions, mistral, infill };

Form form_of(const Request& request);  // of the client's dialect
Form form_of(Provider provider);       // of an upstream that is reached by its base_url

struct Extra {  // a piece of another file
  std::string filename, text;
};
// bad_request: a prompt that is not one string, or `input_extra` for an upstream of another form. `extra`: of ours, for a request that brings none;
// an upstream that is no /infill gets none of them.
Result<OutgoingBody, ApiError> request(const Request& fim, Edits edits, Form upstream, std::string_view model, std::span<const Extra> extra = {});

struct Around {
  std::string prefix, suffix;  // of the cursor
  bool brings_extra = false;   // pieces of other files
};
std::optional<Around> around_of(const Request& fim);  // nullopt: request() will say what is wrong

std::unique_ptr<ReplyTranslator> make_translator(const Request& fim, Form upstream, std::string id, Instant created);

}  // namespace demarc::dialect::fim
