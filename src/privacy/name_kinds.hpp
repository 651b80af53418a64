// Name kinds: what a token-classification model's labels mean here, and from which probability on they count.
//
//   std::vector<NameKind> kinds = kinds_of({"O", "B-GIVEN_NAME", "I-GIVEN_NAME"});      // {{"GIVEN_NAME", "PERSON", 0.5}}
//
// The labels known are those of rampart, of the common schemes (PER, LOC, ORG) and of the tagger that stands beside every model. The thresholds
// favour recall, since what is missed leaves the house and what is found too much only costs a placeholder; how they were chosen stands in
// docs/reference/findings.md. Any thread; all but kinds_of_model() is pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace demarc::privacy {

struct NameKind {
  std::string_view kind;  // the label without B-, I-, …
  std::string_view type;  // of a Finding
  float at_least;
};

std::vector<NameKind> kinds_of(const std::vector<std::string>& labels);

// The same from the text of a model's config.json, and behind them the kinds of the worker's own tagger. The error is for people.
Result<std::vector<NameKind>, std::string> kinds_of_config(std::string_view config_json);
// The same from the model's folder; reads its config.json.
Result<std::vector<NameKind>, std::string> kinds_of_model(const std::string& folder);

}  // namespace demarc::privacy
