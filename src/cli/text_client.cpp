#include "cli/text_client.hpp"

#include <simdjson.h>

#include <cstring>
#include <fstream>
#include <iostream>
#include <sstream>

#include "base/encode.hpp"
#include "base/strings.hpp"
#include "cli/cli.hpp"
#include "core/io/disk.hpp"
#include "core/json/writer.hpp"
#include "text/csv.hpp"

namespace demarc::cli {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{1} << 30;

Failure<CallFailure> strange(const std::string& what) { return fail(CallFailure{kFailed, "the gateway answered with " + what}); }

std::string body_of(const std::string& model, const std::vector<std::string>& texts, std::size_t begin, std::size_t end) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("model", model), json.field("encoding_format", "base64"), json.field("truncate", "chunks");
    json.array("input", [&] {
      for (std::size_t i = begin; i < end; ++i) json.value(texts[i]);
    });
  });
  return out;
}

Result<void, CallFailure> append_vectors(std::string body, std::size_t count, text::Samples& samples, std::string& model) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  simdjson::dom::array data;
  std::string_view name;
  if (parser.parse(body).get(root) != simdjson::SUCCESS || root["data"].get(data) != simdjson::SUCCESS || data.size() != count)
    return strange("something that is no list of vectors");
  if (root["model"].get(name) == simdjson::SUCCESS) model = name;
  for (const simdjson::dom::element one : data) {
    std::string_view packed;
    const auto bytes = one["embedding"].get(packed) == simdjson::SUCCESS ? from_base64(packed) : std::nullopt;
    if (!bytes || bytes->empty() || bytes->size() % sizeof(float) != 0) return strange("a vector that is not base64");
    const std::size_t width = bytes->size() / sizeof(float), at = samples.vectors.size();
    if (samples.width != 0 && samples.width != width) return strange("vectors of different widths");
    samples.width = width;
    samples.vectors.resize(at + width);
    std::memcpy(&samples.vectors[at], bytes->data(), bytes->size());
  }
  return {};
}

std::string digest_in(Connection& connection, const std::string& request_id) {
  const auto receipt = connection.call("GET", "/v1/receipts/" + request_id, {}, "");
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  std::string_view digest;
  if (!receipt || receipt->status != 200 || parser.parse(receipt->body).get(root) != simdjson::SUCCESS ||
      root["model_digest"].get(digest) != simdjson::SUCCESS)
    return {};
  return std::string(digest);
}

Result<std::vector<std::string>, std::string> texts_of_csv(std::string_view bytes, const std::string& column) {
  text::Table table = TRY(text::read_csv(bytes));
  const std::size_t at = TRY(table.column(column));
  std::vector<std::string> texts;
  for (auto& row : table.rows) texts.push_back(std::move(row[at]));
  return texts;
}

Result<std::vector<std::string>, std::string> texts_of_lines(std::string_view bytes, const std::string& field) {
  std::vector<std::string> texts;
  simdjson::dom::parser parser;
  std::size_t number = 0;
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    std::string line(bytes.substr(0, end));
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    ++number;
    if (line.ends_with('\r')) line.pop_back();
    if (trim(line).empty()) continue;
    if (field.empty()) {
      texts.push_back(std::move(line));
      continue;
    }
    std::string_view text;
    if (parser.parse(line)[field].get(text) != simdjson::SUCCESS) return fail("line " + std::to_string(number) + " has no text \"" + field + "\"");
    texts.emplace_back(text);
  }
  return texts;
}

}  // namespace

std::size_t end_of_call(const std::vector<std::string>& texts, std::size_t begin) {
  std::size_t end = begin, bytes = 0;
  for (; end < texts.size() && end - begin < kTextsACall; ++end) {
    bytes += texts[end].size();
    if (bytes > kBytesACall && end > begin) break;
  }
  return end;
}

Result<std::string, CallFailure> post_json(Connection& connection, const std::string& path, const std::string& body, std::string* request_id) {
  auto answer = connection.call("POST", path, {{"content-type", "application/json"}}, body);
  if (!answer) return fail(CallFailure{kUnavailable, answer.error()});
  if (answer->status != 200) return fail(CallFailure{exit_code_of(answer->status), error_message(*answer)});
  if (request_id != nullptr) *request_id = answer->headers.get("demarc-request-id");
  return std::move(answer->body);
}

Result<TextVectors, CallFailure> vectors_of(Connection& connection, const std::string& model, const std::vector<std::string>& texts,
                                            const std::function<void(std::size_t)>& on_progress) {
  TextVectors out;
  for (std::size_t begin = 0; begin < texts.size();) {
    const std::size_t end = end_of_call(texts, begin);
    std::string request_id;
    std::string body = TRY(post_json(connection, "/v1/embeddings", body_of(model, texts, begin, end), &request_id));
    TRY(append_vectors(std::move(body), end - begin, out.samples, out.model));
    if (out.model_digest.empty()) out.model_digest = digest_in(connection, request_id);
    begin = end;
    on_progress(begin);
  }
  return out;
}

Result<std::vector<std::string>, std::string> texts_in(const std::string& file, const std::string& column, Lines lines) {
  std::string bytes;
  if (file == "-") {
    std::stringstream all;
    all << std::cin.rdbuf();
    bytes = std::move(all).str();
  } else {
    auto read = read_file(real_disk(), file, kMaxFileBytes);
    if (!read) return fail(std::string(to_string(read.error())));
    bytes = std::move(*read);
  }
  const std::string name = to_lower(file);
  if (name.ends_with(".csv")) return texts_of_csv(bytes, column.empty() ? "text" : column);
  if (name.ends_with(".jsonl") || name.ends_with(".ndjson")) return texts_of_lines(bytes, column.empty() ? "text" : column);
  if (lines == Lines::each) return texts_of_lines(bytes, "");
  if (!is_utf8(bytes)) return fail(std::string("it is no text in UTF-8"));
  if (trim(bytes).empty()) return fail(std::string("it is empty"));
  return std::vector{std::move(bytes)};
}

}  // namespace demarc::cli
