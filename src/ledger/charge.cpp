#include "ledger/charge.hpp"

#include <algorithm>

namespace demarc::ledger {
namespace {

bool serves(const ModelSpec& model, Operation operation) {
  return std::find(model.serves.begin(), model.serves.end(), operation) != model.serves.end();
}

bool fits(const ModelSpec& model, const Usage& usage) {
  return !model.context_tokens || usage.total_input() + usage.total_output() <= *model.context_tokens;
}

// The same tokens where nothing is cached and writing to a cache is not asked for: all of it plain input.
Usage uncached(Usage usage) {
  usage.input_tokens = usage.total_input() - usage.input_audio_tokens.value_or(0);
  usage.cached_input_tokens.reset(), usage.cache_write_tokens.reset(), usage.cache_write_1h_tokens.reset();
  return usage;
}

std::optional<Money> price_local(const Pricing& pricing, const UpstreamSpec& upstream, const Usage& usage, const LocalSpeeds& speeds) {
  const auto held = speeds.expect(upstream.name, usage);
  if (!held || !pricing.local) return {};
  const std::int64_t slots = std::max<std::int64_t>(1, upstream.slots);
  return pricing.local->charge({.held = *held, .slots_held = 1, .slots = slots, .slots_busy = 1});
}

std::optional<Money> price_cloud(const Pricing& pricing, const UpstreamSpec& upstream, const ModelSpec& model, const Usage& usage, Instant at) {
  return pricing.book.price(pricing.book.provider_of(upstream), model.name, usage, at);
}

// The cheapest candidate of the other tier that could have done this. Where none has a price, the first, without one; where there is none, nullopt.
std::optional<Alternative> alternative_to(const Pricing& pricing, const AttemptFacts& attempt, const Routing& routing, const LocalSpeeds& speeds) {
  if (!attempt.usage.known()) return {};
  const Usage usage = uncached(attempt.usage);
  std::optional<Alternative> best;
  for (const UpstreamSpec& upstream : routing.upstreams) {
    if (upstream.tier == attempt.upstream.tier) continue;
    for (const ModelSpec& model : upstream.models) {
      if (!serves(model, attempt.operation) || !fits(model, usage)) continue;
      const auto usd =
          upstream.tier == Tier::local ? price_local(pricing, upstream, usage, speeds) : price_cloud(pricing, upstream, model, usage, attempt.at);
      if (!best || (usd && (!best->usd || *usd < *best->usd))) best = Alternative{upstream.name, model.name, usd};
    }
  }
  return best;
}

// By the name the provider itself gave, where the book knows that: "gpt-5-mini-2025-08-07" may have another price than "gpt-5-mini".
std::optional<Money> price_attempt(const Pricing& pricing, const AttemptFacts& attempt) {
  const std::string_view provider = pricing.book.provider_of(attempt.upstream);
  const bool served_is_priced = !attempt.model_served.empty() && pricing.book.find(provider, attempt.model_served, attempt.at) != nullptr;
  return pricing.book.price(provider, served_is_priced ? attempt.model_served : attempt.model.name, attempt.usage, attempt.at, attempt.mode);
}

Charge charge_local(const Pricing& pricing, const AttemptFacts& attempt) {
  const auto usd = pricing.local ? pricing.local->charge(attempt.engine) : std::nullopt;
  return {.kind = usd ? ChargeKind::local : ChargeKind::unpriced, .usd = usd};
}

Charge charge_cloud(const Pricing& pricing, const AttemptFacts& attempt) {
  if (attempt.ending == Ending::refused && !attempt.usage.known()) return {.kind = ChargeKind::estimated, .usd = Money{}};
  const auto usd = price_attempt(pricing, attempt);
  return {.kind = !usd ? ChargeKind::unpriced : attempt.usage.estimated ? ChargeKind::estimated : ChargeKind::billed, .usd = usd};
}

}  // namespace

Charge charge_attempt(const Pricing& pricing, const AttemptFacts& attempt, const Routing& routing, const LocalSpeeds& speeds) {
  const bool local = attempt.upstream.tier == Tier::local;
  if (attempt.ending == Ending::not_sent) return {.kind = local ? ChargeKind::local : ChargeKind::billed, .usd = Money{}};
  Charge charge = local ? charge_local(pricing, attempt) : charge_cloud(pricing, attempt);
  if (attempt.ending == Ending::answered) charge.alternative = alternative_to(pricing, attempt, routing, speeds);
  return charge;
}

std::optional<Money> estimate_charge(const Pricing& pricing, const UpstreamSpec& upstream, const ModelSpec& model, const Usage& expected, Instant at,
                                     const LocalSpeeds& speeds) {
  if (upstream.tier == Tier::cloud) return price_cloud(pricing, upstream, model, expected, at);
  return price_local(pricing, upstream, expected, speeds);
}

}  // namespace demarc::ledger
