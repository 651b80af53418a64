#include "config/reference.hpp"

#include <algorithm>

#include "config/keys.hpp"
#include "config/limits.hpp"
#include "core/json/writer.hpp"

namespace demarc::config {
namespace {

constexpr std::string_view kVariable = R"({"$ref":"#/$defs/variable"})";

void write_section(JsonWriter& json, const Section& section);

std::string section_schema(const Section& section) {
  std::string out;
  JsonWriter json(out);
  json.object([&] { write_section(json, section); });
  return out;
}

std::string choice_schema(const KeySpec& key) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.array("anyOf", [&] {
      json.object([&] {
        json.array("enum", [&] {
          for (const std::string_view choice : key.choices) json.value(choice);
        });
      });
      json.raw(kVariable);
    });
  });
  return out;
}

std::string list_schema(const std::string& item) { return R"({"type":"array","minItems":1,"uniqueItems":true,"items":)" + item + "}"; }
std::string one_or_list(const std::string& item) { return R"({"anyOf":[)" + item + "," + list_schema(item) + "]}"; }

std::string shape_schema(const KeySpec& key) {
  std::string text = R"({"type":"string","minLength":1})";
  switch (key.shape) {
    case Shape::text:
    case Shape::path:
    case Shape::secret: return text;
    case Shape::whole:
      return R"({"anyOf":[{"type":"integer","minimum":)" + std::to_string(key.min) + R"(,"maximum":)" + std::to_string(key.max) + "}," +
             std::string(kVariable) + "]}";
    case Shape::share: return R"({"anyOf":[{"type":"number","minimum":0,"maximum":1},)" + std::string(kVariable) + "]}";
    case Shape::dollars:
      return R"({"anyOf":[{"type":"number","minimum":0},{"type":"string","pattern":"^[0-9]{1,20}(\\.[0-9]{1,12})?$"},)" + std::string(kVariable) +
             "]}";
    case Shape::flag: return R"({"anyOf":[{"type":"boolean"},)" + std::string(kVariable) + "]}";
    case Shape::choice: return choice_schema(key);
    case Shape::texts: return one_or_list(text);
    case Shape::choices: return one_or_list(choice_schema(key));
    case Shape::section: return section_schema(*key.section);
    case Shape::sections: return R"({"type":"array","items":)" + section_schema(*key.section) + "}";
    case Shape::entries: return R"({"type":"array","minItems":1,"items":{"anyOf":[)" + text + "," + section_schema(*key.section) + "]}}";
    case Shape::targets: return R"({"type":"object","additionalProperties":)" + one_or_list(text) + "}";
  }
  return text;
}

// The same schema with its description in front.
std::string described(std::string_view meaning, const std::string& schema) {
  return R"({"description":)" + json_string(meaning) + "," + schema.substr(1);
}

void write_section(JsonWriter& json, const Section& section) {
  json.field("type", "object");
  json.field("additionalProperties", false);
  json.object("properties", [&] {
    for (const KeySpec& key : section.keys) json.raw_field(key.name, described(key.meaning, shape_schema(key)));
  });
  if (std::ranges::any_of(section.keys, [](const KeySpec& key) { return key.presence == Presence::required; }))
    json.array("required", [&] {
      for (const KeySpec& key : section.keys)
        if (key.presence == Presence::required) json.value(key.name);
    });
  if (section.schema_rule.empty()) return;
  const auto colon = section.schema_rule.find(':');  // "name":…
  json.raw_field(section.schema_rule.substr(1, colon - 2), section.schema_rule.substr(colon + 1));
}

// Two spaces a level, one member a line: so that a change of one key is a change of few lines.
std::string indented(std::string_view compact) {
  std::string out;
  std::size_t depth = 0;
  bool in_string = false;
  const auto line = [&] { out += '\n', out.append(depth * 2, ' '); };
  for (std::size_t i = 0; i < compact.size(); ++i) {
    const char c = compact[i];
    if (c == '"' && (i == 0 || compact[i - 1] != '\\' || (i > 1 && compact[i - 2] == '\\'))) in_string = !in_string;
    if (!in_string && (c == '}' || c == ']')) --depth, line();
    out += c;
    if (in_string) continue;
    if (c == '{' || c == '[') ++depth, line();
    if (c == ',') line();
    if (c == ':') out += ' ';
  }
  return out + "\n";
}

std::string choices_of(const KeySpec& key) {
  std::string out;
  for (const std::string_view choice : key.choices) out += (out.empty() ? "`" : " \\| `") + std::string(choice) + "`";
  return out;
}

std::string shape_words(const KeySpec& key) {
  switch (key.shape) {
    case Shape::text: return "text";
    case Shape::path: return "path";
    case Shape::secret: return "secret";
    case Shape::whole: return "whole number, " + std::to_string(key.min) + " to " + std::to_string(key.max);
    case Shape::share: return "number, 0 to 1";
    case Shape::dollars: return "dollars";
    case Shape::flag: return "`true` \\| `false`";
    case Shape::choice: return choices_of(key);
    case Shape::texts: return "text or list";
    case Shape::choices: return "one or a list of " + choices_of(key);
    case Shape::section: return "section";
    case Shape::sections: return "list of entries";
    case Shape::entries: return "list of names or entries";
    case Shape::targets: return "name: target or list";
  }
  return "text";
}

std::string fallback_words(const KeySpec& key) {
  if (key.presence == Presence::required) return "required";
  return key.fallback.empty() ? "none" : std::string(key.fallback);
}

}  // namespace

std::string json_schema() {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("$schema", "https://json-schema.org/draft/2020-12/schema");
    json.field("title", "demarc.yaml");
    write_section(json, root_section());
    json.raw_field("$defs", R"({"variable":{"type":"string","pattern":"^\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}$"}})");
  });
  return indented(out);
}

std::string keys_markdown() {
  std::string out;
  for (const Section* section : all_sections()) {
    if (section->path == "limits") continue;  // a table of its own
    out += "### " + std::string(section->title) + (section->path.empty() ? "" : " (`" + std::string(section->path) + "`)") + "\n\n";
    out += "| key | value | default | meaning |\n| --- | --- | --- | --- |\n";
    for (const KeySpec& key : section->keys) {
      const std::string_view with = key.with == With::engine ? " Only with `engine`." : key.with == With::base_url ? " Only with `base_url`." : "";
      out += "| `" + std::string(key.name) + "` | " + shape_words(key) + " | " + fallback_words(key) + " | " + std::string(key.meaning) + "." +
             std::string(with) + " |\n";
    }
    out += "\n";
  }
  return out;
}

std::string limits_markdown() {
  std::string out = "| limit | default | from | to | meaning |\n| --- | --- | --- | --- | --- |\n";
  for (const LimitSpec& spec : limit_specs())
    out += "| `" + std::string(spec.name) + "` | " + std::to_string(spec.default_value) + " | " + std::to_string(spec.min) + " | " +
           std::to_string(spec.max) + " | " + std::string(spec.meaning) + " |\n";
  return out;
}

}  // namespace demarc::config
