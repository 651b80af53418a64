#include "core/json/writer.hpp"
#include "dialect/dialect.hpp"
#include "dialect/printer.hpp"
#include "dialect/translator.hpp"
#include "fuzz.hpp"
#include "streams.hpp"

namespace demarc::fuzz {
namespace {

std::unique_ptr<Request> parsed(std::string_view name, std::string body) {
  body.reserve(body.size() + 64);
  const dialect::Dialect* found = dialect::dialect_named(name);
  auto request = dialect::parse(*found, {.method = "POST", .target = std::string(found->path), .headers = {}, .body = std::move(body)});
  CHECK(request.ok());
  return std::move(request).value();
}

std::string in_words(const Channel& channel) {
  return std::to_string(static_cast<int>(channel.kind)) + "." + std::to_string(channel.choice) + "." + std::to_string(channel.item);
}

std::string in_words(const Chunk& chunk) {
  std::string out = std::to_string(static_cast<int>(chunk.kind));
  for (const ToolStart& tool : chunk.tools) out += " start " + in_words(tool.channel) + json_string(tool.id) + json_string(tool.name);
  for (const Delta& delta : chunk.deltas) out += " " + in_words(delta.channel) + json_string(delta.text);
  for (const Channel& channel : chunk.closed) out += " closes " + in_words(channel);
  if (chunk.finish) out += " finish " + std::to_string(static_cast<int>(*chunk.finish));
  if (chunk.usage) out += " usage " + std::to_string(chunk.usage->total_input()) + "/" + std::to_string(chunk.usage->total_output());
  if (chunk.error) out += " error " + json_string(chunk.error->message);
  return out + "\n";
}

}  // namespace

const Request& stream_request(std::size_t which) {
  static const std::unique_ptr<Request> all[] = {
      parsed("openai.chat", R"({"model":"m","messages":[],"stream":true})"),
      parsed("anthropic.messages", R"({"model":"m","max_tokens":9,"messages":[],"stream":true,"thinking":{"type":"enabled"}})"),
      parsed("openai.completions", R"({"model":"m","prompt":"","stream":true})")};
  return *all[which];
}

Understood understood(const Request& request, Provider provider, const std::vector<std::string_view>& pieces, const Feed& feed, const Flush& flush) {
  const auto translator = dialect::make_translator(request, provider);
  const auto printer = dialect::make_printer(request, provider, {.served_model = "m", .id = "req_1", .created = {}});
  Understood out{.ok = true};
  for (const std::string_view piece : pieces) {
    std::vector<Chunk> chunks;
    out.ok = translator->feed_stream(piece, chunks).ok();
    for (const Chunk& chunk : chunks) {
      out.words += in_words(chunk);
      if (chunk.kind == ChunkKind::error) {
        out.ok = false;
        break;
      }
      std::vector<std::string> texts;
      if (feed) {
        for (const Delta& delta : chunk.deltas) texts.push_back(feed(delta.channel, delta.text));
        for (const Channel& channel : chunk.closed) dialect::print_held(*printer, chunk, channel, flush(channel), texts, out.printed);
      }
      printer->print_chunk(chunk, texts, out.printed);
    }
    if (!out.ok) break;
  }
  out.clean_end = translator->clean_end();
  if (out.ok) printer->print_end("{}", out.printed);
  return out;
}

}  // namespace demarc::fuzz
