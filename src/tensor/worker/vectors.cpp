#include "tensor/worker/vectors.hpp"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <charconv>

#include "base/encode.hpp"
#include "core/json/writer.hpp"

namespace demarc::tensor::worker {
namespace {

using Ids = std::vector<std::int64_t>;

static_assert(std::endian::native == std::endian::little);  // base64 carries float32 as it lies in memory

Failure<Refusal> bad(std::string message, std::string param) { return fail(Refusal{std::move(message), std::move(param)}); }

Result<TooLong, Refusal> too_long_of(const simdjson::dom::element& root) {
  std::string_view word = "none";
  const auto found = root["truncate"];
  if (found.error() != simdjson::NO_SUCH_FIELD && !found.is_null() && found.get(word) != simdjson::SUCCESS)
    return bad("\"truncate\" is none, end or chunks.", "truncate");
  if (word == "none") return TooLong::refuse;
  if (word == "end") return TooLong::cut;
  if (word == "chunks") return TooLong::chunks;
  return bad("\"truncate\" is none, end or chunks.", "truncate");
}

Result<Encoding, Refusal> encoding_of(const simdjson::dom::element& root) {
  std::string_view word = "float";
  const auto found = root["encoding_format"];
  if (found.error() != simdjson::NO_SUCH_FIELD && !found.is_null() && found.get(word) != simdjson::SUCCESS) word = "";
  if (word == "float") return Encoding::numbers;
  if (word == "base64") return Encoding::base64;
  return bad("\"encoding_format\" is float or base64.", "encoding_format");
}

Result<std::size_t, Refusal> dimensions_of(const simdjson::dom::element& root, std::size_t width) {
  const auto found = root["dimensions"];
  if (found.error() == simdjson::NO_SUCH_FIELD || found.is_null()) return width;
  std::uint64_t dimensions = 0;
  if (found.get(dimensions) != simdjson::SUCCESS || dimensions < 1 || dimensions > width)
    return bad("\"dimensions\" is a number from 1 to " + std::to_string(width) + ", which this model's vectors have.", "dimensions");
  return static_cast<std::size_t>(dimensions);
}

Result<Ids, Refusal> tokens_of(const simdjson::dom::array& numbers, const SentenceWords& model, const std::string& where) {
  Ids ids;
  for (const simdjson::dom::element one : numbers) {
    std::int64_t id = 0;
    if (one.get(id) != simdjson::SUCCESS) return bad(where + " holds something that is no token number.", where);
    ids.push_back(id);
  }
  if (ids.empty()) return bad(where + " is empty.", where);
  ids = model.enclose(std::move(ids));
  if (ids.empty())
    return bad(where + " holds a number that is no token of this model: token numbers are those of the model's own vocabulary.", where);
  return ids;
}

Result<Ids, Refusal> one_of(const simdjson::dom::element& input, const SentenceWords& model, const std::string& where) {
  std::string_view text;
  if (input.get(text) == simdjson::SUCCESS) return text.empty() ? bad(where + " is empty.", where) : Result<Ids, Refusal>(model.encode(text));
  simdjson::dom::array numbers;
  if (input.get(numbers) == simdjson::SUCCESS) return tokens_of(numbers, model, where);
  return bad(where + " is neither a text nor a list of token numbers.", where);
}

Result<std::vector<Ids>, Refusal> inputs_of(const simdjson::dom::element& input, const SentenceWords& model) {
  simdjson::dom::array list;
  std::vector<Ids> texts;
  if (input.get(list) != simdjson::SUCCESS) {
    texts.push_back(TRY(one_of(input, model, "input")));
    return texts;
  }
  if (list.size() == 0) return bad("input is empty.", "input");
  if (list.at(0).is_int64()) {
    texts.push_back(TRY(tokens_of(list, model, "input")));
    return texts;
  }
  if (list.size() > kMaxInputs)
    return bad("input has " + std::to_string(list.size()) + " texts; one request may have " + std::to_string(kMaxInputs) + ".", "input");
  for (const simdjson::dom::element one : list) texts.push_back(TRY(one_of(one, model, "input[" + std::to_string(texts.size()) + "]")));
  return texts;
}

void append_numbers(std::string& out, std::span<const float> numbers) {
  out += '[';
  std::array<char, 32> digits{};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), numbers[i]);
    if (i > 0) out += ',';
    out.append(digits.data(), end.ptr);
  }
  out += ']';
}

}  // namespace

Result<std::vector<Ids>, Refusal> pieces_of(Ids ids, const SentenceWords& model, TooLong too_long, const std::string& where) {
  const std::size_t most = model.longest_input();
  std::vector<Ids> pieces;
  if (ids.size() <= most) {
    pieces.push_back(std::move(ids));
    return pieces;
  }
  const std::int64_t first = ids.front(), last = ids.back();
  switch (too_long) {
    case TooLong::refuse:
      return fail(Refusal{where + " has " + std::to_string(ids.size()) + " tokens, and this model reads " + std::to_string(most) +
                              " at most. Shorten it, or send \"truncate\": \"end\" or \"chunks\".",
                          where, "context_length_exceeded"});
    case TooLong::cut:
      ids.resize(most - 1);
      ids.push_back(last);
      pieces.push_back(std::move(ids));
      return pieces;
    case TooLong::chunks: break;
  }
  const std::size_t inner = ids.size() - 2, chunks = (inner + most - 3) / (most - 2);
  for (std::size_t chunk = 0; chunk < chunks; ++chunk) {  // as equal in length as can be
    const auto begin = ids.begin() + 1 + static_cast<std::ptrdiff_t>(inner * chunk / chunks);
    const auto end = ids.begin() + 1 + static_cast<std::ptrdiff_t>(inner * (chunk + 1) / chunks);
    Ids& piece = pieces.emplace_back(Ids{first});
    piece.insert(piece.end(), begin, end);
    piece.push_back(last);
  }
  return pieces;
}

Result<VectorsRequest, Refusal> read_vectors(std::string_view body, const SentenceWords& model) {
  simdjson::dom::parser parser;
  simdjson::dom::element root, input;
  if (parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS) return bad("The body is not JSON.", "");
  if (root["input"].get(input) != simdjson::SUCCESS) return bad("\"input\" is missing.", "input");
  const TooLong too_long = TRY(too_long_of(root));
  VectorsRequest request{
      .pieces = {}, .text_of_piece = {}, .dimensions = TRY(dimensions_of(root, model.width())), .encoding = TRY(encoding_of(root))};
  std::vector<Ids> texts = TRY(inputs_of(input, model));
  request.texts = texts.size();
  for (std::size_t text = 0; text < texts.size(); ++text)
    for (Ids& piece : TRY(pieces_of(std::move(texts[text]), model, too_long, texts.size() == 1 ? "input" : "input[" + std::to_string(text) + "]"))) {
      request.tokens += piece.size();
      request.pieces.push_back(std::move(piece)), request.text_of_piece.push_back(text);
    }
  if (request.tokens > kMaxTokensOfAll)
    return bad("The texts have " + std::to_string(request.tokens) + " tokens together; one request may have " + std::to_string(kMaxTokensOfAll) + ".",
               "input");
  return request;
}

void VectorSums::add(std::size_t piece, std::span<const float> vector) { pieces_[piece].assign(vector.begin(), vector.end()); }

void VectorSums::finish() {
  for (std::size_t piece = 0; piece < pieces_.size(); ++piece) {
    std::vector<float>& sum = sums_[request_.text_of_piece[piece]];
    const auto weight = static_cast<float>(request_.pieces[piece].size());
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += weight * pieces_[piece][i];
  }
  for (std::vector<float>& sum : sums_) {
    sum.resize(request_.dimensions);
    normalise(sum);
  }
}

std::string print_vectors(const VectorsRequest& request, const std::vector<std::vector<float>>& vectors, std::string_view model) {
  std::string out;
  out.reserve(vectors.size() * request.dimensions * (request.encoding == Encoding::base64 ? 6 : 14));
  JsonWriter json(out);
  json.object([&] {
    json.field("object", "list");
    json.array("data", [&] {
      for (std::size_t text = 0; text < vectors.size(); ++text)
        json.object([&] {
          json.field("object", "embedding");
          json.field("index", text);
          json.name("embedding");
          if (request.encoding == Encoding::base64) {
            json.value(to_base64({reinterpret_cast<const char*>(vectors[text].data()), vectors[text].size() * sizeof(float)}));
          } else {
            json.raw("");
            append_numbers(out, vectors[text]);
          }
        });
    });
    json.field("model", model);
    json.object("usage", [&] {
      json.field("prompt_tokens", request.tokens);
      json.field("total_tokens", request.tokens);
    });
  });
  return out;
}

}  // namespace demarc::tensor::worker
