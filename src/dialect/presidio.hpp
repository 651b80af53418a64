// Presidio's REST shapes, so that its users switch by base URL alone: its analyzer's and its anonymizer's requests and answers.
//
//   PresidioAnalyze ask = TRY(read_presidio_analyze(body));        // {"text", "language", "entities", "score_threshold", …}
//   std::string answer = presidio_results_body(ask, found);         // [{"entity_type", "start", "end", "score", …}]
//   PresidioAnonymize order = TRY(read_presidio_anonymize(body));  // {"text", "anonymizers", "analyzer_results"}
//   std::string answer = presidio_anonymized_body(order, digest);
//
// Offsets are Unicode code points, as in Python. What is not offered is a 400 that names it: ad-hoc recognizers, encryption.
// Source: Presidio's OpenAPI document (github.com/microsoft/presidio, docs/api-docs), read 2026-11. Pure; any thread.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/redactions.hpp"

namespace demarc::dialect {

struct PresidioAnalyze {
  std::vector<std::string> texts;
  InputShape shape = InputShape::one;
  std::vector<std::string> entities, allow_list;  // empty: all types; nothing allowed
  double score_threshold = 0;
  bool explain = false;  // return_decision_process
};
Result<PresidioAnalyze, ApiError> read_presidio_analyze(std::string& body);
// `found`: per text, sorted. Applies entities, threshold and allow list.
std::string presidio_results_body(const PresidioAnalyze& ask, const std::vector<std::vector<FoundInText>>& found);

enum class PresidioAct : std::uint8_t { replace, redact, mask, hash, keep };

struct PresidioOperator {
  PresidioAct act = PresidioAct::replace;
  std::optional<std::string> new_value;  // of replace; else "<TYPE>"
  std::string masking_char = "*";
  std::int64_t chars_to_mask = 0;
  bool from_end = false;
};

struct PresidioAnonymize {
  std::string text;
  std::map<std::string, PresidioOperator, std::less<>> operators;  // by type; "DEFAULT"
  std::vector<FoundInText> found;                                  // sorted, not overlapping
};
Result<PresidioAnonymize, ApiError> read_presidio_anonymize(std::string& body);
using ValueDigest = std::function<std::string(std::string_view type, std::string_view value)>;
std::string presidio_anonymized_body(const PresidioAnonymize& order, const ValueDigest& digest);

std::string presidio_names_body(const std::vector<std::string>& names);  // /supportedentities, /recognizers

}  // namespace demarc::dialect
