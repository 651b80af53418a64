// Fields that are there in any case: null where there is nothing to say.
//
//   field_or_null(json, "output_tokens", usage.output_tokens);      // std::optional
//   text_or_null(json, "upstream", attempt.upstream);               // "" is null
#pragma once

#include <optional>
#include <string_view>

#include "core/json/writer.hpp"

namespace demarc {

template <class T>
void field_or_null(JsonWriter& json, std::string_view key, const std::optional<T>& value) {
  if (value)
    json.field(key, *value);
  else
    json.field(key, json_null);
}

inline void text_or_null(JsonWriter& json, std::string_view key, std::string_view text) {
  field_or_null(json, key, text.empty() ? std::nullopt : std::optional(text));
}

}  // namespace demarc
