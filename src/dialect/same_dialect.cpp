#include "dialect/same_dialect.hpp"

#include "base/check.hpp"
#include "core/json/writer.hpp"
#include "dialect/errors.hpp"
#include "dialect/sse.hpp"

namespace demarc::dialect {

std::string_view new_text(const std::vector<Delta>& deltas, const std::vector<std::string>& new_texts, std::size_t i) {
  if (new_texts.empty()) return deltas[i].text;
  return CHECK(new_texts.size() == deltas.size()), new_texts[i];
}

std::string edited(std::string_view bytes, const std::vector<Delta>& deltas, const std::vector<std::string>& new_texts, Span model_span,
                   std::string_view old_model, std::string_view new_model) {
  Edits edits;
  for (std::size_t i = 0; i < deltas.size(); ++i) {
    const std::string_view text = new_text(deltas, new_texts, i);
    const Span span = deltas[i].span;
    // Halves of a pair pass only where all texts do: a filter that holds the character back must not leave its first half behind.
    if (span.size() == 0 || (text == deltas[i].text && (new_texts.empty() || !deltas[i].cut_pair))) continue;
    edits.push_back({span, bytes[span.begin] == '"' ? json_string(text) : std::string(text)});  // a bare object is replaced by one
  }
  if (model_span.size() != 0 && !new_model.empty() && new_model != old_model) edits.push_back({model_span, json_string(new_model)});
  return edits.empty() ? std::string(bytes) : demarc::apply(bytes, std::move(edits));
}

void append_receipt(std::string& out, std::string_view receipt_json) {
  if (!receipt_json.empty()) (out += ": demarc-receipt ").append(receipt_json) += "\n\n";
}

void append_error_event(std::string& out, Family family, const ApiError& error, std::string_view request_id) {
  append_event(out, family == Family::anthropic ? "error" : "", error_body(family, error, request_id));
}

void append_keep_alive(std::string& out, Family family) {
  switch (family) {
    case Family::openai: out += ": keep-alive\n\n"; break;
    case Family::anthropic: append_event(out, "ping", R"({"type":"ping"})"); break;
  }
}

void SameDialectPrinter::print_chunk(const Chunk& chunk, const std::vector<std::string>& new_texts, std::string& out) {
  const auto data = [&] { return edited(chunk.data, chunk.deltas, new_texts, chunk.model_span, chunk.model, options_.served_model); };
  switch (chunk.kind) {
    case ChunkKind::end: end_event_ = chunk.event, end_data_ = data(); return;
    case ChunkKind::usage:
      if (!show_usage_) return;
      break;
    case ChunkKind::lifecycle:
    case ChunkKind::content:
    case ChunkKind::finish:
    case ChunkKind::error:
    case ChunkKind::ping: break;
  }
  observe(chunk);
  append_event(out, chunk.event, data());
}

void SameDialectPrinter::print_error(const ApiError& error, std::string_view request_id, std::string& out) {
  append_error_event(out, family_, error, request_id);
}

void SameDialectPrinter::print_end(std::string_view receipt_json, std::string& out) {
  append_receipt(out, receipt_json);
  if (!end_data_.empty()) append_event(out, end_event_, end_data_);
}

void SameDialectPrinter::print_keep_alive(std::string& out) { append_keep_alive(out, family_); }

OutgoingReply SameDialectPrinter::print_whole(const Reply& reply, const std::vector<std::string>& new_texts) {
  return {reply.status, reply.content_type, edited(reply.body, reply.texts, new_texts, reply.model_span, reply.model, options_.served_model)};
}

void print_held(ReplyPrinter& printer, const Chunk& chunk, const Channel& channel, std::string_view held, std::vector<std::string>& new_texts,
                std::string& out) {
  if (held.empty()) return;
  for (std::size_t i = chunk.deltas.size(); i-- > 0;) {
    if (chunk.deltas[i].channel != channel) continue;
    CHECK(new_texts.size() == chunk.deltas.size());
    new_texts[i] += held;
    return;
  }
  printer.print_text(channel, held, out);
}

}  // namespace demarc::dialect
