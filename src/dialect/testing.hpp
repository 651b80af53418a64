// Helpers of this module's tests: parse or fail, read a golden file, put a chunk into words.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "dialect/dialect.hpp"
#include "dialect/printer.hpp"
#include "dialect/translator.hpp"

namespace demarc::dialect::testing {

inline Result<std::unique_ptr<Request>, ApiError> parse_as(std::string_view dialect, std::string body, Headers headers = {}) {
  body.reserve(body.size() + 64);
  const Dialect* found = dialect_named(dialect);
  HttpRequest http{.method = "POST", .target = std::string(found->path), .headers = std::move(headers), .body = std::move(body)};
  return parse(*found, std::move(http));
}

inline std::unique_ptr<Request> must_parse(std::string_view dialect, std::string body, Headers headers = {}) {
  auto request = parse_as(dialect, std::move(body), std::move(headers));
  if (!request) {
    ADD_FAILURE() << request.error().message;
    return std::make_unique<Request>();
  }
  return std::move(request).value();
}

inline std::string refusal(std::string_view dialect, std::string body, Headers headers = {}) {
  const auto request = parse_as(dialect, std::move(body), std::move(headers));
  if (request.ok()) return "";
  EXPECT_EQ(http_status(request.error()), 400);
  return request.error().message;
}

inline std::string golden(const std::string& name) {
  std::ifstream file(std::string(DEMARC_SOURCE_DIR) + "/tests/golden/dialect/" + name, std::ios::binary);
  EXPECT_TRUE(file.good()) << name;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

inline std::string in_words(const Channel& channel) {
  const char* kinds[] = {"text", "reasoning", "refusal", "arguments"};
  return std::string(kinds[static_cast<std::size_t>(channel.kind)]) + std::to_string(channel.choice) + "." + std::to_string(channel.item);
}

inline std::string in_words(const Chunk& chunk) {
  const char* kinds[] = {"lifecycle", "content", "finish", "usage", "end", "error", "ping"};
  const char* reasons[] = {"stop", "length", "tool_calls", "content_filter"};
  std::string out = kinds[static_cast<std::size_t>(chunk.kind)];
  for (const ToolStart& tool : chunk.tools) out += " start " + in_words(tool.channel) + "=" + tool.id + "/" + tool.name;
  for (const Delta& delta : chunk.deltas) out += " " + in_words(delta.channel) + "=" + delta.text;
  for (const Channel& channel : chunk.closed) out += " closes " + in_words(channel);
  if (chunk.finish) out += std::string(" ") + reasons[static_cast<std::size_t>(*chunk.finish)];
  if (chunk.usage) out += " in " + std::to_string(chunk.usage->total_input()) + " out " + std::to_string(chunk.usage->total_output());
  if (chunk.error) out += " " + std::to_string(chunk.error->status) + " " + chunk.error->message;
  return out;
}

inline std::vector<Chunk> read_stream(const Request& request, Provider provider, std::string_view bytes, std::size_t piece = std::string::npos) {
  const auto translator = make_translator(request, provider);
  std::vector<Chunk> chunks;
  for (std::size_t at = 0; at < bytes.size(); at += std::min(piece, bytes.size() - at))
    EXPECT_TRUE(translator->feed_stream(bytes.substr(at, piece), chunks).ok());
  return chunks;
}

// Everything the client reads, when nobody changes a text.
inline std::string print_all(const Request& request, Provider provider, const std::vector<Chunk>& chunks, PrinterOptions options = {}) {
  const auto printer = make_printer(request, provider, std::move(options));
  std::string out;
  for (const Chunk& chunk : chunks) printer->print_chunk(chunk, {}, out);
  printer->print_end("", out);
  return out;
}

}  // namespace demarc::dialect::testing
