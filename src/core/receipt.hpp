// Receipt: what happened to one request, put together from its records in the audit log: who asked, what was decided, who served, what it cost.
//
//   Receipt receipt;
//   receipt.add(1041, intent);     // in the order of the log, or any other: each record is taken once, by its index
//   receipt.add(1042, outcome);
//   receipt_json(receipt, log.origin());
//
// Holds what product.md promises under GET /v1/receipts/{id} and what usage and budgets count; no contents. Pure value; print it on any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "core/charge.hpp"
#include "core/decision.hpp"
#include "core/finding.hpp"
#include "core/record.hpp"
#include "core/usage.hpp"

namespace demarc {

struct ReceiptAttempt {
  std::uint64_t intent = 0;  // index of its INTENT in the log
  std::uint32_t attempt = 0;
  std::string kind = "call";  // call | hedge | shadow
  std::string upstream, model, model_digest;
  Tier tier = Tier::local;
  std::vector<std::string> rules, matched, requires_;
  FindingCounts redactions;
  std::optional<std::int64_t> context_tokens;  // of the input, as its INTENT says
  CountedBy context_tokens_by = CountedBy::unsaid;

  std::optional<std::uint64_t> outcome_record;  // index of its OUTCOME; nullopt while it runs: the rest is not set
  AttemptOutcome outcome = AttemptOutcome::served;
  std::string reason, model_served, finish_reason;
  int status = 0;
  bool last = false;
  Usage usage;
  Charge charge;
  FindingCounts answer_findings;
  std::int64_t queued_ms = 0, first_token_ms = 0, total_ms = 0, log_us = 0;

  friend bool operator==(const ReceiptAttempt&, const ReceiptAttempt&) = default;
};

struct Receipt {
  std::string id;      // "req_…"
  std::string parent;  // of a sub-request; else ""
  JobRef job;
  std::vector<std::string> sub_requests;
  Instant received;
  std::string key_id, team, role, workload;
  Operation operation = Operation::chat;
  std::string dialect, requested_model;
  Sensitivity declared = Sensitivity::internal, sensitivity = Sensitivity::internal;
  std::optional<FindingCounts> findings;  // nullopt: unknown
  std::string policy_digest;

  Effect effect = Effect::permit;
  std::optional<std::uint64_t> deny_record;  // index of the DENY that ended it; the next four are set by it
  std::string cause;
  std::vector<std::string> rules, matched;
  int status = 0;

  std::vector<ReceiptAttempt> attempts;  // in the order of their intents

  // Takes one record of this request in. A record that is in already (by its index) changes nothing, so a replay may overlap. An OutcomeRecord whose
  // intent is not here is not for this receipt and changes nothing either. False: nothing changed.
  bool add(std::uint64_t index, const IntentRecord& intent);
  bool add(std::uint64_t index, const OutcomeRecord& outcome);
  bool add(std::uint64_t index, const DenyRecord& deny);

  // The attempt that answered: the last with the outcome `served`, else the last that ended the request, else the newest. nullptr: none.
  [[nodiscard]] const ReceiptAttempt* answering() const;
  [[nodiscard]] bool ended() const;              // denied, or its last attempt has its outcome and none is open
  [[nodiscard]] Usage usage() const;             // sum of the attempts
  [[nodiscard]] Charge charge() const;           // sum of the attempts, as charge_of() says; the alternative is the answering attempt's
  [[nodiscard]] std::int64_t unpriced() const;   // attempts with an outcome and without a price
  [[nodiscard]] std::uint64_t log_size() const;  // of the log that holds all of it: the highest index and one

  friend bool operator==(const Receipt&, const Receipt&) = default;
};

// Adds what is known; nullopt only if nobody said on either side.
void add(Usage& sum, const Usage& more);

// {"id": "req_…", …} as product.md fixes it; `log_origin` names the log. Money has twelve decimals.
std::string receipt_json(const Receipt& receipt, std::string_view log_origin);

}  // namespace demarc
