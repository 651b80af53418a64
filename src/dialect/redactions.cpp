#include "dialect/redactions.hpp"

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

Result<RedactionInput, ApiError> read_input(JsonNode node, std::string param, const RedactionsLimits& limits, std::size_t leaves_before) {
  RedactionInput input;
  switch (node.type()) {
    case JsonType::string: input.leaves.push_back({.text = node.text(), .path = {}, .output = {}, .findings = {}}); return input;
    case JsonType::object:
    case JsonType::array: {
      input.json = std::string(node.raw());
      LeafSink sink(input, limits.leaves - leaves_before);
      if (!read_json(padded(input.json), {.depth = limits.depth, .values = limits.leaves * 3}, sink))
        return fail(ApiError{ErrorKind::too_large, "the input holds more values than are taken in one call", std::move(param)});
      return input;
    }
    case JsonType::none:
    case JsonType::null:
    case JsonType::boolean:
    case JsonType::number: break;
  }
  return fail(bad("expected a text or a JSON value", std::move(param)));
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
    call.input.push_back(TRY(read_input(input, "input", limits, 0)));
    return {};
  }
  if (input.size() > limits.inputs)
    return fail(ApiError{ErrorKind::too_large, "at most " + std::to_string(limits.inputs) + " inputs in one call", "input"});
  std::size_t leaves = 0;
  for (const JsonNode element : input) {
    call.input.push_back(TRY(read_input(element, "input[" + std::to_string(call.input.size()) + "]", limits, leaves)));
    leaves += call.input.back().leaves.size();
  }
  return {};
}

void write_finding(JsonWriter& json, const RedactionLeaf& leaf, const FoundInText& found) {
  json.object([&] {
    json.field("type", found.type);
    if (!found.kind.empty()) json.field("kind", found.kind);
    if (!leaf.path.empty()) json.field("path", leaf.path);
    json.field("start", found.start);
    json.field("end", found.end);
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

void write_result(JsonWriter& json, const RedactionInput& input) {
  json.object([&] {
    if (input.json.empty())
      json.field("output", input.leaves.front().output);
    else
      json.raw_field("output", rebuilt(input));
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
  if (const JsonNode types = root["types"]) {
    if (!types.is(JsonType::array)) return fail(bad("expected a list of types", "types"));
    for (const JsonNode type : types) call.types.push_back(type.text());
  }
  TRY(read_inputs(root, limits, call));
  return call;
}

std::string redactions_body(std::string_view id, const RedactionsCall& call) {
  std::string out;
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
