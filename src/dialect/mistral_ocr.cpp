#include "dialect/mistral_ocr.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "base/encode.hpp"
#include "core/json/writer.hpp"
#include "dialect/chat_codec.hpp"
#include "dialect/document_text.hpp"
#include "dialect/json_request.hpp"
#include "dialect/same_dialect.hpp"
#include "dialect/stream_reader.hpp"

namespace demarc::dialect::mistral_ocr {
namespace {

constexpr auto kRules = std::to_array<Rule>({
    {Place::top, "model", Take::model},
    {Place::top, "document", Take::inside, Place::file},
    {Place::top, "conversation", Take::conversation},
    {Place::file, "document_url", Take::media_url},
    {Place::file, "image_url", Take::inside, Place::image},
    {Place::image, "url", Take::media_url},
    {Place::file, "file_id", Take::file_reference},
});
constexpr auto kRequired = std::to_array<std::string_view>({"document"});

// What is for us alone: read here, never sent to others.
constexpr auto kOwnFields = std::to_array<std::string_view>({"redact", "redact_types", "page_images", "include_words", "read_pictures",
                                                             "conversation", "demarc_from_page", "demarc_pages", "demarc_first_image"});
constexpr std::size_t kTopDepth = 2;  // of what is read of a request again: a document is one long string

// Text in an answer that is no name of a thing and no picture.
bool may_tell(std::string_view key) { return key != "id" && key != "image_base64" && key != "type" && key != "model" && key != "object"; }

class Translator final : public StreamReader {
 public:
  using StreamReader::StreamReader;

 private:
  void read_event(JsonNode root, Chunk& chunk) override { (void)root, (void)chunk; }

  void read_answer(JsonNode root, Reply& reply) override {
    reply.finish = FinishReason::stop;
    reply.model = root["model"].text();
    if (root["model"].is(JsonType::string)) reply.model_span = root["model"].span();
    Usage usage;
    usage.pages = root["usage_info"]["pages_processed"].integer();
    if (usage.pages) reply.usage = usage;
    if (is_document(root)) {
      reply.document = read_document(root);
      return;
    }
    for (const JsonNode member : root)
      if (may_tell(member.key())) add_texts(member, reply);
  }

  void add_texts(JsonNode node, Reply& reply) {
    if (node.is(JsonType::string)) {
      HalfPair half;
      add_delta(node, {ChannelKind::text, 0, item_++}, half, reply.texts);
    }
    if (!node.is(JsonType::array) && !node.is(JsonType::object)) return;
    for (const JsonNode child : node)
      if (may_tell(child.key())) add_texts(child, reply);
  }

  std::uint32_t item_ = 0;
};

class Printer final : public SameDialectPrinter {
 public:
  Printer(const Request& request, PrinterOptions options) : SameDialectPrinter(Family::openai, false, std::move(options)) {
    JsonTree tree;
    std::string body = request.body;
    if (!tree.read(body, {}, kTopDepth)) return;
    const JsonNode root = tree.root();
    how_.blocks = root["include_blocks"].boolean().value_or(true);
    how_.words = root["include_words"].boolean().value_or(false) || root["confidence_scores_granularity"].text() == "word";
    how_.tables = root["table_format"].text() == "html" ? TableFormat::html : TableFormat::markdown;
  }
  void print_text(Channel channel, std::string_view text, std::string& out) override { (void)channel, (void)text, (void)out; }

  OutgoingReply print_whole(const Reply& reply, const std::vector<std::string>& new_texts) override {
    if (!reply.document) return SameDialectPrinter::print_whole(reply, new_texts);
    DocumentPrint how = how_;
    how.model = options().served_model;
    return {200, "application/json", print_document(*reply.document, how)};
  }

 private:
  void observe(const Chunk& chunk) override { (void)chunk; }
  DocumentPrint how_;
};

// The request's members without these, and others put in front.
Result<std::string, ApiError> rebuilt(const Request& request, Edits edits, std::string_view first, std::span<const std::string_view> without) {
  std::string body = demarc::apply(request.body, std::move(edits));
  JsonTree tree;
  if (!tree.read(body, {}, kTopDepth)) return refuse("the body is not JSON");
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.raw(first);
    for (const JsonNode member : tree.root()) {
      const std::string_view key = member.key();
      if (key != "model" && std::ranges::find(without, key) == without.end()) json.raw_field(key, member.raw());
    }
  });
  return out;
}

OutgoingBody outgoing(std::string body) {
  OutgoingBody out{.target = "/ocr", .headers = {{"content-type", "application/json"}}, .body = std::move(body)};
  out.headers.add("accept", "application/json");
  return out;
}

}  // namespace

Result<std::unique_ptr<Request>, ApiError> parse(const Dialect& dialect, HttpRequest&& http, const ParseLimits& limits) {
  return parse_json_request(dialect, std::move(http), kRules, kRequired, limits);
}

Result<OutgoingBody, ApiError> forward(const Request& request, Edits edits, Provider provider, std::string_view model) {
  (void)provider;
  return outgoing(TRY(rebuilt(request, std::move(edits), "\"model\":" + json_string(model), kOwnFields)));
}

Result<OutgoingBody, ApiError> forward_to_engine(const Request& request, Edits edits, std::string_view model, WordPlaces places) {
  constexpr auto kSaidAnew = std::to_array<std::string_view>({"include_words", "read_pictures"});
  const std::string named = "\"model\":" + json_string(model);
  if (places == WordPlaces::as_asked) return outgoing(TRY(rebuilt(request, std::move(edits), named, {})));
  return outgoing(TRY(rebuilt(request, std::move(edits), named + ",\"include_words\":true,\"read_pictures\":true", kSaidAnew)));
}

Result<Own, ApiError> own_fields(const Request& request) {
  JsonTree tree;
  std::string body = request.body;
  if (!tree.read(body, {}, kTopDepth)) return refuse("the body is not JSON");
  Own own;
  const JsonNode redact = tree.root()["redact"], types = tree.root()["redact_types"];
  if (const auto flag = redact.boolean()) own.redact = *flag ? "true" : "false";
  if (redact.is(JsonType::string)) own.redact = redact.text();
  for (const JsonNode type : types) own.types.push_back(type.text());
  if (types && !types.is(JsonType::array)) return refuse("expected a list of types", "redact_types");
  return own;
}

std::optional<FileReference> file_reference(std::string& body) {
  JsonTree tree;
  if (!tree.read(body, {}, kTopDepth + 1)) return {};
  const JsonNode document = tree.root()["document"];
  if (!document["file_id"].is(JsonType::string)) return {};
  return FileReference{document["file_id"].text(), document.span()};
}

std::string document_of(std::string_view filename, std::string_view bytes) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("type", "document_url");
    json.field("document_name", filename);
    json.field("document_url", "data:application/octet-stream;base64," + to_base64(bytes));
  });
  return out;
}

std::unique_ptr<ReplyTranslator> translator(const Request& request, Passage passage) {
  (void)request;
  return std::make_unique<Translator>(passage);
}

std::unique_ptr<ReplyPrinter> printer(const Request& request, Passage passage, PrinterOptions options) {
  (void)passage;
  return std::make_unique<Printer>(request, std::move(options));
}

}  // namespace demarc::dialect::mistral_ocr
