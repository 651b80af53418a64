// The guard: what of a language model's answer may be done to a piece of a transcript. It aligns the answer with the words as heard and takes marks,
// case, fillers, repeats, terms of the glossary, and words that sound alike where the speech model was not sure; whatever else the answer says is
// told and not done.
//
//   for (const Proposal& proposal : judge(kept, "So, we meet. On Monday", {.language = language("en"), .glossary = glossary})) …
//
// In the order of the words; what is accepted does not overlap. Pure; any thread.
#pragma once

#include <string_view>
#include <vector>

#include "speech/piece.hpp"

namespace demarc::speech {

struct GuardFacts {
  const Language& language;
  const Glossary& glossary;
};

std::vector<Proposal> judge(const std::vector<KeptWord>& kept, std::string_view answer, GuardFacts facts);

}  // namespace demarc::speech
