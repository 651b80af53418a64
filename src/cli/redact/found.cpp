#include "cli/redact/found.hpp"

namespace demarc::cli {
namespace {

std::string text_at(simdjson::dom::element from, const char* field) {
  std::string_view text;
  return from[field].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

}  // namespace

void write_found(JsonWriter& json, const std::vector<Found>& all) {
  json.array("findings", [&] {
    for (const Found& found : all)
      json.object([&] {
        json.field("type", found.type);
        if (!found.kind.empty()) json.field("kind", found.kind);
        if (!found.path.empty()) json.field("path", found.path);
        json.field("start", found.start);
        json.field("end", found.end);
        if (found.line > 0) json.field("line", found.line);
        json.field("tier", found.tier);
        json.field("score", found.score);
        if (!found.reason.empty()) json.field("reason", found.reason);
      });
  });
}

std::vector<Found> read_found(simdjson::dom::element holder) {
  std::vector<Found> all;
  simdjson::dom::array findings;
  if (holder["findings"].get(findings) != simdjson::SUCCESS) return all;
  for (const simdjson::dom::element one : findings) {
    Found found{.type = text_at(one, "type"),
                .kind = text_at(one, "kind"),
                .path = text_at(one, "path"),
                .tier = text_at(one, "tier"),
                .reason = text_at(one, "reason")};
    if (one["start"].get(found.start) != simdjson::SUCCESS || one["end"].get(found.end) != simdjson::SUCCESS) continue;
    static_cast<void>(one["line"].get(found.line));
    static_cast<void>(one["score"].get(found.score));
    all.push_back(std::move(found));
  }
  return all;
}

}  // namespace demarc::cli
