#include "tensor/worker/rerank.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/json/writer.hpp"
#include "tensor/worker/vectors.hpp"

namespace demarc::tensor::worker {
namespace {

using Ids = std::vector<std::int64_t>;

Failure<Refusal> bad(std::string message, std::string param) { return fail(Refusal{std::move(message), std::move(param)}); }

Result<std::string_view, Refusal> text_of(const simdjson::dom::element& element, const std::string& where) {
  std::string_view text;
  if (element.get(text) != simdjson::SUCCESS && element["text"].get(text) != simdjson::SUCCESS)
    return bad(where + " is neither a text nor {\"text\": …}.", where);
  if (text.empty()) return bad(where + " is empty.", where);
  return text;
}

Result<bool, Refusal> returns_documents(const simdjson::dom::element& root) {
  bool yes = false;
  const auto found = root["return_documents"];
  if (found.error() != simdjson::NO_SUCH_FIELD && !found.is_null() && found.get(yes) != simdjson::SUCCESS)
    return bad("\"return_documents\" is true or false.", "return_documents");
  return yes;
}

Result<std::size_t, Refusal> top_of(const simdjson::dom::element& root, std::size_t count) {
  const auto found = root["top_n"];
  if (found.error() == simdjson::NO_SUCH_FIELD || found.is_null()) return count;
  std::uint64_t top = 0;
  if (found.get(top) != simdjson::SUCCESS || top == 0) return bad("\"top_n\" is a number from 1 on.", "top_n");
  return std::min<std::size_t>(count, top);
}

}  // namespace

Result<RerankRequest, Refusal> read_rerank(std::string_view body, const SentenceWords& model) {
  simdjson::dom::parser parser;
  simdjson::dom::element root, query;
  simdjson::dom::array documents;
  if (parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS) return bad("The body is not JSON.", "");
  if (root["query"].get(query) != simdjson::SUCCESS) return bad("\"query\" is missing.", "query");
  if (root["documents"].get(documents) != simdjson::SUCCESS) return bad("\"documents\" is a list of texts.", "documents");
  RerankRequest request;
  request.count = documents.size();
  if (request.count == 0) return bad("documents is empty.", "documents");
  if (request.count > kMaxDocuments)
    return bad("documents has " + std::to_string(request.count) + " entries; one request may have " + std::to_string(kMaxDocuments) + ".",
               "documents");
  request.top_n = TRY(top_of(root, request.count));
  const bool returns = TRY(returns_documents(root));
  request.query = TRY(pieces_of(model.encode(TRY(text_of(query, "query"))), model, TooLong::refuse, "query")).front();
  request.tokens = request.query.size();
  std::size_t number = 0;
  for (const simdjson::dom::element document : documents) {
    const std::string where = "documents[" + std::to_string(number) + "]";
    const std::string_view text = TRY(text_of(document, where));
    if (returns) request.texts.emplace_back(text);
    for (Ids& piece : TRY(pieces_of(model.encode(text), model, TooLong::chunks, where))) {
      request.tokens += piece.size();
      request.documents.push_back(std::move(piece)), request.document_of_piece.push_back(number);
    }
    ++number;
  }
  if (request.tokens > kMaxTokensOfAll)
    return bad("Query and documents have " + std::to_string(request.tokens) + " tokens together; one request may have " +
                   std::to_string(kMaxTokensOfAll) + ".",
               "documents");
  return request;
}

Relevance::Relevance(const SentenceWords& model, std::span<const std::int64_t> query, std::span<const float> vectors, float least_weight)
    : width_(model.width()) {
  const auto most = std::log(static_cast<float>(std::max<std::size_t>(model.words(), 2)));
  const std::size_t begin = query.size() > 2 ? 1 : 0, end = query.size() > 2 ? query.size() - 1 : query.size();  // without [CLS] and [SEP]
  for (std::size_t i = begin; i < end; ++i) {
    const std::span<const float> vector = vectors.subspan(i * width_, width_);
    query_.insert(query_.end(), vector.begin(), vector.end());
    normalise(std::span(query_).last(width_));
    const auto place = static_cast<float>(std::max<std::int64_t>(0, query[i] - model.first_word() + 1));
    weights_.push_back(least_weight + std::log1p(place) / most);
  }
  const float all = std::accumulate(weights_.begin(), weights_.end(), 0.0F);
  for (float& weight : weights_) weight /= all;
}

std::vector<float> Relevance::likenesses(std::span<const float> document) const {
  std::vector<float> words(document.begin(), document.end());
  const std::size_t length = words.size() / width_;
  const std::size_t begin = length > 2 ? 1 : 0, end = length > 2 ? length - 1 : length;
  for (std::size_t i = begin; i < end; ++i) normalise(std::span(words).subspan(i * width_, width_));
  std::vector<float> out(weights_.size(), -1.0F);
  for (std::size_t q = 0; q < out.size(); ++q)
    for (std::size_t i = begin; i < end; ++i)
      out[q] = std::max(out[q], std::inner_product(&query_[q * width_], &query_[q * width_] + width_, &words[i * width_], 0.0F));
  return out;
}

float Relevance::weigh(std::span<const float> likenesses) const {
  return std::clamp(std::inner_product(weights_.begin(), weights_.end(), likenesses.begin(), 0.0F), 0.0F, 1.0F);
}

std::string print_rerank(const RerankRequest& request, const std::vector<float>& scores, std::string_view model) {
  std::vector<std::size_t> order(request.count);
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, {}, [&](std::size_t document) { return std::pair(-scores[document], document); });
  order.resize(request.top_n);
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("object", "list");
    json.field("model", model);
    json.field("method", "late_interaction");
    json.array("results", [&] {
      for (const std::size_t document : order)
        json.object([&] {
          json.field("index", document);
          json.field("relevance_score", static_cast<double>(scores[document]));
          if (!request.texts.empty()) json.object("document", [&] { json.field("text", request.texts[document]); });
        });
    });
    json.object("usage", [&] {
      json.field("prompt_tokens", request.tokens);
      json.field("total_tokens", request.tokens);
    });
  });
  return out;
}

}  // namespace demarc::tensor::worker
