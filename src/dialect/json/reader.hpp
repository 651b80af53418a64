// read_json: one strict walk over a JSON text, telling a JsonSink what stands where. The only file that knows simdjson.
//
//   struct Count : JsonSink { ... };
//   Count count;
//   TRY(read_json(body, JsonLimits{}, count));   // body has 64 bytes of spare capacity, or gets them: padded()
//
// Stricter than most: valid UTF-8, no byte after the end, no key twice in one object (two parsers would disagree which counts), depth limited.
// A string keeps its raw bytes; unescape() decodes one. Parsers are kept per thread; any thread may call.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "core/request.hpp"

namespace demarc::dialect {

struct JsonLimits {
  std::size_t depth = 64;
  std::size_t values = 1'000'000;  // keys, strings, numbers, brackets in one text
};

struct JsonError {
  std::size_t at = 0;  // byte offset
  std::string what;    // "expected a value"; never contents. Empty: the sink stopped the walk and knows why
};

struct JsonText {
  Span span;             // with quotes
  bool escaped = false;  // holds a backslash
};

class JsonSink {
 public:
  virtual ~JsonSink() = default;
  // Each returns whether to go on.
  virtual bool open_object(std::size_t at) = 0;
  virtual bool close_object(std::size_t end) = 0;
  virtual bool open_array(std::size_t at) = 0;
  virtual bool close_array(std::size_t end) = 0;
  virtual bool key(JsonText raw, std::string_view name) = 0;  // name is decoded; lives during the call if raw.escaped, else in the text
  virtual bool string(JsonText raw) = 0;
  virtual bool number(Span span) = 0;
  virtual bool literal(Span span) = 0;  // true, false, null
};

// `text` must have at least kJsonPadding bytes of spare capacity.
inline constexpr std::size_t kJsonPadding = 64;
Result<void, JsonError> read_json(const std::string& text, const JsonLimits& limits, JsonSink& sink);

// Makes room for the padding.
inline std::string& padded(std::string& text) { return text.reserve(text.size() + kJsonPadding), text; }

// Half of a surrogate pair that stood at the end of one string and waits for its other half in the next (a provider cut an emoji in two).
using HalfPair = std::optional<std::uint16_t>;

// Appends the decoded form of what stands between a JSON string's quotes; false if an escape is malformed. A lone surrogate becomes U+FFFD, unless
// `carry` is given: then a high one at the end is kept there, and one that was kept before is joined.
bool unescape(std::string_view inside, std::string& out, HalfPair* carry = nullptr);

}  // namespace demarc::dialect
