#include "tensor/worker/request.hpp"

#include "core/json/writer.hpp"

namespace demarc::tensor::worker {
namespace {

Result<KindRule, std::string> read_kind(const simdjson::dom::element& element) {
  std::string_view kind, type;
  double at_least = 0;
  if (element["kind"].get(kind) != simdjson::SUCCESS || element["type"].get(type) != simdjson::SUCCESS ||
      element["at_least"].get(at_least) != simdjson::SUCCESS)
    return fail(std::string("an entry of \"kinds\" has \"kind\", \"type\" and \"at_least\""));
  if (!(at_least > 0 && at_least <= 1)) return fail(std::string("\"at_least\" lies above 0 and is at most 1"));
  return KindRule{std::string(kind), std::string(type), static_cast<float>(at_least)};
}

}  // namespace

Result<void, std::string> read_request(std::string_view body, SpansRequest& out) {
  simdjson::dom::element root;
  if (out.parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS) return fail(std::string("the body is not JSON"));
  simdjson::dom::array texts, kinds;
  if (root["texts"].get(texts) != simdjson::SUCCESS || root["kinds"].get(kinds) != simdjson::SUCCESS)
    return fail(std::string("\"texts\" and \"kinds\" are lists"));
  if (texts.size() > kMaxTexts || kinds.size() > kMaxKinds) return fail(std::string("more texts or kinds than one request may have"));
  for (const auto& element : texts) {
    std::string_view text;
    if (element.get(text) != simdjson::SUCCESS) return fail(std::string("\"texts\" holds strings"));
    out.texts.push_back(text);
  }
  for (const auto& element : kinds) out.kinds.push_back(TRY(read_kind(element)));
  return {};
}

std::string print_spans(const Classified& found) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.array("spans", [&] {
      for (const auto& spans : found.spans)
        json.array([&] {
          for (const NamedSpan& span : spans)
            json.object([&] {
              json.field("type", span.type);
              json.field("begin", span.begin);
              json.field("end", span.end);
              json.field("score", static_cast<double>(span.score));
              json.field("by", span.by_tagger ? "tagger" : "network");
            });
        });
    });
  });
  return out;
}

}  // namespace demarc::tensor::worker
