#include "privacy/readings.hpp"

#include "privacy/decode.hpp"
#include "privacy/look_alikes.hpp"
#include "privacy/spelled.hpp"

namespace demarc::privacy {

Readings::Readings(std::string_view text, Until until) {
  Reading plain{text, {}};
  std::optional<Signs> found;
  if (until == Until::all) found.emplace(text);
  const bool folded = (!found || found->has(Sign::non_ascii)) && step(plain, fold(text));
  all_.push_back(plain);
  if (until == Until::folded) return;
  if (folded) found.emplace(plain.text);
  const Signs& signs = *found;
  add_variants(plain, signs);
  add_decoded({plain.text, "encoded", plain.steps}, signs);
}

// Each layer: in "id=4088-…" another one sees the escape =40. Runs are undone however deep escapes are, which may stand anywhere else.
void Readings::add_decoded(Reading reading, const Signs& plain) {
  std::optional<Signs> made_signs;
  const auto signs = [&]() -> const Signs& { return made_signs ? *made_signs : plain; };
  const auto add = [&](std::optional<Mapped> made) {
    if (!step(reading, std::move(made))) return false;
    step(reading, fold(reading.text));
    all_.push_back(reading);
    made_signs.emplace(reading.text);
    add_variants(reading, *made_signs);
    return true;
  };
  for (int runs = 0;; ++runs) {
    for (int escapes = 0; escapes < kLayers && add(decode_escapes(reading.text, signs()));) ++escapes;
    if (runs == kLayers || !add(decode_runs(reading.text, signs()))) return;
  }
}

// The same with look-alikes read as what they look like, and with what was spelled apart joined.
void Readings::add_variants(const Reading& from, const Signs& signs) {
  Reading reading{from.text, kLookAlikes, from.steps};
  std::optional<Signs> made_signs;
  if (signs.has(Sign::non_ascii) && step(reading, look_alikes(reading.text))) all_.push_back(reading), made_signs.emplace(reading.text);
  reading.disguise = "spelled apart";
  if (step(reading, spelled(reading.text, made_signs ? *made_signs : signs))) all_.push_back(reading);
}

bool Readings::step(Reading& from, std::optional<Mapped> made) {
  if (!made) return false;
  steps_.push_back(std::make_unique<const Mapped>(std::move(*made)));
  from.steps.push_back(steps_.back().get());
  from.text = steps_.back()->text();
  return true;
}

Span Readings::original(std::size_t i, Span span) const {
  const std::vector<const Mapped*>& steps = all_[i].steps;
  for (auto made = steps.rbegin(); made != steps.rend(); ++made) span = (*made)->original(span);
  return span;
}

}  // namespace demarc::privacy
