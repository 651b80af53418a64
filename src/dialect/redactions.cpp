#include "dialect/redactions.hpp"

#include <algorithm>

#include "base/encode.hpp"
#include "base/strings.hpp"
#include "core/json/writer.hpp"
#include "dialect/json/tree.hpp"

namespace demarc::dialect {
namespace {

ApiError bad(std::string message, std::string param) { return {ErrorKind::bad_request, std::move(message), std::move(param)}; }

std::string pointer_step(std::string_view step) {
  std::string out = "/";
  for (const char c : step) c == '~' ? out += "~0" : c == '/' ? out += "~1" : out += c;
  return out;
}

// Every key, string and number of a JSON value as a leaf, with the JSON Pointer of where it stands.
class LeafSink final : public JsonSink {
 public:
  LeafSink(RedactionInput& input, std::size_t most) : input_(input), most_(most) {}

  bool open_object(std::size_t) override { return open(false); }
  bool close_object(std::size_t) override { return close(); }
  bool open_array(std::size_t) override { return open(true); }
  bool close_array(std::size_t) override { return close(); }
  bool key(JsonText raw, std::string_view name) override {
    levels_.back().step = pointer_step(name);
    return add(std::string(name), raw.span);
  }
  bool string(JsonText raw) override {
    next();
    std::string text;
    const std::string_view inside = std::string_view(input_.json).substr(raw.span.begin + 1, raw.span.size() - 2);
    return unescape(inside, text) && add(std::move(text), raw.span);
  }
  bool number(Span span) override {
    next();
    return add(input_.json.substr(span.begin, span.size()), span);
  }
  bool literal(Span) override { return next(), true; }

 private:
  struct Level {
    bool array = false;
    std::size_t index = 0;
    std::string step;
  };
  void next() {
    if (!levels_.empty() && levels_.back().array) levels_.back().step = "/" + std::to_string(levels_.back().index++);
  }
  bool open(bool array) {
    next();
    levels_.push_back({.array = array, .index = 0, .step = {}});
    return true;
  }
  bool close() { return levels_.pop_back(), true; }
  bool add(std::string text, Span token) {
    if (input_.leaves.size() >= most_) return false;
    std::string path;
    for (const Level& level : levels_) path += level.step;
    input_.leaves.push_back({.text = std::move(text), .path = std::move(path), .token = token, .output = {}, .findings = {}});
    return true;
  }

  RedactionInput& input_;
  const std::size_t most_;
  std::vector<Level> levels_;
};

Result<void, ApiError> take_json(RedactionInput& input, std::string json, const std::string& param, const RedactionsLimits& limits,
                                 std::size_t leaves_before) {
  input.json = std::move(json);
  LeafSink sink(input, limits.leaves - leaves_before);
  if (!read_json(padded(input.json), {.depth = limits.depth, .values = limits.leaves * 3}, sink))
    return fail(ApiError{ErrorKind::too_large, "the input holds more values than are taken in one call", param});
  return {};
}

// {"file": {"filename": …, "data": …}} and nothing else.
bool is_file(JsonNode node) { return node.is(JsonType::object) && node.size() == 1 && node["file"]["data"].is(JsonType::string); }

Result<RedactionInput, ApiError> read_file(JsonNode file, const std::string& param) {
  auto bytes = from_base64(file["data"].text());
  if (!bytes) return fail(bad("expected base64", param + ".file.data"));
  return RedactionInput{.file = RedactionFile{file["filename"].is(JsonType::string) ? file["filename"].text() : std::string(), *std::move(bytes)}};
}

Result<RedactionInput, ApiError> read_input(JsonNode node, const std::string& param, const RedactionsLimits& limits, std::size_t leaves_before) {
  if (is_file(node)) return read_file(node["file"], param);
  RedactionInput input;
  switch (node.type()) {
    case JsonType::string: input.leaves.push_back({.text = node.text(), .path = {}, .output = {}, .findings = {}}); return input;
    case JsonType::object:
    case JsonType::array: TRY(take_json(input, std::string(node.raw()), param, limits, leaves_before)); return input;
    case JsonType::none:
    case JsonType::null:
    case JsonType::boolean:
    case JsonType::number: break;
  }
  return fail(bad("expected a text or a JSON value", param));
}

Result<void, ApiError> add_input(RedactionsCall& call, Result<RedactionInput, ApiError> input) {
  if (!input && call.on_error == OnError::fail) return fail(std::move(input).error());
  call.input.push_back(input ? std::move(*input) : RedactionInput{.error = std::move(input).error()});
  return {};
}

Result<void, ApiError> read_text(JsonNode root, const char* field, std::string& into) {
  const JsonNode node = root[field];
  if (!node) return {};
  if (!node.is(JsonType::string)) return fail(bad("expected a text", field));
  into = node.text();
  return {};
}

Result<void, ApiError> read_inputs(JsonNode root, const RedactionsLimits& limits, RedactionsCall& call) {
  const JsonNode input = root["input"];
  if (!input) return fail(bad("missing: a text, a JSON object, or a list of these", "input"));
  if (!input.is(JsonType::array)) {
    call.shape = InputShape::one;
    return add_input(call, read_input(input, "input", limits, 0));
  }
  if (input.size() > limits.inputs)
    return fail(ApiError{ErrorKind::too_large, "at most " + std::to_string(limits.inputs) + " inputs in one call", "input"});
  std::size_t leaves = 0;
  for (const JsonNode element : input) {
    TRY(add_input(call, read_input(element, "input[" + std::to_string(call.input.size()) + "]", limits, leaves)));
    leaves += call.input.back().leaves.size();
  }
  return {};
}

Result<RedactionInput, ApiError> read_line(std::string_view line, const std::string& param, const RedactionsLimits& limits,
                                           std::size_t leaves_before) {
  std::string document = R"({"input":)" + std::string(line) + "}";  // any value, as an object's
  JsonTree tree;
  const auto read = tree.read(document, {.depth = limits.depth + 1, .values = limits.leaves * 3});
  if (!read || tree.root().size() != 1) return fail(bad("is no JSON value", param));
  return read_input(tree.root()["input"], param, limits, leaves_before);
}

void write_finding(JsonWriter& json, const RedactionLeaf& leaf, const FoundInText& found) {
  json.object([&] {
    json.field("type", found.type);
    if (!found.kind.empty()) json.field("kind", found.kind);
    if (!leaf.path.empty()) json.field("path", leaf.path);
    json.field("start", found.start);
    json.field("end", found.end);
    if (found.line > 0) json.field("line", found.line);
    json.raw_field("score", std::to_string(found.score).substr(0, 4));
    json.field("tier", found.tier);
    if (!found.reason.empty()) json.field("reason", found.reason);
  });
}

// The JSON value with the outputs of its leaves in it. A number whose text changed becomes a string.
std::string rebuilt(const RedactionInput& input) {
  std::string out;
  std::size_t at = 0;
  for (const RedactionLeaf& leaf : input.leaves) {
    if (leaf.output == leaf.text) continue;
    out.append(input.json, at, leaf.token.begin - at);
    append_json_string(out, leaf.output);
    at = leaf.token.end;
  }
  return out.append(input.json, at);
}

void write_error(JsonWriter& json, const ApiError& error) {
  json.object("error", [&] {
    json.field("message", error.message);
    json.field("param", error.param);
  });
}

void write_file(JsonWriter& json, const RedactionFile& file) {
  json.object("output", [&] {
    json.object("file", [&] {
      json.field("filename", file.filename);
      json.field("data", to_base64(file.bytes));
    });
  });
}

void write_output(JsonWriter& json, const RedactionInput& input) {
  if (input.file && input.file->bytes.empty()) return;
  if (input.file) return write_file(json, *input.file);
  if (input.json.empty()) return json.field("output", input.leaves.front().output);
  json.raw_field("output", rebuilt(input));
}

void write_result(JsonWriter& json, const RedactionInput& input) {
  json.object([&] {
    if (input.error) return write_error(json, *input.error);
    write_output(json, input);
    json.array("findings", [&] {
      for (const RedactionLeaf& leaf : input.leaves)
        for (const FoundInText& found : leaf.findings) write_finding(json, leaf, found);
    });
  });
}

}  // namespace

Result<RedactionsCall, ApiError> read_redactions(std::string& body, const RedactionsLimits& limits) {
  JsonTree tree;
  if (const auto read = tree.read(body, {.depth = limits.depth, .values = limits.leaves * 3}); !read)
    return fail(bad("byte " + std::to_string(read.error().at) + ": " + read.error().what, ""));
  const JsonNode root = tree.root();
  if (!root.is(JsonType::object)) return fail(bad("expected a JSON object", ""));
  RedactionsCall call;
  TRY(read_text(root, "mode", call.mode));
  TRY(read_text(root, "operator", call.op));
  TRY(read_text(root, "language", call.language));
  TRY(read_text(root, "conversation", call.conversation));
  std::string on_error;
  TRY(read_text(root, "on_error", on_error));
  if (!on_error.empty()) TRY(set_redactions_field(call, "on_error", on_error));
  if (const JsonNode types = root["types"]) {
    if (!types.is(JsonType::array)) return fail(bad("expected a list of types", "types"));
    for (const JsonNode type : types) call.types.push_back(type.text());
  }
  TRY(read_inputs(root, limits, call));
  return call;
}

Result<RedactionsCall, ApiError> read_redactions_lines(std::string_view body, std::string_view query, const RedactionsLimits& limits) {
  RedactionsCall call{.on_error = OnError::go_on, .framing = Framing::lines};
  for (const std::string_view pair : split(query, '&')) {
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size() - 1);
    if (!TRY(set_redactions_field(call, pair.substr(0, equals), pair.substr(equals + 1)))) return fail(bad(std::string(kNoSuchField), "query"));
  }
  std::size_t leaves = 0, line = 0;
  for (std::string_view one : split(body, '\n')) {
    ++line, one = trim(one);
    if (one.empty()) continue;
    const std::string param = "line " + std::to_string(line);
    if (call.input.size() >= limits.inputs)
      return fail(ApiError{ErrorKind::too_large, "at most " + std::to_string(limits.inputs) + " inputs in one call", param});
    TRY(add_input(call, read_line(one, param, limits, leaves)));
    leaves += call.input.back().leaves.size();
  }
  return call;
}

Result<void, ApiError> take_file_text(RedactionInput& input, std::string text, const RedactionsLimits& limits) {
  JsonTree tree;
  std::string copy = text;
  const bool document =
      tree.read(copy, {.depth = limits.depth, .values = limits.leaves * 3}) && (tree.root().is(JsonType::object) || tree.root().is(JsonType::array));
  if (document) return take_json(input, std::move(text), "input", limits, 0);
  input.leaves.push_back({.text = std::move(text), .path = {}, .output = {}, .findings = {}});
  return {};
}

std::string output_of(const RedactionInput& input) { return input.json.empty() ? input.leaves.front().output : rebuilt(input); }

std::string redactions_body(std::string_view id, const RedactionsCall& call) {
  std::string out;
  if (call.framing == Framing::lines) {
    for (const RedactionInput& input : call.input) {
      JsonWriter line(out);
      write_result(line, input);
      out += '\n';
    }
    return out;
  }
  JsonWriter json(out);
  json.object([&] {
    json.field("id", id);
    json.array("results", [&] {
      for (const RedactionInput& input : call.input) write_result(json, input);
    });
  });
  return out;
}

}  // namespace demarc::dialect
