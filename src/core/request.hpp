// Request: what a client asked for, understood as far as demarc must understand it, over the client's own bytes.
//
// The body stays as it came. Everything in it that can carry meaning is a Part with its span in those bytes: every string, every object key, every
// number long enough to be an identifier, every medium. To change something, say so in Edits (span → replacement); what nobody edits leaves byte for
// byte.
//
//   Edits edits;
//   edits.push_back({part.span, encode(part, "[EMAIL_ADDRESS_1]")});   // core/encode_part.hpp
//   std::string outgoing = apply(request.body, edits);
//
// Owned by one coroutine on one loop from birth to end; views (Part::text) live as long as the Request, which therefore never moves.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/operation.hpp"

namespace demarc {

struct Span {
  std::size_t begin = 0;  // bytes, end exclusive
  std::size_t end = 0;
  [[nodiscard]] std::size_t size() const { return end - begin; }
};

enum class PartKind : std::uint8_t {
  text,  // words of system, user, assistant, or of any other field
  image,
  audio,
  file,
  tool,    // names, descriptions, arguments, results of tools
  opaque,  // nobody can read it here: encrypted reasoning, signatures, state that the provider holds
};

constexpr bool is_media(PartKind kind) { return kind == PartKind::image || kind == PartKind::audio || kind == PartKind::file; }

enum class Role : std::uint8_t { none, system, user, assistant, tool };

// How the bytes at `span` encode `text`, hence how a replacement has to be written.
enum class Encoding : std::uint8_t {
  json_string,    // "…" with its quotes; text is unescaped
  json_document,  // "…" with its quotes whose unescaped text is itself JSON (OpenAI's tool arguments)
  json_key,       // an object's key, with its quotes
  json_number,    // digits as they stand; a replacement becomes a JSON string
  raw,            // the bytes themselves (a multipart field)
};

// What a medium holds that can be read, and how a new text goes back into it. At `span` of such a part stands a JSON string with the medium in
// base64.
class Contents {
 public:
  enum class Reach : std::uint8_t { whole, metadata };  // of a picture only what stands beside its pixels can be read
  virtual ~Contents() = default;
  [[nodiscard]] virtual Reach reach() const = 0;
  // The string that stands for the medium with `text` in the place of Part::text, without quotes. Of a picture: it, bare of all metadata.
  // nullopt: that cannot be written.
  [[nodiscard]] virtual std::optional<std::string> with(std::string_view text) const = 0;
};

struct Part {
  PartKind kind = PartKind::text;
  Role role = Role::none;
  Encoding encoding = Encoding::json_string;
  Span span;                           // in Request::body
  std::string_view text{};             // decoded; for media: empty, unless `contents` says more
  std::string_view path{};             // "messages[3].content[0].text", for people and errors
  std::string_view media_type{};       // image, audio, file: "image/png" where it is said
  bool remote = false;                 // a URL somebody else would fetch: findings are unknown
  const Contents* contents = nullptr;  // of a medium that somebody looked into (privacy/attachments.hpp)
};

struct Edit {
  Span span;
  std::string with;
};
using Edits = std::vector<Edit>;  // spans do not overlap; any order

// `body` with every edit's span replaced.
std::string apply(std::string_view body, Edits edits);

struct Multipart {  // the fields of a multipart/form-data body
  struct Field {
    std::string name, filename, content_type;
    Span content;  // in Request::body, as those of its header, of which each may have escapes
    Span name_span{}, filename_span{}, content_type_span{};
  };
  std::string boundary;
  std::vector<Field> fields;
};

struct Request {
  Request() = default;
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  Operation operation = Operation::chat;
  std::string_view dialect;  // "openai.chat", as in dialect/all.cpp
  std::string body;          // at least 64 bytes of spare capacity behind its end, for simdjson
  std::string content_type;
  std::list<std::string> arena;                         // decoded texts and paths that are not substrings of body
  std::list<std::unique_ptr<const Contents>> contents;  // of its media

  std::string model = "auto";  // as asked
  Span model_span{};           // where it stands in body; empty if it does not
  bool stream = false;
  bool include_usage = false;           // the client asked for usage in the stream
  bool shows_reasoning = false;         // the client asked to see the model's reasoning (Anthropic's thinking)
  bool has_unsigned_reasoning = false;  // reasoning that another dialect's upstream gave, echoed back: Anthropic would refuse it as it stands
  std::optional<std::int64_t> max_output_tokens;
  std::vector<std::string> tool_names;
  std::string conversation;             // what the client names it by; empty: not named
  std::string repository, path;         // FIM: where the code is from, when the client says
  std::vector<std::string> also_paths;  // FIM: of the pieces of other files that stand beside it
  std::vector<Part> parts;
  Span stream_options_span{};  // the value of stream_options, and of its include_usage, in body; empty if they are not there
  Span include_usage_span{};
  std::vector<std::pair<std::string, std::string>> forward_headers;  // open lists a same-dialect upstream gets too: anthropic-version, anthropic-beta
  std::string forward_query;                                         // likewise "beta=true"; else empty
  std::vector<std::string> unreadable;                               // why findings are unknown: "remote url", "previous_response_id", …
  std::optional<Multipart> multipart;

  // Keeps a decoded text alive for the Request's life.
  std::string_view keep(std::string text) { return arena.emplace_back(std::move(text)); }
};

}  // namespace demarc
