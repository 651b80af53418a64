// The keys of demarc.yaml as tables: what there is, its shape, its default, its meaning. The checks of the loader, the JSON Schema and the
// configuration reference all come from them: a new key is one line here and its use in the loader.
//
//   for (const KeySpec& key : root_section().keys) ...
//
// Constant data; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/money.hpp"

namespace demarc::config {

enum class Shape : std::uint8_t {
  text,      // words
  path,      // a path, relative to the file's folder
  secret,    // text, or file:PATH; never printed
  whole,     // digits, from min to max
  share,     // 0 … 1, at most six decimals
  dollars,   // digits with at most twelve decimals, not negative
  flag,      // true | false
  choice,    // one of `choices`
  texts,     // one text, or a list
  choices,   // one of `choices`, or a list
  section,   // the keys of `section`
  sections,  // a list of them
  entries,   // a list of texts or of `section`
  targets,   // NAME: one text or a list, any number of names
};

enum class Presence : std::uint8_t { optional, required };
enum class With : std::uint8_t { any, engine, base_url };  // upstreams: which kind of upstream has the key

struct Section;

struct KeySpec {
  std::string_view name;
  Shape shape = Shape::text;
  Presence presence = Presence::optional;
  std::string_view fallback;  // the default as the reference shows it; "" none
  std::string_view meaning;
  std::span<const std::string_view> choices{};
  const Section* section = nullptr;
  std::int64_t min = 0, max = 0;
  With with = With::any;
};

struct Section {
  std::string_view title;
  std::string_view path;  // where it stands: "upstreams[]"
  std::span<const KeySpec> keys;
  std::string_view schema_rule{};  // what a table of keys cannot say, as JSON Schema members: "\"oneOf\":[…]"
  [[nodiscard]] const KeySpec* find(std::string_view name) const;
};

const Section& root_section();
std::vector<const Section*> all_sections();  // the root first, then in order of appearance

std::optional<std::int64_t> parse_whole(std::string_view text);  // at most 18 digits
std::optional<std::int64_t> parse_ppm(std::string_view text);    // "0.25" → 250'000; 0 … 1
std::optional<bool> parse_flag(std::string_view text);

}  // namespace demarc::config
