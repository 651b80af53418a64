#include "dialect/dialect.hpp"

#include "base/check.hpp"
#include "base/strings.hpp"
#include "dialect/chat.hpp"
#include "dialect/chat_codec.hpp"
#include "dialect/fim.hpp"
#include "dialect/json/reader.hpp"
#include "dialect/printer.hpp"
#include "dialect/translator.hpp"

namespace demarc::dialect {
namespace {

// The dialect in which an upstream of this provider holds conversations; empty: none that we speak.
std::string_view chat_dialect_of(Provider provider) {
  switch (provider) {
    case Provider::openai:
    case Provider::azure:
    case Provider::mistral: return "openai.chat";
    case Provider::anthropic: return "anthropic.messages";
    case Provider::gemini:
    case Provider::bedrock: return {};
  }
  return {};
}

// The dialect in which a request of `client` is put to an upstream of this provider; null: it cannot be.
const Dialect* upstream_dialect(const Dialect& client, Provider provider) {
  const std::string_view spoken = chat_dialect_of(provider);
  if (spoken.empty()) return nullptr;
  if (client.operation == Operation::ocr) return spoken == "openai.chat" ? &client : nullptr;  // Mistral, and who stands before it
  if (client.chat != nullptr) return dialect_named(spoken);
  // Forms of fill-in-the-middle are told apart where they are asked for (fim.hpp).
  return (client.family == Family::openai || client.operation == Operation::fim) && spoken == "openai.chat" ? &client : nullptr;
}

const Dialect& dialect_of(const Request& request) {
  const Dialect* dialect = dialect_named(request.dialect);
  return CHECK(dialect != nullptr), *dialect;
}

Passage passage(const Dialect& client, const Dialect& upstream) { return &client == &upstream ? Passage::same_dialect : Passage::crossing; }

bool is_other_form(const Request& request, Provider provider) {
  return request.operation == Operation::fim && fim::form_of(request) != fim::form_of(provider);
}

Failure<ApiError> cannot_speak(std::string_view dialect, Provider provider) {
  return refuse(std::string(dialect) + " requests cannot be put to an upstream of provider " + std::string(to_string(provider)));
}

void add_headers_of(const Dialect& upstream, const Request* request, OutgoingBody& out) {
  if (upstream.family != Family::anthropic) return;
  if (request != nullptr && request->dialect == upstream.name)
    for (const auto& [name, value] : request->forward_headers) out.headers.add(name, value);
  if (!out.headers.find("anthropic-version")) out.headers.add("anthropic-version", "2023-06-01");
}

}  // namespace

const Dialect* dialect_named(std::string_view name) {
  for (const Dialect& dialect : all_dialects())
    if (dialect.name == name) return &dialect;
  return nullptr;
}

const Dialect* find_dialect(std::string_view method, std::string_view path) {
  if (method != "POST") return nullptr;
  for (const Dialect& dialect : all_dialects())
    if (dialect.path == path) return &dialect;
  return nullptr;
}

bool can_speak(std::string_view dialect, Provider provider) {
  const Dialect* client = dialect_named(dialect);
  return client != nullptr && upstream_dialect(*client, provider) != nullptr;
}

Result<std::unique_ptr<Request>, ApiError> parse(const Dialect& dialect, HttpRequest&& http, const ParseLimits& limits) {
  return dialect.parse(dialect, std::move(http), limits);
}

Result<OutgoingBody, ApiError> to_upstream(const Request& request, Edits edits, Provider provider, std::string_view upstream_model) {
  const Dialect& client = dialect_of(request);
  const Dialect* upstream = upstream_dialect(client, provider);
  if (upstream == nullptr) return cannot_speak(client.name, provider);
  if (is_other_form(request, provider)) return fim::request(request, std::move(edits), fim::form_of(provider), upstream_model);
  if (upstream == &client) {
    OutgoingBody out = TRY(client.forward(request, std::move(edits), provider, upstream_model));
    add_headers_of(*upstream, &request, out);
    return out;
  }
  const Chat chat = TRY(client.chat->read(demarc::apply(request.body, std::move(edits))));
  return chat_request(chat, provider, upstream_model);
}

Result<OutgoingBody, ApiError> chat_request(const Chat& chat, Provider provider, std::string_view model) {
  const Dialect* upstream = dialect_named(chat_dialect_of(provider));
  if (upstream == nullptr) return cannot_speak("chat", provider);
  OutgoingBody out{.target = std::string(upstream->chat->target), .headers = {{"content-type", "application/json"}}, .body = {}};
  out.headers.add("accept", chat.stream ? "text/event-stream" : "application/json");
  out.body = TRY(upstream->chat->write(chat, provider, model));
  add_headers_of(*upstream, nullptr, out);
  return out;
}

Result<ChatReply, ApiError> read_chat_reply(Provider provider, int status, const Headers& headers, std::string body) {
  const Dialect* upstream = dialect_named(chat_dialect_of(provider));
  if (upstream == nullptr) return cannot_speak("chat", provider);
  const Request nobody;
  const Reply reply = TRY(upstream->translator(nobody, Passage::crossing)->read_whole(status, headers, std::move(body)));
  ChatReply out{.message = {.role = Role::assistant, .blocks = {}}, .finish = reply.finish, .usage = reply.usage, .model = reply.model};
  for (const Delta& delta : reply.texts) {
    if (delta.channel.kind == ChannelKind::tool_arguments || delta.channel.choice != 0) continue;
    const BlockKind kind = delta.channel.kind == ChannelKind::reasoning ? BlockKind::reasoning : BlockKind::text;
    out.message.blocks.push_back({.kind = kind, .text = delta.text});
  }
  for (const ToolStart& tool : reply.tools) {
    Block call{.kind = BlockKind::tool_call, .id = tool.id, .name = tool.name};
    for (const Delta& delta : reply.texts)
      if (delta.channel == tool.channel) call.text += delta.text;
    out.message.blocks.push_back(std::move(call));
  }
  return out;
}

std::unique_ptr<ReplyTranslator> make_translator(const Request& request, Provider provider, std::string id, Instant created) {
  if (is_other_form(request, provider)) return fim::make_translator(request, fim::form_of(provider), std::move(id), created);
  const Dialect& client = dialect_of(request);
  const Dialect* upstream = upstream_dialect(client, provider);
  return CHECK(upstream != nullptr), upstream->translator(request, passage(client, *upstream));
}

std::unique_ptr<ReplyPrinter> make_printer(const Request& request, Provider provider, PrinterOptions options) {
  const Dialect& client = dialect_of(request);
  const Dialect* upstream = upstream_dialect(client, provider);
  return CHECK(upstream != nullptr), client.printer(request, passage(client, *upstream), std::move(options));
}

std::string target_on(Provider provider, std::string_view base_path, std::string_view target) {
  while (base_path.ends_with('/')) base_path.remove_suffix(1);
  std::string out(base_path);
  if (provider == Provider::anthropic && !base_path.ends_with("/v1")) out += "/v1";
  return out.append(target);
}

}  // namespace demarc::dialect
