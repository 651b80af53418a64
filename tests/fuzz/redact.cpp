// A request of any dialect, its texts made of values, look-alikes and noise: what is left after redaction reads clean and can be said to either
// provider, and restoring gives every text back.
#include "privacy/redact.hpp"

#include <algorithm>

#include "base/strings.hpp"
#include "core/json/writer.hpp"
#include "dialect/dialect.hpp"
#include "fuzz.hpp"
#include "privacy/json_leaves.hpp"
#include "privacy/restore.hpp"

namespace demarc::fuzz {
namespace {

struct Asked {
  std::string_view dialect;
  std::string body;
};

// '|' parts the texts of the conversation.
Asked asked(std::size_t shape, std::string_view bytes) {
  std::vector<std::string> texts;
  for (const std::string_view part : split(bytes, '|')) texts.push_back(json_string(with_values(part)));
  texts.resize(std::max<std::size_t>(texts.size(), 4), "\"\"");
  const std::string arguments = json_string("{\"q\":" + texts[1] + ",\"in\":[" + texts[2] + ",4111111111111111]}");
  switch (shape) {
    case 0: {
      std::string messages;
      for (const std::string& text : texts) messages += (messages.empty() ? "" : ",") + std::string(R"({"role":"user","content":)") + text + "}";
      return {"openai.chat", R"({"model":"m","messages":[)" + messages + "]}"};
    }
    case 1: {
      std::string blocks;
      for (const std::string& text : texts) blocks += (blocks.empty() ? "" : ",") + std::string(R"({"type":"text","text":)") + text + "}";
      return {"openai.chat", R"({"model":"m","messages":[{"role":"user","content":[)" + blocks + R"(]}],"metadata":{"note":)" + texts[0] + "}}"};
    }
    case 2:
      return {"openai.chat", R"({"model":"m","messages":[{"role":"user","content":)" + texts[0] +
                                 R"(},{"role":"assistant","tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":)" +
                                 arguments + R"(}}]},{"role":"tool","tool_call_id":"call_1","content":)" + texts[3] + "}]}"};
    case 3: return {"openai.completions", R"({"model":"m","prompt":)" + texts[0] + R"(,"stop":[)" + texts[1] + "]}"};
    case 4: return {"openai.completions", R"({"model":"m","prompt":[)" + texts[0] + "," + texts[1] + "," + texts[2] + "]}"};
    default:
      return {"anthropic.messages",
              R"({"model":"m","max_tokens":9,"system":)" + texts[0] + R"(,"messages":[{"role":"user","content":[{"type":"text","text":)" + texts[1] +
                  R"(}]},{"role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"f","input":{"q":)" + texts[2] +
                  R"(}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":)" + texts[3] + "}]}]}"};
  }
}

std::unique_ptr<Request> parsed(const Asked& asked, std::string body) {
  body.reserve(body.size() + 64);
  const dialect::Dialect* found = dialect::dialect_named(asked.dialect);
  auto request = dialect::parse(*found, {.method = "POST", .target = std::string(found->path), .headers = {}, .body = std::move(body)});
  return request ? std::move(request).value() : nullptr;
}

// All that a reader sees, one text after the other: a value over several texts stands in the first of them afterwards.
std::string texts_of(const Request& request) {
  std::string all;
  for (const Part& part : request.parts) all += part.text;
  return all;
}

// Values in URLs stay away, and secrets everywhere: there is no identity to ask for. A document is written anew where something in it is hidden:
// numbers get quotes, and escapes of its own; so is what looks like a part of one.
bool gives_all_back(const Request& request, std::string_view texts, const FindingCounts& counts) {
  if (std::ranges::any_of(request.parts, [](const Part& part) { return privacy::is_json_document(part.text); })) return false;
  const std::string lower = to_lower(texts);
  for (const std::string_view mark : {"//", "](", "ww.", ":", "%", "&#", "p&", "s&", "<", "\\"})  // "http&": a colon coded
    if (lower.find(mark) != std::string::npos) return false;
  if (std::ranges::any_of(texts, [](char c) { return c >= 0 && c < 0x20; })) return false;
  return counts.find("SECRET") == counts.end();
}

}  // namespace
}  // namespace demarc::fuzz

FUZZ(redact) {
  Choices choices(bytes);
  const Provider provider = choices.below(2) == 0 ? Provider::openai : Provider::anthropic;
  const Asked ask = asked(choices.below(6), bytes);
  const auto request = parsed(ask, ask.body);
  if (!request) return;
  InputsRandom random(bytes);
  privacy::Vault vault(random);
  privacy::VaultSession session = vault.open({"key", "c"}, {1});
  const privacy::RedactTypes types;
  const privacy::Examination seen = privacy::examine(*request, detectors());
  const privacy::Redaction redaction = privacy::redact(*request, seen, session, types, detectors());
  if (!redaction.clean) return;

  CHECK(privacy::scans_clean(redaction.body, session, types, detectors()));
  const auto again = parsed(ask, redaction.body);
  CHECK(again != nullptr && again->parts.size() == request->parts.size());
  const std::string before = texts_of(*request);
  if (gives_all_back(*request, before, redaction.counts)) CHECK(privacy::restore(session.tokens(), texts_of(*again)) == before);
  if (provider == Provider::openai)  // the next turn sends the same bytes
    CHECK(privacy::redact(*request, seen, session, types, detectors()).body == redaction.body);
  if (!dialect::can_speak(ask.dialect, provider)) return;
  const auto outgoing = dialect::to_upstream(*request, redaction.edits, provider, "m");
  CHECK(outgoing.ok());
}
