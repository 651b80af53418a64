#include "gateway/serve_request.hpp"

#include "access/identify.hpp"
#include "base/encode.hpp"
#include "base/ids.hpp"
#include "core/hmac.hpp"
#include "gateway/hide_document.hpp"
#include "gateway/hide_transcript.hpp"
#include "gateway/review.hpp"
#include "gateway/shadow.hpp"

namespace demarc::gateway {
Task<void> serve_request(Exchange& client, Services& services, const dialect::Dialect& dialect, const Inherited* inherited, const Errand* errand) {
  RequestContext context(client, services, dialect, inherited, errand);
  if (auto known = identify(context); !known) co_return co_await reply_error(context, std::move(known).error());
  if (auto brought = co_await bring_in_file(context); !brought) co_return co_await reply_error(context, std::move(brought).error());
  if (auto understood = co_await understand(context); !understood) co_return co_await reply_error(context, std::move(understood).error());
  enter_session(context);
  if (auto read = read_redact_fields(context); !read) co_return co_await reply_error(context, std::move(read).error());
  if (auto read = read_document_redaction(context); !read) co_return co_await reply_error(context, std::move(read).error());
  if (context.snapshot->names) co_await examine_names(context);
  describe(context);
  if (auto placed = place_in_line(context); !placed) co_return co_await reply_error(context, std::move(placed).error());
  co_await judge(context);
  if (needs_review(context)) {
    co_await examine_again(context);
    describe(context);
    co_await judge(context);
  }
  if (context.decision.effect != Effect::permit) co_return co_await refuse(context);
  if (context.superseded) co_return co_await reply_error(context, context.cancelled_error());
  Shadowing shadowing(context);
  co_await carry_out(context);
  shadowing.begin();
}

RequestContext::RequestContext(Exchange& client_in, Services& services_in, const dialect::Dialect& dialect_in, const Inherited* inherited_in,
                               const Errand* errand_in)
    : client(client_in),
      services(services_in),
      dialect(dialect_in),
      inherited(inherited_in),
      errand(errand_in),
      snapshot(inherited_in != nullptr ? inherited_in->snapshot : services_in.snapshots.current()),
      id(make_id("req", client_in.loop().clock().now(), system_random().bytes<10>())),
      received(client_in.loop().clock().now()),
      began(client_in.loop().now()),
      kept(inherited_in != nullptr ? inherited_in->kept : nullptr) {}

// Only of sessions that the client names: by its first words alone it is not known.
void enter_session(RequestContext& context) {
  if (context.request->operation != Operation::fim || context.request->conversation.empty()) return;
  if (context.inherited != nullptr || context.errand != nullptr) return;
  context.latest = context.services.superseding.enter(context.conversation, context.loop(), [&context] {
    context.superseded = true;
    context.client.cancel();
  });
}

ApiError RequestContext::cancelled_error() const {
  if (superseded) return {ErrorKind::superseded, "This session asked anew, so what it asked before is not answered any more."};
  return {ErrorKind::cancelled, "The client went away."};
}

Usage RequestContext::expected_usage() const {
  constexpr std::int64_t kOutputTokens = 256, kAudioBytesPerMs = 16;  // MP3 of 128 kbit/s
  constexpr std::int64_t kDocumentBytesPerPage = 50'000;              // between a page of text and a scan
  Usage usage{.input_tokens = input_tokens_estimate};
  switch (request->operation) {
    case Operation::chat:
    case Operation::completion:
    case Operation::fim: usage.output_tokens = request->max_output_tokens.value_or(kOutputTokens); break;
    case Operation::transcription:
    case Operation::translation: usage.audio_ms = static_cast<std::int64_t>(request->body.size()) / kAudioBytesPerMs; break;
    case Operation::ocr: usage.pages = static_cast<std::int64_t>(request->body.size()) / kDocumentBytesPerPage + 1; break;
    default: break;
  }
  return usage;
}

Result<Caller, ApiError> identify_peer(const HttpRequest& http, const access::KeySet& keys, Instant now, config::KeysRule rule) {
  const bool owner = http.remote == kAdminPeer;
  const auto loopback = owner || rule == config::KeysRule::optional ? access::LoopbackRule::keyless_allowed : access::LoopbackRule::keys_required;
  return access::identify(http.headers, owner ? "unix" : http.remote, keys, now, loopback);
}

std::string keyed_digest(std::string_view key, std::string_view purpose, std::string_view content) {
  return to_base64(bytes_of(hmac_sha256(bytes_of(hmac_sha256(key, purpose)), content)));  // a key of its own per purpose keeps equal contents apart
}

}  // namespace demarc::gateway
