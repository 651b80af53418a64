#include "dialect/models.hpp"

#include "core/json/writer.hpp"

namespace demarc::dialect {
namespace {

void write_model(JsonWriter& json, Family family, const ModelEntry& model) {
  json.object([&] {
    switch (family) {
      case Family::openai:
        json.field("id", model.id);
        json.field("object", "model");
        json.field("created", model.created.unix_s());
        json.field("owned_by", model.owned_by);
        break;
      case Family::anthropic:
        json.field("type", "model");
        json.field("id", model.id);
        json.field("display_name", model.id);
        json.field("created_at", format_rfc3339({model.created.unix_s() * 1'000'000'000}));
        break;
    }
  });
}

}  // namespace

std::string model_body(Family family, const ModelEntry& model) {
  std::string out;
  JsonWriter json(out);
  write_model(json, family, model);
  return out;
}

std::string models_body(Family family, const std::vector<ModelEntry>& models) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    if (family == Family::openai) json.field("object", "list");
    json.array("data", [&] {
      for (const ModelEntry& model : models) write_model(json, family, model);
    });
    if (family == Family::openai) return;
    json.field("has_more", false);
    models.empty() ? json.field("first_id", json_null) : json.field("first_id", models.front().id);
    models.empty() ? json.field("last_id", json_null) : json.field("last_id", models.back().id);
  });
  return out;
}

}  // namespace demarc::dialect
