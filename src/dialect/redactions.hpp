// POST /v1/redactions on the wire: the call as texts, and its answer. Presidio's own shapes, for its users, are in presidio.hpp.
//
//   RedactionsCall call = TRY(read_redactions(body, limits));
//   for (RedactionInput& input : call.input)
//     for (RedactionLeaf& leaf : input.leaves) …  leaf.text is searched; leaf.output and leaf.findings are filled in
//   std::string body = redactions_body("red_…", call);
//
// An input is a text, a JSON value whose strings, keys and long numbers are texts of their own, or a file {"file": {"filename": …, "data": base64}},
// which somebody else opens (gateway/redaction_files.hpp) and hands back as a text with take_file_text(). A call comes as JSON, as a form with files,
// or as JSON lines of which each is an input. Pure; any thread.
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
  std::size_t line = 0;            // of a file that is its own text, from 1; 0: not said
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

struct RedactionFile {
  std::string filename;
  std::string bytes;  // as they came, then as they go back; "": they do not
};

struct RedactionInput {
  std::string json{};  // the value as it came, or a file's text; "" for a plain text
  std::vector<RedactionLeaf> leaves{};
  std::optional<RedactionFile> file{};
  std::optional<ApiError> error{};  // then it has no leaves
};

enum class InputShape : std::uint8_t { one, list };
enum class OnError : std::uint8_t { fail, go_on };  // with an input that cannot be read: "fail", "continue"
enum class Framing : std::uint8_t { json, lines };  // of the answer

struct RedactionsCall {
  std::vector<RedactionInput> input;
  InputShape shape = InputShape::list;  // of `input` as it came
  std::string mode = "detect", op = "placeholder", language = "en", conversation;
  std::vector<std::string> types;
  OnError on_error = OnError::fail;
  Framing framing = Framing::json;
};

struct RedactionsLimits {
  std::size_t inputs = 10'000;
  std::size_t leaves = 1'000'000;
  std::size_t depth = 64;
};

Result<RedactionsCall, ApiError> read_redactions(std::string& body, const RedactionsLimits& limits);
// multipart/form-data: the fields of a call, and files in fields called file, files, file[] or files[].
Result<RedactionsCall, ApiError> read_redactions_form(std::string_view body, std::string_view content_type, const RedactionsLimits& limits);
// JSON lines; the other fields stand in the URL's query. on_error is "continue" unless it says otherwise.
Result<RedactionsCall, ApiError> read_redactions_lines(std::string_view body, std::string_view query, const RedactionsLimits& limits);

Result<void, ApiError> take_file_text(RedactionInput& input, std::string text, const RedactionsLimits& limits);
std::string output_of(const RedactionInput& input);  // its outputs put together: the text, the JSON value

// Not which: it may be a value that lost its place.
constexpr std::string_view kNoSuchField = "holds a field that is none of mode, operator, types, language, conversation, on_error";

// One field by its name, as a form or a query gives it. False: there is no such field.
Result<bool, ApiError> set_redactions_field(RedactionsCall& call, std::string_view name, std::string_view value);

std::string redactions_body(std::string_view id, const RedactionsCall& call);

}  // namespace demarc::dialect
