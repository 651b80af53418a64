// What a string looks like. The walk over a request leaves a string out of the parts, or takes it for something else than text, only if it looks to
// the letter like what its place asks for: these are the letters. Pure; any thread.
#pragma once

#include <optional>
#include <string_view>

#include "core/request.hpp"

namespace demarc::dialect {

// Words of the wire formats and of JSON Schema, which carry no data by themselves: "role", "properties", "object".
bool known_word(std::string_view word);

Role role_of(std::string_view word);  // none if it names no role
// Of a tool call: "call_…", "toolu_…", at most 64 letters, digits, _ and -; not one whose digits (- and _ between them set aside) could be a number
// of somebody's: nine and more.
bool is_identifier(std::string_view text);
std::string_view identifier_prefix(std::string_view text);  // "call_" of "call_4111-1111-1111-1111", "" of "4111"
bool is_base64(std::string_view text);                      // either alphabet, by its letters
PartKind kind_of_media(std::string_view media_type);

// kind, media type of "data:image/png;base64,…"; nullopt if it is no data URI.
struct DataUri {
  PartKind kind = PartKind::file;
  std::string_view media_type, data;
};
std::optional<DataUri> parse_data_uri(std::string_view text);

}  // namespace demarc::dialect
