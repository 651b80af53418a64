// GET /v1/models, as OpenAI's or (with an anthropic-version header) Anthropic's clients expect it, and GET /v1/models/{id}. Pure; any thread.
//
//   body = models_body(family_of(path, headers), {{"gpt-5-mini", "frontier", created}, …});
#pragma once

#include <string>
#include <vector>

#include "base/time.hpp"
#include "dialect/dialect.hpp"

namespace demarc::dialect {

struct ModelEntry {
  std::string id;
  std::string owned_by;  // the upstream's name
  Instant created;
};

std::string models_body(Family family, const std::vector<ModelEntry>& models);
std::string model_body(Family family, const ModelEntry& model);

}  // namespace demarc::dialect
