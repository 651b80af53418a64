// RequestContext: one request on its way through the gateway, filled in step by step by serve_request(). Lives in that coroutine's frame, on one
// loop.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "core/attributes.hpp"
#include "core/caller.hpp"
#include "core/decision.hpp"
#include "core/record.hpp"
#include "core/request.hpp"
#include "dialect/dialect.hpp"
#include "gateway/services.hpp"
#include "privacy/examine.hpp"
#include "privacy/redactions.hpp"

namespace demarc::gateway {

// An answer that somebody compares: what was said, by whom, at what cost. Filled in when the attempt that gave it is settled.
struct KeptReply {
  static constexpr std::size_t kMostBytes = 1 << 20;  // a longer one is not compared
  std::optional<CandidateIndex> by;                   // nullopt: nobody answered, or too long
  std::string text;                                   // as the caller read it
  Tier tier = Tier::local;
  std::string model;
  Usage usage;
  std::optional<Money> usd;
  std::chrono::nanoseconds took{0};  // without waiting for a place at the engine
};

// What a sub-request takes over from the request it is made for: it stays in its tier and is at least as sensitive.
struct Inherited {
  std::string parent;
  Caller caller;
  std::string workload;
  Sensitivity sensitivity = Sensitivity::internal;
  Tier tier = Tier::local;
  WorkClass work_class = WorkClass::normal;
  std::shared_ptr<const Snapshot> snapshot;
  std::optional<CandidateIndex> only{};  // a shadow (shadow.hpp) goes to this one or nowhere
  KeptReply* kept = nullptr;
};

// A piece of a job: asked by ourselves for whoever ordered it, with the rights that their key has now.
struct Errand {
  Caller caller;
  JobRef job;
};

struct RequestContext {
  RequestContext(Exchange& client_in, Services& services_in, const dialect::Dialect& dialect_in, const Inherited* inherited_in,
                 const Errand* errand_in);
  RequestContext(const RequestContext&) = delete;
  RequestContext& operator=(const RequestContext&) = delete;

  Exchange& client;
  Services& services;
  const dialect::Dialect& dialect;
  const Inherited* inherited;  // null for a client's own request
  const Errand* errand;        // null for what is no piece of a job
  const std::shared_ptr<const Snapshot> snapshot;
  const std::string id;  // "req_…"
  const Instant received;
  const Monotonic began;

  Caller caller;
  std::unique_ptr<Request> request;
  std::string workload, conversation;             // the conversation's keyed digest
  Deadline examine_deadline = Deadline::never();  // of all detectors together
  privacy::Examination examination;
  std::optional<privacy::RedactionsRequest> redact;  // what the client wants hidden in its transcript (hide_transcript.hpp)
  bool names_unanswered = false;                     // findings are unknown because the detector of names is down or too slow: a matter of time
  Attributes attributes;
  Decision decision;
  RequestFacts facts;  // for the log
  std::int64_t input_tokens_estimate = 0;
  std::optional<WorkClass> class_asked;                          // by the header Demarc-Class
  WorkClass work_class = WorkClass::normal;                      // who goes first where requests wait for an engine
  const policy::Rule* class_rule = nullptr;                      // of the policy, that says so; null: the workload or the kind of request does
  std::vector<std::pair<CandidateIndex, std::int64_t>> counted;  // input tokens by an engine's own count; empty where nobody was asked
  Deadline count_deadline = Deadline::never();                   // of all those counts

  // What it will come to, as far as it shows beforehand: for the time that an engine needs.
  [[nodiscard]] Usage expected_usage() const;
  [[nodiscard]] Loop& loop() const { return client.loop(); }
  [[nodiscard]] HttpClient& http() const { return *services.clients[client.loop().index()]; }
  [[nodiscard]] const config::Limits& limits() const { return snapshot->config.limits; }
  [[nodiscard]] BudgetScope budget_scope() const { return {.key = caller.key_id, .team = caller.team, .workload = workload}; }
  // Of contents, under the caller's own key: once that is destroyed, nobody can show any more what they were.
  [[nodiscard]] governance::Commitment commitment(std::string_view label) const { return services.commitments->begin(caller.key_id, id, label); }
  [[nodiscard]] std::string commit(std::string_view label, std::string_view content) const {
    governance::Commitment made = commitment(label);
    made.update(content);
    return made.finish();
  }
  [[nodiscard]] std::optional<std::int64_t> counted_by(CandidateIndex at) const {
    for (const auto& [who, tokens] : counted)
      if (who == at) return tokens;
    return {};
  }
  bool superseded = false;    // the same session asked anew: cancelled, but the client is there
  Superseding::Place latest;  // of its session, while it is
  KeptReply* kept = nullptr;  // where its answer is kept for whoever compares; null: nowhere
  [[nodiscard]] bool client_gone() const { return client.cancellation().cancelled(); }  // or nobody wants the answer any more
  [[nodiscard]] std::string_view why_cancelled() const { return superseded ? "superseded" : "client_gone"; }
  [[nodiscard]] ApiError cancelled_error() const;
};

// The folder of code that its workload names; "": none.
std::string repository_of(const RequestContext& context);

// Over DATA/run/admin.sock, which only the owner of the data folder can open, nobody needs a key.
inline constexpr std::string_view kAdminPeer = "admin.sock";
Result<Caller, ApiError> identify_peer(const HttpRequest& http, const access::KeySet& keys, Instant now, config::KeysRule rule);

// A keyed digest of a name that could be personal (a conversation), for records. Base64 of HMAC-SHA256. Contents get commitments:
// services.commitments.
std::string keyed_digest(std::string_view key, std::string_view purpose, std::string_view content);

}  // namespace demarc::gateway
