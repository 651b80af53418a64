#include "dialect/whole_answer.hpp"

#include "dialect/same_dialect.hpp"
#include "dialect/stream_reader.hpp"
#include "dialect/usage.hpp"

namespace demarc::dialect {
namespace {

class Translator final : public StreamReader {
 public:
  using StreamReader::StreamReader;

 private:
  void read_event(JsonNode root, Chunk& chunk) override { (void)root, (void)chunk; }
  void read_answer(JsonNode root, Reply& reply) override { read_model_and_usage(root, reply); }
  [[nodiscard]] std::size_t kept_depth() const override { return 2; }
};

class Printer final : public SameDialectPrinter {
 public:
  explicit Printer(PrinterOptions options) : SameDialectPrinter(Family::openai, false, std::move(options)) {}
  void print_text(Channel channel, std::string_view text, std::string& out) override { (void)channel, (void)text, (void)out; }

 private:
  void observe(const Chunk& chunk) override { (void)chunk; }
};

}  // namespace

std::unique_ptr<ReplyTranslator> whole_answer_translator(const Request& request, Passage passage) {
  (void)request;
  return std::make_unique<Translator>(passage);
}

std::unique_ptr<ReplyPrinter> whole_answer_printer(const Request& request, Passage passage, PrinterOptions options) {
  (void)request, (void)passage;
  return std::make_unique<Printer>(std::move(options));
}

void read_model_and_usage(JsonNode root, Reply& reply) {
  reply.model = root["model"].text();
  if (root["model"].is(JsonType::string)) reply.model_span = root["model"].span();
  if (root["usage"].is(JsonType::object)) reply.usage = read_openai_usage(root["usage"]);
}

}  // namespace demarc::dialect
