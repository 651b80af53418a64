#include "cli/documents.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cmath>

#include "core/json/writer.hpp"

namespace demarc::cli {

std::optional<std::string> index_file(const std::string& data, const std::string& name) {
  const auto fine = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  };
  if (name.empty() || name.size() > 100 || name[0] == '.' || !std::ranges::all_of(name, fine)) return {};
  return data + "/indexes/" + name + ".sqlite";
}

Headers headers_of(const Asking& asking, std::optional<Sensitivity> at_least) {
  Headers headers{{"content-type", "application/json"}};
  std::optional<Sensitivity> level = parse_sensitivity(asking.sensitivity);
  if (at_least && (!level || *at_least > *level)) level = at_least;
  if (level) headers.add("demarc-sensitivity", std::string(to_string(*level)));
  if (!asking.workload.empty()) headers.add("demarc-workload", asking.workload);
  return headers;
}

Result<Embedded, JobFault> embed(Connection& connection, const std::vector<std::string>& texts, const std::string& model, const Headers& headers) {
  std::string body;
  JsonWriter json(body);
  json.object([&] {
    json.field("model", model);
    json.field("encoding_format", "float");
    json.array("input", [&] {
      for (const std::string& text : texts) json.value(text);
    });
  });
  const auto answer = connection.call("POST", "/v1/embeddings", headers, body);
  if (!answer) return fail(JobFault{kUnavailable, answer.error()});
  if (answer->status != 200) return fail(JobFault{exit_code_of(answer->status), error_message(*answer)});
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  simdjson::dom::array data;
  std::string_view served;
  if (parser.parse(answer->body).get(root) != simdjson::SUCCESS || root["data"].get(data) != simdjson::SUCCESS ||
      root["model"].get(served) != simdjson::SUCCESS || data.size() != texts.size())
    return fail(JobFault{kFailed, "the embeddings are not what was asked for"});
  Embedded embedded{.model = std::string(served),
                    .vectors = std::vector<std::vector<float>>(texts.size()),
                    .request = std::string(answer->headers.get("demarc-request-id"))};
  std::size_t position = 0;
  for (const simdjson::dom::element each : data) {
    std::int64_t index = 0;
    simdjson::dom::array numbers;
    if (each["index"].get(index) != simdjson::SUCCESS) index = static_cast<std::int64_t>(position);
    ++position;
    if (index < 0 || index >= static_cast<std::int64_t>(texts.size()) || each["embedding"].get(numbers) != simdjson::SUCCESS)
      return fail(JobFault{kFailed, "the embeddings are not what was asked for"});
    std::vector<float>& vector = embedded.vectors[static_cast<std::size_t>(index)];
    double squares = 0;
    for (const simdjson::dom::element number : numbers) {
      double value = 0;
      if (number.get(value) != simdjson::SUCCESS || !std::isfinite(value)) return fail(JobFault{kFailed, "an embedding holds what is no number"});
      vector.push_back(static_cast<float>(value)), squares += value * value;
    }
    if (vector.empty() || squares <= 0) return fail(JobFault{kFailed, "an embedding is empty"});
    for (float& value : vector) value = static_cast<float>(value / std::sqrt(squares));
  }
  for (const auto& vector : embedded.vectors)
    if (vector.size() != embedded.vectors.front().size() || vector.empty()) return fail(JobFault{kFailed, "the embeddings are of different lengths"});
  return embedded;
}

}  // namespace demarc::cli
