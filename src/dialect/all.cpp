// Every wire format demarc speaks, for clients and for upstreams. Add a line; find_dialect, the documentation's table and the tests find it here.
#include <array>

#include "dialect/anthropic_messages.hpp"
#include "dialect/classifications.hpp"
#include "dialect/dialect.hpp"
#include "dialect/image_classifications.hpp"
#include "dialect/llama_infill.hpp"
#include "dialect/mistral_fim.hpp"
#include "dialect/mistral_ocr.hpp"
#include "dialect/openai_chat.hpp"
#include "dialect/openai_completions.hpp"
#include "dialect/openai_transcriptions.hpp"
#include "dialect/rerank.hpp"
#include "dialect/whole_answer.hpp"

namespace demarc::dialect {
namespace {

constexpr auto kDialects = std::to_array<Dialect>({
    {"openai.chat", "/v1/chat/completions", Operation::chat, Family::openai, &openai_chat::parse, &openai_chat::forward, &openai_chat::kCodec,
     &openai_chat::translator, &openai_chat::printer},
    {"openai.completions", "/v1/completions", Operation::completion, Family::openai, &openai_completions::parse, &openai_completions::forward,
     nullptr, &openai_completions::translator, &openai_completions::printer},
    {"mistral.fim", "/v1/fim/completions", Operation::fim, Family::openai, &mistral_fim::parse, &mistral_fim::forward, nullptr,
     &openai_chat::translator, &openai_chat::printer},
    {llama_infill::kName, "/infill", Operation::fim, Family::openai, &llama_infill::parse, &llama_infill::forward, nullptr, &llama_infill::translator,
     &llama_infill::printer},
    {"openai.embeddings", "/v1/embeddings", Operation::embedding, Family::openai, &openai_embeddings::parse, &openai_embeddings::forward, nullptr,
     &whole_answer_translator, &whole_answer_printer},
    {"openai.transcriptions", "/v1/audio/transcriptions", Operation::transcription, Family::openai, &openai_transcriptions::parse,
     &openai_transcriptions::forward, nullptr, &openai_transcriptions::translator, &openai_transcriptions::printer},
    {"mistral.classifications", "/v1/classifications", Operation::classification, Family::openai, &classifications::parse, &classifications::forward,
     nullptr, &whole_answer_translator, &whole_answer_printer},
    {"demarc.image_classifications", "/v1/images/classifications", Operation::image_classification, Family::openai, &image_classifications::parse,
     &image_classifications::forward, nullptr, &whole_answer_translator, &whole_answer_printer},
    {"cohere.rerank", "/v1/rerank", Operation::rerank, Family::openai, &rerank::parse, &rerank::forward, nullptr, &rerank::translator,
     &whole_answer_printer},
    {"mistral.ocr", "/v1/ocr", Operation::ocr, Family::openai, &mistral_ocr::parse, &mistral_ocr::forward, nullptr, &mistral_ocr::translator,
     &mistral_ocr::printer},
    {"anthropic.messages", "/v1/messages", Operation::chat, Family::anthropic, &anthropic_messages::parse, &anthropic_messages::forward,
     &anthropic_messages::kCodec, &anthropic_messages::translator, &anthropic_messages::printer},
});

}  // namespace

std::span<const Dialect> all_dialects() { return kDialects; }

}  // namespace demarc::dialect
