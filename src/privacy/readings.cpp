#include "privacy/readings.hpp"

#include "privacy/decode.hpp"
#include "privacy/look_alikes.hpp"
#include "privacy/spelled.hpp"

namespace demarc::privacy {

Readings::Readings(std::string_view text, Until until) : now_(text) {
  step(fold(now_));
  read({});
  if (until == Until::folded) return;
  bool decoded = false;
  for (int layer = 0; layer < kLayers && step(decode(now_)); ++layer) {
    decoded = true;
    step(fold(now_));
  }
  if (decoded) read("encoded");
  if (step(look_alikes(now_))) read("look-alike letters");
  if (step(spelled(now_))) read("spelled apart");
}

bool Readings::step(std::optional<Mapped> made) {
  if (!made) return false;
  steps_.push_back(std::make_unique<const Mapped>(std::move(*made)));
  now_ = steps_.back()->text();
  return true;
}

Span Readings::original(std::size_t i, Span span) const {
  for (std::size_t at = all_[i].steps; at > 0; --at) span = steps_[at - 1]->original(span);
  return span;
}

}  // namespace demarc::privacy
