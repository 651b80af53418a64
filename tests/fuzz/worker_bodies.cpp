// Any bytes as the body of a request to the worker of vectors and pictures: refused with a sentence that holds nothing of it, or read within the
// limits that its model has.
#include <simdjson.h>

#include "base/strings.hpp"
#include "fuzz.hpp"
#include "tensor/worker/classification.hpp"
#include "tensor/worker/images.hpp"
#include "tensor/worker/request.hpp"
#include "tensor/worker/rerank.hpp"
#include "tensor/worker/vectors.hpp"

namespace {

using namespace demarc;
using namespace demarc::tensor::worker;

constexpr std::string_view kPrivate = "written by nobody";
constexpr std::size_t kLongest = 16, kWidth = 4;

const SentenceWords& words() {
  static const SentenceWords all(*WordPiece::make({"[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "text", "##s", "refund", ",", "."}, Letters::lower),
                                 kLongest, kWidth);
  return all;
}

void check_refusal(const Refusal& refusal) {
  CHECK(!refusal.message.empty() && refusal.status >= 400 && is_utf8(refusal.message) && is_utf8(refusal.param));
  CHECK(refusal.message.find(kPrivate) == std::string::npos && refusal.param.find(kPrivate) == std::string::npos);
}

void check_pieces(const std::vector<std::vector<std::int64_t>>& pieces) {
  for (const auto& piece : pieces) {
    CHECK(piece.size() >= 2 && piece.size() <= kLongest);
    for (const std::int64_t id : piece) CHECK(id >= 0 && id < static_cast<std::int64_t>(words().words()));
  }
}

void check_json(const std::string& text) {
  simdjson::dom::parser parser;
  CHECK(parser.parse(text).error() == simdjson::SUCCESS);
}

void read_as_vectors(std::string_view body) {
  const auto request = read_vectors(body, words());
  if (!request) return check_refusal(request.error());
  check_pieces(request->pieces);
  CHECK(request->texts <= kMaxInputs && request->tokens <= kMaxTokensOfAll && request->dimensions <= kWidth && request->dimensions > 0);
  CHECK(request->text_of_piece.size() == request->pieces.size());
  VectorSums sums(*request, kWidth);
  const std::vector<float> one(kWidth, 0.5F);
  for (std::size_t i = 0; i < request->pieces.size(); ++i) sums.add(i, one);
  sums.finish();
  check_json(print_vectors(*request, sums.vectors(), "m"));
}

void read_as_rerank(std::string_view body) {
  const auto request = read_rerank(body, words());
  if (!request) return check_refusal(request.error());
  check_pieces(request->documents);
  check_pieces({request->query});
  CHECK(request->count > 0 && request->count <= kMaxDocuments && request->top_n <= request->count);
  check_json(print_rerank(*request, std::vector<float>(request->count, 0.25F), "m"));
}

void read_as_classification(std::string_view body) {
  const auto request = read_classification(body, "sha256:x");
  if (!request) return check_refusal(request.error());
  CHECK(!request->input.empty() && request->input.size() <= kMaxTextsToClassify && request->label_of_example.size() == request->examples.size());
  for (const std::uint32_t label : request->label_of_example) CHECK(label < request->labels.size());
}

void read_as_pictures(std::string_view body) {
  const auto request = read_images(body);
  if (!request) return check_refusal(request.error());
  CHECK(!request->pictures.empty() && request->pictures.size() <= kMaxPictures &&
        request->examples.size() == request->labels.label_of_example.size());
}

void read_as_spans(std::string_view body) {
  SpansRequest request;
  const auto read = read_request(body, request);
  if (!read) return check_refusal({.message = read.error(), .param = {}});
  CHECK(request.texts.size() <= kMaxTexts && request.kinds.size() <= kMaxKinds);
}

}  // namespace

FUZZ(worker_bodies) {
  // Words that stand for longer pieces of a body, so that a few bytes are a whole one.
  std::string body;
  for (const char c : bytes) {
    if (c == '\x01')
      body += "{\"input\":";
    else if (c == '\x02')
      body += R"({"query":"refund","documents":)";
    else if (c == '\x03')
      body += std::string(kPrivate);
    else
      body += c;
  }
  read_as_vectors(body), read_as_rerank(body), read_as_classification(body), read_as_pictures(body), read_as_spans(body);
}
