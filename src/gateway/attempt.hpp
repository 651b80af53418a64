// Attempt: one try to have one candidate serve the request, from its redaction to its sealed OUTCOME.
//
//   Attempt attempt(context, planned, number);
//   if (auto ready = co_await attempt.prepare(); !ready) …        // budget, redaction, the upstream's words, a slot: nothing has left, nothing is
//   recorded if (auto sent = co_await attempt.send(); !sent) …             // INTENT durable, then the bytes; the reply's head is here … relay
//   (relay.hpp) … co_await attempt.settle(AttemptOutcome::served, "", Ends::request);   // OUTCOME with its charge, durable
//
// After a successful send() exactly one settle(); send() settles by itself when it fails after its INTENT. One loop.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "dialect/printer.hpp"
#include "dialect/translator.hpp"
#include "gateway/answer_filter.hpp"
#include "gateway/answer_names.hpp"
#include "gateway/attempt_failure.hpp"
#include "gateway/context.hpp"
#include "gateway/engine_place.hpp"
#include "privacy/redact.hpp"

namespace demarc::gateway {

enum class Ends : std::uint8_t { request, attempt };  // whether another attempt follows

class Attempt {
 public:
  Attempt(RequestContext& context, const PlannedAttempt& planned, std::uint32_t number, const Mishaps& mishaps);
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  Task<Result<void, AttemptFailure>> prepare();
  Task<Result<void, AttemptFailure>> send(Ends ends_if_failed);
  // The OUTCOME, durable. False: the log failed, and nothing more may go to the client as if all were well.
  Task<bool> settle(AttemptOutcome outcome, std::string reason, Ends ends);

  // What the relay learns on its way.
  void saw_usage(const Usage& usage) { usage_ = usage; }
  void saw_text(std::string_view text);
  void saw_first_content();
  void saw_names(const AnswerFound& found) { saw_findings(found.counts(), found.unread); }
  // Of an answer, beside what its filter counts; `unread`: there may be more.
  void saw_findings(FindingCounts counts, bool unread) {
    found_ = std::move(counts);
    unread_ = unread;
  }
  void saw_finish(FinishReason finish);
  void saw_model(const std::string& model);

  [[nodiscard]] RequestContext& context() const { return context_; }
  [[nodiscard]] IncomingReply& reply() const { return *reply_; }
  // Batch work that gave its place at the engine to somebody who waits: it is to be tried again, in its turn.
  [[nodiscard]] bool is_displaced() const { return place_ && place_->is_displaced(); }
  // The engine has said all: others may have its place while we look at it.
  void leave_engine() {
    if (place_) place_->leave();
  }
  // The engine broke off, and nobody else may try: once it is back, it gets the request alone, which also shows whether it died of it.
  [[nodiscard]] bool tries_alone(Ends ends) const { return spec_.engine && ends == Ends::request && mishaps_.broken == 0; }
  void broke_off();
  void drop_reply() { reply_.reset(); }  // closes the connection if the body was not read to its end
  [[nodiscard]] const UpstreamSpec& spec() const { return spec_; }
  [[nodiscard]] const ModelSpec& model() const { return model_; }
  [[nodiscard]] const UpstreamRuntime& runtime() const { return runtime_; }
  [[nodiscard]] dialect::ReplyTranslator& translator() const { return *translator_; }
  [[nodiscard]] dialect::ReplyPrinter& printer() const { return *printer_; }
  [[nodiscard]] AnswerFilter& filter() const { return *filter_; }
  // What the placeholders in its answer stand for; null: none were sent.
  [[nodiscard]] std::shared_ptr<const privacy::Tokens> tokens() const { return session_ ? session_->tokens() : nullptr; }
  [[nodiscard]] const OutcomeRecord& outcome() const { return outcome_; }
  [[nodiscard]] bool streams() const;
  [[nodiscard]] Headers headers() const;              // the Demarc-* ones that are known now
  [[nodiscard]] std::string receipt_comment() const;  // JSON; after settle()

 private:
  [[nodiscard]] bool must(Requirement requirement) const;
  Task<Result<void, AttemptFailure>> redact();
  [[nodiscard]] AttemptFailure not_clean(privacy::NotClean why) const;
  Result<void, AttemptFailure> reserve();
  void add_credentials();
  Task<Result<void, AttemptFailure>> take_place();
  Task<Result<void, AttemptFailure>> failed_to_send(const SendError& error, Ends ends);
  Task<Result<void, AttemptFailure>> refused_by_upstream(Ends ends);
  Task<bool> durable();
  IntentRecord intent() const;
  void estimate_usage();
  void record_metrics(Ends ends);
  [[nodiscard]] FindingCounts answer_findings() const;
  void remember_sensitivity();
  void keep_reply(KeptReply& kept) const;

  RequestContext& context_;
  const PlannedAttempt& planned_;
  const UpstreamSpec& spec_;
  const ModelSpec& model_;
  const UpstreamRuntime& runtime_;
  const std::uint32_t number_;
  const Mishaps mishaps_;
  Monotonic began_;
  Cancellation stop_;  // of the exchange with the upstream: the client went away, or is_displaced()
  Cancellation::Hook client_gone_;
  std::optional<privacy::VaultSession> session_;
  Edits edits_;
  FindingCounts redactions_;
  dialect::OutgoingBody outgoing_;
  std::vector<std::string> pieces_;  // of its body, where it goes to the engine piece by piece
  ledger::Hold hold_;
  std::optional<upstream::Flight> flight_;
  std::optional<EnginePlace> place_;  // none: somebody else runs it
  Record intent_record_;
  std::optional<Started<Result<std::uint64_t, governance::LogError>>> intent_append_;
  std::uint64_t intent_index_ = 0;
  bool intent_durable_ = false;
  std::chrono::nanoseconds log_wait_{0};
  std::unique_ptr<IncomingReply> reply_;
  std::unique_ptr<dialect::ReplyTranslator> translator_;
  std::unique_ptr<dialect::ReplyPrinter> printer_;
  std::unique_ptr<AnswerFilter> filter_;
  FindingCounts found_;  // what was found in the answer, beside what the filter counts
  bool unread_ = false;  // the model of names was not asked in time
  Usage usage_;
  std::size_t produced_bytes_ = 0;
  governance::Commitment received_;  // of the answer's texts, in the order they came
  ledger::Ending ending_ = ledger::Ending::not_sent;
  OutcomeRecord outcome_;
  std::chrono::nanoseconds took_{0};  // outcome_.total_ms to the nanosecond
  std::string model_said_;            // what the upstream calls its model, looked at already
};

}  // namespace demarc::gateway
