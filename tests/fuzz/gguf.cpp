// Any bytes as a GGUF file: refused, or every tensor lies inside them, and what is told of it is read back the same.
#include "models/format/gguf.hpp"

#include "base/strings.hpp"
#include "fuzz.hpp"
#include "models/format/check.hpp"

FUZZ(gguf) {
  namespace format = models::format;
  const auto facts = format::check("model.gguf", bytes);
  if (!facts) return CHECK(is_utf8(facts.error()) && facts.error().size() < 400);
  const format::Gguf& model = *facts->gguf;
  CHECK(model.head_bytes <= bytes.size() && model.weights_bytes <= bytes.size() - model.head_bytes);
  CHECK(model.layer_bytes <= model.weights_bytes);
  const auto again = format::parse(format::print(*facts));
  CHECK(again.has_value());
  if (is_utf8(model.name) && is_utf8(model.architecture)) CHECK(*again == *facts);
}
