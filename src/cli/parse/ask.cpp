#include "cli/parse/ask.hpp"

#include <simdjson.h>

#include "base/encode.hpp"
#include "cli/cli.hpp"
#include "core/io/http.hpp"
#include "core/json/writer.hpp"

namespace demarc::cli {
namespace {

namespace dom = simdjson::dom;

std::string body_of(const ParseOrder& order, const std::string& name, std::string_view bytes) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("model", order.model);
    json.object("document", [&] {
      json.field("type", "document_url"), json.field("document_name", name);
      json.field("document_url", "data:application/octet-stream;base64," + to_base64(bytes));
    });
    if (!order.pages.empty()) json.field("pages", order.pages);
    if (order.images) json.field("include_image_base64", true);
    if (order.page_images) json.field("page_images", true);
    if (!order.redact.empty()) {
      json.field("redact", order.op), json.field("confidence_scores_granularity", "word");
      if (!order.conversation.empty()) json.field("conversation", order.conversation);
      if (!order.types.empty())
        json.array("redact_types", [&] {
          for (const std::string& type : order.types) json.value(type);
        });
    }
    if (order.html_tables) json.field("table_format", "html");
  });
  return out;
}

}  // namespace

Result<Parsed, ParseFault> ask_for(Connection& connection, const ParseOrder& order, const std::string& name, std::string_view bytes,
                                   WorkClass work_class) {
  const Headers headers{{"content-type", "application/json"}, {"demarc-class", std::string(to_string(work_class))}};
  auto answer = connection.call("POST", "/v1/ocr", headers, body_of(order, name, bytes));
  if (!answer) return fail(ParseFault{kUnavailable, answer.error()});
  if (answer->status != 200) return fail(ParseFault{exit_code_of(answer->status), error_message(*answer)});
  dom::parser parser;
  dom::array pages;
  Parsed parsed{.body = std::move(answer->body), .markdown = {}};
  if (parser.parse(parsed.body)["pages"].get(pages) != simdjson::SUCCESS)
    return fail(ParseFault{kFailed, "the gateway answered with something else than pages"});
  for (const dom::element page : pages) {
    std::string_view text;
    if (page["markdown"].get(text) != simdjson::SUCCESS || text.empty()) continue;
    if (!parsed.markdown.empty()) parsed.markdown += "\n\n";
    parsed.markdown += text;
  }
  if (!parsed.markdown.empty()) parsed.markdown += '\n';
  return parsed;
}

}  // namespace demarc::cli
