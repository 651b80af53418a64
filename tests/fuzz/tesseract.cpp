// Any bytes as a Tesseract language file: taken or refused, with a reason that a terminal can show.
#include "base/strings.hpp"
#include "fuzz.hpp"
#include "models/format/check.hpp"

FUZZ(tesseract) {
  const auto facts = models::format::check("eng.traineddata", bytes);
  if (!facts) CHECK(is_utf8(facts.error()) && facts.error().size() < 400);
}
