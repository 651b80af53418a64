// POST /v1/redactions as a function: detect, redact or restore texts that a caller sends for this alone. Its JSON is spoken elsewhere.
//
//   RedactionsAnswer answer = *redactions({.input = {"mail ada@example.org"}, .mode = RedactionMode::redact}, detectors, session);
//   answer[0].output            // "mail EMAILX7Q2K9M4TC"
//   answer[0].findings[0].start // 5, in Unicode code points
//
// Pure but for the session; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "privacy/detector.hpp"
#include "privacy/found_cache.hpp"
#include "privacy/vault.hpp"

namespace demarc::privacy {

enum class RedactionMode : std::uint8_t { detect, redact, restore };
std::optional<RedactionMode> parse_redaction_mode(std::string_view);

enum class RedactionOperator : std::uint8_t {
  placeholder,  // can be restored
  surrogate,    // can be restored; a value of the same form that is nobody's (surrogate.hpp), a placeholder where there is none
  mask,         // every letter and digit becomes *; the rest stays, so the form can still be seen
  hash,         // [TYPE:first 16 hex digits of HMAC-SHA256]: equal values stay equal, in the conversation or wherever the hash key is the same
  drop,         // nothing is left
};
std::optional<RedactionOperator> parse_redaction_operator(std::string_view);

struct RedactionsRequest {
  std::vector<std::string> input{};
  RedactionMode mode = RedactionMode::detect;
  RedactionOperator op = RedactionOperator::placeholder;
  std::vector<std::string> types{};  // empty: all
  std::string hash_key{};            // for `hash`; "": the conversation's own
};

struct RedactionsResult {
  struct Found {
    Finding finding;                 // bytes
    std::size_t start = 0, end = 0;  // Unicode code points, end exclusive
  };
  std::string output{};
  std::vector<Found> findings{};
};

// What `detectors`, and a model of names if one was asked (`named`; may be null), see in a text: of the types `only`, of all if that is empty.
// Sorted, none overlapping another; nothing of another type hides one of those (an IP_ADDRESS within a SECRET).
std::vector<Finding> find_types(const Text& text, const Detectors& detectors, const Found& named, std::span<const std::string> only);

enum class RedactionsError : std::uint8_t { vault_full };

// The digest that `hash` writes, also for other printers of it. `hash_key` "": the conversation's own.
std::string hash_of(std::string_view type, std::string_view value, std::string_view hash_key, const VaultSession& session);

// What the request's operator writes in the place of a finding's value.
Result<std::string, RedactionsError> stand_in(const RedactionsRequest& request, const Finding& finding, std::string_view value,
                                              VaultSession& session);

// `named`: what the model of names found in each input (Names::found); empty where no model was asked.
Result<std::vector<RedactionsResult>, RedactionsError> redactions(const RedactionsRequest& request, const Detectors& detectors, VaultSession& session,
                                                                  std::span<const Found> named = {});

}  // namespace demarc::privacy
