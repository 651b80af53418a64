// What /v1/audio/transcriptions answers, read and printed.
#include "core/json/writer.hpp"
#include "dialect/openai_transcriptions.hpp"
#include "dialect/same_dialect.hpp"
#include "dialect/sse.hpp"
#include "dialect/stream_reader.hpp"
#include "dialect/usage.hpp"

namespace demarc::dialect::openai_transcriptions {
namespace {

// Texts of an answer: item 0 is the whole text, item i + 1 that of segment i.
class Translator final : public StreamReader {
 public:
  using StreamReader::StreamReader;

 private:
  // transcript.text.delta {"delta"}, then transcript.text.done {"text","usage"}, which is the end and repeats everything on a channel of its own.
  void read_event(JsonNode root, Chunk& chunk) override {
    const std::string type = root["type"].text();
    if (type == "transcript.text.delta") {
      add_delta(root["delta"], {ChannelKind::text, 0, 0}, half_, chunk.deltas);
      chunk.kind = ChunkKind::content;
      open_channel({ChannelKind::text, 0, 0});
    } else if (type == "transcript.text.done") {
      HalfPair half;
      add_delta(root["text"], {ChannelKind::text, 0, 1}, half, chunk.deltas);
      open_channel({ChannelKind::text, 0, 1});
      close_choice(0, chunk);
      if (root["usage"].is(JsonType::object)) chunk.usage = read_openai_usage(root["usage"]);
      chunk.finish = FinishReason::stop;
      chunk.kind = ChunkKind::end;
    }
  }

  void read_answer(JsonNode root, Reply& reply) override {
    reply.finish = FinishReason::stop;
    if (!root) {  // text, srt, vtt: the body is the text
      reply.texts.push_back({{ChannelKind::text, 0, 0}, reply.body, {0, reply.body.size()}});
      return;
    }
    reply.transcript = read_transcript(root);
    add_text(root["text"], 0, reply);
    std::uint32_t item = 1;
    for (const JsonNode segment : root["segments"]) add_text(segment["text"], item++, reply);
    reply.usage = root["usage"].is(JsonType::object) ? read_openai_usage(root["usage"]) : Usage{};
    if (!reply.usage->audio_ms) reply.usage->audio_ms = reply.transcript->duration_ms;
    if (!reply.usage->known()) reply.usage.reset();
  }

  static void add_text(JsonNode node, std::uint32_t item, Reply& reply) {
    HalfPair half;
    add_delta(node, {ChannelKind::text, 0, item}, half, reply.texts);
  }

  [[nodiscard]] bool takes_text() const override { return true; }

  HalfPair half_;
};

class Printer final : public SameDialectPrinter {
 public:
  Printer(const Request& request, PrinterOptions options)
      : SameDialectPrinter(Family::openai, true, std::move(options)),
        format_(format_of(request)),
        units_(units_of(request)),
        streams_(can_stream(request)) {}

  void print_text(Channel channel, std::string_view text, std::string& out) override {
    (void)channel;
    if (text.empty()) return;
    std::string data;
    JsonWriter json(data);
    json.object([&] {
      json.field("type", "transcript.text.delta");
      json.field("delta", text);
    });
    append_event(out, "", data);
  }

  // The upstream's bytes pass if they are in the client's form and say what the transcript says; else the form is written from the transcript,
  // because what stands beside a changed text (its words) would tell what the change hides. `new_texts` are for an answer that is no transcript.
  OutgoingReply print_whole(const Reply& reply, const std::vector<std::string>& new_texts) override {
    if (!reply.transcript) return {reply.status, reply.content_type, std::string(new_text(reply.texts, new_texts, 0))};
    if (streams_) return as_stream(*reply.transcript, reply.usage);
    if (is_as_asked(*reply.transcript)) return SameDialectPrinter::print_whole(reply, {});
    return {200, std::string(content_type_of(format_)), print_transcript(*reply.transcript, format_, reply.usage, units_)};
  }

 private:
  void observe(const Chunk& chunk) override { (void)chunk; }

  [[nodiscard]] bool is_as_asked(const Transcript& transcript) const {
    if (transcript.clean_text || transcript.rewritten || transcript.mutes) return false;
    if (transcript.is_diarized) return format_ == TranscriptFormat::diarized_json;
    const bool is_verbose = !transcript.segments.empty() || transcript.duration_ms.has_value();
    return format_ == (is_verbose ? TranscriptFormat::verbose_json : TranscriptFormat::json);
  }

  // What could be looked at only when it was whole, in the events that the client waits for: all of it in one.
  OutgoingReply as_stream(const Transcript& transcript, const std::optional<Usage>& usage) {
    const std::string& text = transcript.clean_text ? *transcript.clean_text : transcript.text;
    OutgoingReply out{200, "text/event-stream", {}};
    print_text({ChannelKind::text, 0, 0}, text, out.body);
    std::string data;
    JsonWriter json(data);
    json.object([&] {
      json.field("type", "transcript.text.done");
      json.field("text", text);
      write_unread_from(json, transcript);
      write_usage(json, usage);
    });
    append_event(out.end, "", data);
    return out;
  }

  const TranscriptFormat format_;
  const std::optional<TranscriptUnits> units_;
  const bool streams_;
};

}  // namespace

std::unique_ptr<ReplyTranslator> translator(const Request& request, Passage passage) {
  (void)request;
  return std::make_unique<Translator>(passage);
}

std::unique_ptr<ReplyPrinter> printer(const Request& request, Passage passage, PrinterOptions options) {
  (void)passage;
  return std::make_unique<Printer>(request, std::move(options));
}

}  // namespace demarc::dialect::openai_transcriptions
