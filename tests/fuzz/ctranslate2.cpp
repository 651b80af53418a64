// Any bytes as a CTranslate2 model: taken or refused, with a reason that a terminal can show.
#include "base/strings.hpp"
#include "fuzz.hpp"
#include "models/format/check.hpp"

FUZZ(ctranslate2) {
  const auto facts = models::format::check("model.bin", bytes);
  if (!facts) CHECK(is_utf8(facts.error()) && facts.error().size() < 400);
}
