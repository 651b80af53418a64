// The records of the audit log, as nouns. governance/ writes and reads their JSON (docs/formats/), ledger/ projects receipts and usage from them.
// They hold counts, types, digests, keyed commitments and decisions: never contents, never a bare hash of contents. Pure values.
//
// One request: RequestFacts stand in the first record of it (INTENT of attempt 0, or DENY) and are repeated in each INTENT, so that every record
// stands for itself. Per attempt one Intent, durable before a byte leaves, and one Outcome, durable before the last event reaches the client.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/time.hpp"
#include "core/charge.hpp"
#include "core/decision.hpp"
#include "core/finding.hpp"
#include "core/usage.hpp"

namespace demarc {

enum class CountedBy : std::uint8_t { unsaid, bytes, tokenizer };  // unsaid: in records of before this was said
std::string_view to_string(CountedBy);                             // "" for unsaid
std::optional<CountedBy> parse_counted_by(std::string_view);

// Which piece of which job a request is (core/job.hpp).
struct JobRef {
  std::string id;          // "batch_…", "job_…"; "" if it is no job's
  std::int64_t piece = 0;  // from 1: a batch's line
  std::int64_t run = 0;    // from 1; more: the run before was cut off, or its answer was not the last word
  friend bool operator==(const JobRef&, const JobRef&) = default;
};

struct RequestFacts {
  std::string id;      // "req_…"
  std::string parent;  // of a sub-request; else ""
  JobRef job{};
  Instant received;
  std::string key_id, team, role;  // caller
  std::string workload;            // "" if none
  Operation operation = Operation::chat;
  std::string dialect;
  std::string model_requested;
  std::string conversation;  // keyed digest; "" if none
  Sensitivity declared = Sensitivity::internal, sensitivity = Sensitivity::internal;
  std::optional<FindingCounts> findings;  // nullopt: unknown
  bool stream = false;
  std::int64_t tools = 0;
  std::optional<std::int64_t> context_tokens;       // of the input
  CountedBy context_tokens_by = CountedBy::unsaid;  // bytes: an estimate; tokenizer: the serving engine's own
  std::string policy_digest;                        // "sha256:…"
  std::string request_commitment;                   // HMAC of the body as it came, base64
};

struct IntentRecord {
  RequestFacts request;
  std::uint32_t attempt = 0;       // 0, 1, … within the request
  std::vector<std::string> rules;  // permits of this candidate
  std::vector<std::string> matched;
  std::vector<std::string> requires_;
  std::vector<std::string> attributes_read;
  std::string upstream, model;
  Tier tier = Tier::local;
  std::string region;           // "" if not stated
  std::string address;          // host of the upstream, "" for an engine
  std::string model_digest;     // of local weights; "" if none
  FindingCounts redactions;     // what was replaced for this upstream
  std::string sent_commitment;  // HMAC of the bytes that leave
  std::string kind = "call";    // call | hedge | shadow
};

enum class AttemptOutcome : std::uint8_t { served, error, cancelled, unknown_crash };
std::string_view to_string(AttemptOutcome);
std::optional<AttemptOutcome> parse_attempt_outcome(std::string_view);

struct OutcomeRecord {
  std::uint64_t intent = 0;  // index of its INTENT
  std::string id;            // of the request
  std::uint32_t attempt = 0;
  AttemptOutcome outcome = AttemptOutcome::served;
  std::string reason;        // for error, cancelled: short machine word ("status_429", "reset", "stalled", "client_gone")
  int status = 0;            // of the upstream's reply; 0 if none
  bool last = true;          // this outcome ends the request
  std::string model_served;  // as the upstream named it
  std::string finish_reason;
  Usage usage;
  Charge charge;
  FindingCounts answer_findings;
  std::string received_commitment;  // HMAC of the answer's texts
  std::int64_t queued_ms = 0, first_token_ms = 0, total_ms = 0, log_us = 0;
};

struct DenyRecord {
  RequestFacts request;
  Effect effect = Effect::deny;  // deny or unavailable
  std::string cause;
  std::vector<std::string> rules, matched, attributes_read;
  int status = 403;
};

// KEY, POLICY, PIN, ADMIN, RECOVERY, EVAL, ERASE: what happened to the system rather than to a request.
struct EventRecord {
  std::string kind;                            // upper case, as above
  std::string actor;                           // key id or "local:uid"
  std::map<std::string, std::string> details;  // short strings; never a secret
};

using Record = std::variant<IntentRecord, OutcomeRecord, DenyRecord, EventRecord>;

}  // namespace demarc
