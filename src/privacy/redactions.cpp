#include "privacy/redactions.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "base/encode.hpp"
#include "core/hmac.hpp"
#include "privacy/chars.hpp"
#include "privacy/direct_first.hpp"
#include "privacy/restore.hpp"
#include "privacy/utf8.hpp"

namespace demarc::privacy {
namespace {

std::string masked(std::string_view value) {
  std::string out;
  for (std::size_t at = 0; at < value.size();) {
    const Utf8Char c = next_utf8(value, at);
    out += is_alnum(value[at]) || value[at] < 0 ? '*' : value[at];
    at += c.size;
  }
  return out;
}

// Code points before each of the rising byte offsets that it is asked for.
class CodePoints {
 public:
  explicit CodePoints(std::string_view text) : text_(text) {}
  std::size_t before(std::size_t byte) {
    for (; at_ < byte; at_ += next_utf8(text_, at_).size) ++count_;
    return count_;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0, count_ = 0;
};

Result<RedactionsResult, RedactionsError> one(std::string_view text, const RedactionsRequest& request, const Detectors& detectors,
                                              VaultSession& session, const Found& named) {
  RedactionsResult result;
  if (request.mode == RedactionMode::restore) {
    result.output = restore(session.tokens(), text);
    return result;
  }
  CodePoints points(text);
  std::size_t at = 0;
  for (Finding& finding : find_types({text}, detectors, named, request.types)) {
    if (request.mode == RedactionMode::redact) {
      result.output.append(text, at, finding.begin - at);
      result.output += TRY(stand_in(request, finding, text.substr(finding.begin, finding.end - finding.begin), session));
      at = finding.end;
    }
    const std::size_t start = points.before(finding.begin), end = points.before(finding.end);
    result.findings.push_back({std::move(finding), start, end});
  }
  result.output.append(text, at);
  return result;
}

}  // namespace

std::optional<RedactionMode> parse_redaction_mode(std::string_view word) {
  if (word == "detect") return RedactionMode::detect;
  if (word == "redact") return RedactionMode::redact;
  if (word == "restore") return RedactionMode::restore;
  return std::nullopt;
}

std::optional<RedactionOperator> parse_redaction_operator(std::string_view word) {
  if (word == "placeholder") return RedactionOperator::placeholder;
  if (word == "surrogate") return RedactionOperator::surrogate;
  if (word == "mask") return RedactionOperator::mask;
  if (word == "hash") return RedactionOperator::hash;
  if (word == "drop") return RedactionOperator::drop;
  return std::nullopt;
}

std::vector<Finding> find_types(const Text& text, const Detectors& detectors, const Found& named, std::span<const std::string> only) {
  std::vector<Finding> findings = detectors.find(text, only);
  if (!named || named->empty()) return findings;
  std::ranges::copy_if(*named, std::back_inserter(findings),
                       [&](const Finding& finding) { return only.empty() || std::ranges::find(only, finding.type) != only.end(); });
  join_tiers(text.text, findings);
  return findings;
}

Result<std::string, RedactionsError> stand_in(const RedactionsRequest& request, const Finding& finding, std::string_view value,
                                              VaultSession& session) {
  switch (request.op) {
    case RedactionOperator::placeholder:
    case RedactionOperator::surrogate:
      return session.placeholder(finding.type, value).map_error([](VaultError) { return RedactionsError::vault_full; });
    case RedactionOperator::mask: return masked(value);
    case RedactionOperator::hash: return "[" + finding.type + ":" + hash_of(finding.type, value, request.hash_key, session) + "]";
    case RedactionOperator::drop: return std::string();
  }
  return std::string();
}

std::string hash_of(std::string_view type, std::string_view value, std::string_view hash_key, const VaultSession& session) {
  if (hash_key.empty()) return session.digest(type, value);
  const Digest key = keyed({}, {"demarc hash key v1", hash_key});
  return to_hex(bytes_of(keyed(key, {"digest", type, value})).substr(0, 8));
}

Result<std::vector<RedactionsResult>, RedactionsError> redactions(const RedactionsRequest& request, const Detectors& detectors, VaultSession& session,
                                                                  std::span<const Found> named) {
  CHECK(named.empty() || named.size() == request.input.size());
  if (request.mode == RedactionMode::redact && request.op == RedactionOperator::surrogate) {
    std::string all;
    for (const std::string& input : request.input) (all += input) += '\n';
    session.use_surrogates(all);
  }
  std::vector<RedactionsResult> out;
  for (std::size_t i = 0; i < request.input.size(); ++i)
    out.push_back(TRY(one(request.input[i], request, detectors, session, named.empty() ? Found() : named[i])));
  return out;
}

}  // namespace demarc::privacy
