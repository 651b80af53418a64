// POST /v1/redactions and Presidio's two calls: refused, or answered with JSON whose findings lie inside the texts.
#include "privacy/redactions.hpp"

#include "base/strings.hpp"
#include "dialect/json/tree.hpp"
#include "dialect/presidio.hpp"
#include "dialect/redactions.hpp"
#include "fuzz.hpp"

namespace demarc::fuzz {
namespace {

bool is_json(std::string text) {
  dialect::JsonTree tree;
  return tree.read(text).ok();
}

std::vector<dialect::FoundInText> found_in(std::string_view text) {
  std::vector<dialect::FoundInText> out;
  for (const Finding& finding : detectors().find(text)) {
    const auto points = [&](std::size_t at) { return count_code_points(text.substr(0, at)); };
    out.push_back({.type = finding.type,
                   .kind = finding.kind,
                   .reason = finding.reason,
                   .start = points(finding.begin),
                   .end = points(finding.end),
                   .score = finding.score,
                   .tier = "structured"});
  }
  return out;
}

void own_call(std::string body) {
  auto call = dialect::read_redactions(body, {});
  if (!call) return;
  const auto mode = privacy::parse_redaction_mode(call->mode);
  const auto op = privacy::parse_redaction_operator(call->op);
  if (!mode || !op) return;
  InputsRandom random(body);
  privacy::Vault vault(random);
  privacy::VaultSession session = vault.open({"key", "c"}, {1});
  for (dialect::RedactionInput& input : call->input) {
    for (dialect::RedactionLeaf& leaf : input.leaves) {
      CHECK(leaf.token.begin <= leaf.token.end && leaf.token.end <= input.json.size());
      const auto answer = privacy::redactions({.input = {leaf.text}, .mode = *mode, .op = *op, .types = call->types}, detectors(), session);
      CHECK(answer.ok());
      leaf.output = (*answer)[0].output;
      const std::size_t length = count_code_points(leaf.text);
      for (const auto& found : (*answer)[0].findings) {
        CHECK(found.start < found.end && found.end <= length);
        leaf.findings.push_back({.type = found.finding.type,
                                 .kind = found.finding.kind,
                                 .reason = found.finding.reason,
                                 .start = found.start,
                                 .end = found.end,
                                 .score = found.finding.score,
                                 .tier = "structured"});
      }
      if (*mode == privacy::RedactionMode::redact && *op == privacy::RedactionOperator::mask) CHECK(count_code_points(leaf.output) == length);
    }
  }
  CHECK(is_json(dialect::redactions_body("red_1", *call)));
}

void presidio_calls(std::string body) {
  std::string copy = body;
  if (const auto ask = dialect::read_presidio_analyze(body)) {
    std::vector<std::vector<dialect::FoundInText>> found;
    for (const std::string& text : ask->texts) found.push_back(found_in(text));
    CHECK(is_json(dialect::presidio_results_body(*ask, found)));
  }
  if (const auto order = dialect::read_presidio_anonymize(copy))
    CHECK(is_json(dialect::presidio_anonymized_body(*order, [](std::string_view, std::string_view) { return std::string("00"); })));
}

}  // namespace
}  // namespace demarc::fuzz

FUZZ(redactions) {
  std::string body(bytes);
  (void)dialect::read_redactions_form(body, "multipart/form-data; boundary=b", {});
  (void)dialect::read_redactions_lines(body, "mode=redact", {});
  own_call(body);
  presidio_calls(std::move(body));
}
