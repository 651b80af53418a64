// Any bytes as a safetensors file: taken or refused, with a reason that a terminal can show.
#include "base/strings.hpp"
#include "fuzz.hpp"
#include "models/format/check.hpp"

FUZZ(safetensors) {
  const auto facts = models::format::check("model.safetensors", bytes);
  if (!facts) CHECK(is_utf8(facts.error()) && facts.error().size() < 400);
}
