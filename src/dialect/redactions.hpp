// POST /v1/redactions on the wire: the call as texts, and its answer. Presidio's own shapes, for its users, are in presidio.hpp.
//
//   RedactionsCall call = TRY(read_redactions(body, limits));
//   for (RedactionInput& input : call.input)
//     for (RedactionLeaf& leaf : input.leaves) …  leaf.text is searched; leaf.output and leaf.findings are filled in
//   std::string body = redactions_body("red_…", call);
//
// An input is a text, or a JSON value whose strings, keys and long numbers are texts of their own. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/dialect.hpp"

namespace demarc::dialect {

struct FoundInText {
  std::string type, kind, reason;  // kind: of a SECRET; reason: what spoke for it
  std::size_t start = 0, end = 0;  // Unicode code points of the leaf's text, end exclusive
  float score = 0;
  std::string_view tier;  // structured | model | reviewed
};

struct RedactionLeaf {
  std::string text;
  std::string path;  // JSON Pointer (RFC 6901) of the value, or of the member whose key this is; "" for a plain text
  Span token{};      // in RedactionInput::json
  std::string output;
  std::vector<FoundInText> findings;
};

struct RedactionInput {
  std::string json;  // the value as it came; "" for a plain text
  std::vector<RedactionLeaf> leaves;
};

enum class InputShape : std::uint8_t { one, list };

struct RedactionsCall {
  std::vector<RedactionInput> input;
  InputShape shape = InputShape::list;  // of `input` as it came
  std::string mode = "detect", op = "placeholder", language = "en", conversation;
  std::vector<std::string> types;
};

struct RedactionsLimits {
  std::size_t inputs = 10'000;
  std::size_t leaves = 1'000'000;
  std::size_t depth = 64;
};

Result<RedactionsCall, ApiError> read_redactions(std::string& body, const RedactionsLimits& limits);
std::string redactions_body(std::string_view id, const RedactionsCall& call);

}  // namespace demarc::dialect
