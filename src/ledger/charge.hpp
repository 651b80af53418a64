// charge_attempt(): one attempt, one Charge: what it cost, how that is known, and what it would have cost on the other tier.
//
//   Charge charge = charge_attempt(pricing, {.upstream = spec, .model = spec.models[0], .operation = request.operation, .usage = usage,
//                                            .engine = time, .ending = Ending::answered, .at = received}, routing, speeds);
//
// An attempt of which no byte left cost nothing. The local tier pays for the seconds it held an engine, the cloud tier what the price book says of
// its usage: billed if the provider counted, estimated if we had to. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/charge.hpp"
#include "core/upstream.hpp"
#include "core/usage.hpp"
#include "ledger/local_cost.hpp"
#include "ledger/local_speed.hpp"
#include "ledger/price_book.hpp"

namespace demarc::ledger {

struct Pricing {  // part of the Snapshot
  PriceBook book;
  std::optional<LocalCost> local;  // nullopt without `costs:`
};

enum class Ending : std::uint8_t {
  answered,  // an answer came, whole or in part; also one that the client did not wait for
  refused,   // the upstream answered with an error status and no usage: providers do not bill that
  not_sent,  // no byte left
};

struct AttemptFacts {
  const UpstreamSpec& upstream;
  const ModelSpec& model;
  std::string model_served{};  // as the upstream named it; "" if it did not
  Operation operation = Operation::chat;
  Usage usage{};
  EngineTime engine{};  // local tier
  Ending ending = Ending::answered;
  Instant at{};  // when the request came
  PriceMode mode = PriceMode::standard;
};

Charge charge_attempt(const Pricing& pricing, const AttemptFacts& attempt, const Routing& routing, const LocalSpeeds& speeds);

// What a request is expected to cost on a candidate, before it is sent: for ranking and for Budgets::reserve. nullopt: unpriced.
std::optional<Money> estimate_charge(const Pricing& pricing, const UpstreamSpec& upstream, const ModelSpec& model, const Usage& expected, Instant at,
                                     const LocalSpeeds& speeds);

}  // namespace demarc::ledger
