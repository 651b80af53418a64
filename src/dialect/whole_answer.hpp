// Dialects whose answers come whole, never as a stream, and whose upstreams speak the same dialect: an answer is the upstream's own bytes with what
// was changed in them. Most of them (vectors, scores) hold no text to look at: of those the model and the usage are read and nothing else.
//
//   {"openai.embeddings", "/v1/embeddings", …, &whole_answer_translator, &whole_answer_printer},      // a line of all.cpp
//
// One whose answers do hold text has a translator of its own and calls read_model_and_usage().
#pragma once

#include "dialect/dialect.hpp"
#include "dialect/json/tree.hpp"
#include "dialect/printer.hpp"
#include "dialect/translator.hpp"

namespace demarc::dialect {

std::unique_ptr<ReplyTranslator> whole_answer_translator(const Request& request, Passage passage);
std::unique_ptr<ReplyPrinter> whole_answer_printer(const Request& request, Passage passage, PrinterOptions options);

void read_model_and_usage(JsonNode root, Reply& reply);  // as OpenAI names them

}  // namespace demarc::dialect
