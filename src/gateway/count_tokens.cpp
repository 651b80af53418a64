#include "gateway/count_tokens.hpp"

#include "dialect/llama_count.hpp"

namespace demarc::gateway {
namespace {

constexpr std::size_t kReplyBytes = std::size_t{64} << 20;  // token ids of the largest body

Task<std::optional<std::int64_t>> ask(RequestContext& context, CandidateIndex at, std::chrono::nanoseconds most) {
  const ModelSpec& model = context.snapshot->routing().upstreams[at.upstream].models[at.model];
  if (most.count() <= 0) co_return std::nullopt;
  auto call = dialect::llama_count::request(*context.request, model.name);
  if (!call) co_return std::nullopt;
  const OutgoingRequest request{.target = call->target, .headers = call->headers, .body = call->body};
  const SendLimits limits{.connect = most, .first_byte = most, .idle = most, .total = most};
  auto reply =
      co_await context.http().send(context.snapshot->upstreams[at.upstream].origin, request, limits, context.client.cancellation(), open_gate());
  if (!reply || (*reply)->status() != 200) co_return std::nullopt;
  auto body = co_await read_all(**reply, kReplyBytes);
  if (!body) co_return std::nullopt;
  co_return dialect::llama_count::read(std::move(*body));
}

}  // namespace

bool counts_tokens(const UpstreamSpec& spec, Operation operation) {
  return spec.engine == EngineKind::llama &&
         (operation == Operation::chat || operation == Operation::completion || operation == Operation::fim || operation == Operation::embedding);
}

Task<void> count_tokens(RequestContext& context, policy::States& states) {
  const Deadline deadline = context.count_deadline.is_never()
                                ? Deadline::in(context.loop().now(), std::chrono::milliseconds(context.limits().count_ms))
                                : context.count_deadline;
  context.count_deadline = deadline;
  const std::int64_t output = context.request->max_output_tokens.value_or(0);
  for (const CandidateIndex at : context.decision.to_count) {
    const auto counted = co_await ask(context, at, deadline.at - context.loop().now());
    if (counted) context.counted.emplace_back(at, *counted);
    states[at.upstream][at.model].context_tokens = counted ? *counted + output : *context.attributes.context_tokens.get();
  }
}

}  // namespace demarc::gateway
