// Saying no: recorded when policy decided it, and always in the caller's own dialect with what to do next.
#include "core/model_name.hpp"
#include "dialect/errors.hpp"
#include "gateway/serve_request.hpp"

namespace demarc::gateway {
namespace {

ApiError error_of(const RequestContext& context) {
  const Decision& decision = context.decision;
  const Request& request = *context.request;
  if (!decision.model_known)
    return {ErrorKind::model_not_found, "The " + said_model(request.model) + " does not exist here. GET /v1/models lists what does.", "model"};
  std::string rules;
  for (const std::string& rule : decision.rules) rules += (rules.empty() ? "" : ", ") + rule;
  if (decision.effect == Effect::unavailable)
    return {.kind = ErrorKind::unavailable,
            .message = "All upstreams that the policy permits for this request are down at the moment.",
            .hint = "demarc status shows which and why",
            .rules = decision.rules,
            .retry_after_s = context.snapshot->states->retry_after_s(decision.down, context.loop().now())};
  if (decision.cause == "fail_closed" && context.names_unanswered)
    return {
        .kind = ErrorKind::unavailable,
        .message = "The detector of names does not answer, so what stands in this request is unknown, and nothing that may serve it then is left.",
        .hint = "demarc status names the cause; limits.examine_ms is the time it has",
        .rules = decision.rules,
        .retry_after_s = 1};
  if (decision.too_long)
    return {.kind = ErrorKind::context_length,
            .message = "This request is longer than the context of every model that the policy permits for it.",
            .param = "messages",
            .hint = "shorten the conversation or ask for fewer output tokens; demarc policy explain shows who would serve a shorter one",
            .rules = decision.rules};
  ApiError error{.kind = ErrorKind::policy_denied, .rules = decision.rules};
  error.message = rules.empty() ? "No rule of the policy permits this request (cause: " + decision.cause + ")."
                                : "The policy does not permit this request (" + decision.cause + "; rules: " + rules + ").";
  error.hint = "demarc policy explain shows every rule and condition for such a request";
  return error;
}

}  // namespace

Task<void> reply_error(RequestContext& context, ApiError error) {
  if (context.client_gone() && !context.superseded) co_return;
  const dialect::Family family = context.dialect.family;
  Headers headers = dialect::error_headers(family, error, context.id);
  headers.set("demarc-request-id", context.id);
  static_cast<void>(co_await context.client.respond(dialect::error_status(family, error), headers, dialect::error_body(family, error, context.id)));
}

namespace {

// The DENY record, durable. False: the log failed.
Task<bool> deny(RequestContext& context, DenyRecord what) {
  const double total_s = static_cast<double>((context.loop().now() - context.began).count()) / 1e9;
  context.services.metrics->record(context.loop().index(), {.operation = std::string(to_string(context.request->operation)),
                                                            .tier = "none",
                                                            .outcome = what.effect == Effect::unavailable ? "unavailable" : "denied",
                                                            .total_s = total_s});
  const Record record = std::move(what);
  const auto index = co_await context.services.log->append(context.loop(), record);
  if (index) static_cast<void>(context.services.projection->apply(*index, record));
  co_return index.ok();
}

}  // namespace

Task<void> refuse(RequestContext& context) {
  const Decision& decision = context.decision;
  ApiError error = error_of(context);
  if (decision.model_known) {
    const bool recorded = co_await deny(context, {.request = context.facts,
                                                  .effect = decision.effect,
                                                  .cause = decision.cause,
                                                  .rules = decision.rules,
                                                  .matched = decision.matched,
                                                  .attributes_read = decision.read,
                                                  .status = http_status(error)});
    if (!recorded) error = {ErrorKind::unavailable, "The audit log cannot be written, so nothing is served.", "", "demarc doctor names the cause"};
  }
  co_await reply_error(context, std::move(error));
}

Task<void> record_refusal(RequestContext& context, const ApiError& error) {
  static_cast<void>(co_await deny(
      context, {.request = context.facts,
                .effect = error.kind == ErrorKind::budget_spent || error.kind == ErrorKind::policy_denied ? Effect::deny : Effect::unavailable,
                .cause = error.kind == ErrorKind::budget_spent    ? "budget"
                         : error.kind == ErrorKind::policy_denied ? "requirement"
                                                                  : "not_ready",
                .rules = context.decision.plan.front().rules,
                .matched = context.decision.matched,
                .attributes_read = context.decision.read,
                .status = http_status(error)}));
}

}  // namespace demarc::gateway
