// A Dialect is one wire format that clients speak to us and that upstreams speak with us. It turns bytes into core's nouns and back.
//
//   const Dialect* dialect = find_dialect("POST", request.path());              // null: no such endpoint
//   auto request  = CO_TRY(parse(*dialect, std::move(http), limits));            // Request, over the client's own bytes
//   auto outgoing = CO_TRY(to_upstream(*request, edits, spec.provider, model));  // what leaves: target, headers, body
//   auto translator = make_translator(*request, spec.provider);                  // upstream's bytes → Chunks or a Reply    (translator.hpp)
//   auto printer    = make_printer(*request, spec.provider, options);            // Chunks or a Reply → client's bytes      (printer.hpp)
//   errors: error_body(family_of(...), error, request_id)                        // (errors.hpp)
//
// Where client and upstream speak the same dialect, bytes that nobody edits pass as they came; where not, the conversation goes through core's Chat,
// and what the other side cannot express is refused with a 400 that names it. Everything is pure; any thread, one owner per object.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "core/error.hpp"
#include "core/io/http.hpp"
#include "core/operation.hpp"
#include "core/request.hpp"

namespace demarc::dialect {

// Which conventions hold for errors, headers and the end of a stream.
enum class Family : std::uint8_t { openai, anthropic };

struct ParseLimits {
  std::size_t depth = 64;          // nesting of JSON
  std::size_t parts = 200'000;     // strings, keys and long numbers of one request
  std::size_t values = 1'000'000;  // JSON values of one request, embeddings' token lists included
  std::size_t fields = 64;         // of a multipart body
  std::size_t name_bytes = 512;    // a model's, tool's or conversation's name; a field's of multipart
};

struct ChatCodec;       // chat_codec.hpp
class ReplyTranslator;  // translator.hpp
class ReplyPrinter;     // printer.hpp
struct PrinterOptions;
struct OutgoingBody;

// Whether what an upstream answers is already in the client's dialect.
enum class Passage : std::uint8_t { same_dialect, crossing };

struct Dialect {
  std::string_view name;  // "openai.chat": attribute `dialect` of policy, field of records
  std::string_view path;  // "/v1/chat/completions"
  Operation operation;    // before the body is read: fim is told from completion by its suffix
  Family family;
  Result<std::unique_ptr<Request>, ApiError> (*parse)(const Dialect&, HttpRequest&&, const ParseLimits&);
  Result<OutgoingBody, ApiError> (*forward)(const Request&, Edits, Provider, std::string_view model);  // to an upstream of the same dialect
  const ChatCodec* chat;  // to and from core's Chat; null: this dialect cannot be answered by another
  std::unique_ptr<ReplyTranslator> (*translator)(const Request&, Passage);            // of what upstreams of this dialect answer
  std::unique_ptr<ReplyPrinter> (*printer)(const Request&, Passage, PrinterOptions);  // for clients of this dialect
};

// Every dialect, in the order of the documentation: dialect/all.cpp.
std::span<const Dialect> all_dialects();

// The dialect served at this method and path; null if there is none.
const Dialect* find_dialect(std::string_view method, std::string_view path);
const Dialect* dialect_named(std::string_view name);

// Takes the body out of `http`. Errors are bad_request and too_large, with `param` naming the field or the message naming the byte.
Result<std::unique_ptr<Request>, ApiError> parse(const Dialect& dialect, HttpRequest&& http, const ParseLimits& limits = {});

struct OutgoingBody {
  std::string target;  // below the upstream's base path: "/chat/completions"; see target_on()
  Headers headers;     // content-type, accept, anthropic-*; no credential
  std::string body;
};

// What leaves for an upstream of this provider, with privacy's edits in it and its own name of the model. Reads the request only; call it again for
// the next attempt. bad_request: this dialect or something in the request cannot be said to such an upstream.
Result<OutgoingBody, ApiError> to_upstream(const Request& request, Edits edits, Provider provider, std::string_view upstream_model);

// `target` on an upstream whose base_url has this path: "/v1" + "/chat/completions". Anthropic's convention leaves /v1 out of the base: it is added.
std::string target_on(Provider provider, std::string_view base_path, std::string_view target);

// Whether an upstream of this provider can be asked by this dialect at all.
bool can_speak(std::string_view dialect, Provider provider);

}  // namespace demarc::dialect
