// for_each_json_leaf: every string, key and number of a JSON text with the place of its token, without building anything.
//
//   for_each_json_leaf(document, [&](const JsonLeaf& leaf) { …; return Walk::on; });
//
// Deliberately simple and independent of the parsers that read requests: what leaves is checked by this one. It accepts a little more than JSON
// (commas and colons are not checked), so is_json says whether a text is the document it looks like. Pure; any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/request.hpp"

namespace demarc::privacy {

enum class LeafKind : std::uint8_t { string, key, number };
enum class Walk : std::uint8_t { on, stop };

struct JsonLeaf {
  LeafKind kind = LeafKind::string;
  Span token;                // with quotes
  std::string_view raw{};    // without quotes, escapes as they stand
  std::string_view label{};  // the key it stands under, escapes as they stand; of array elements the array's; "" if none
};

// False if the text is not made of whole JSON tokens with matching brackets, or is nested deeper than 512; leaves before that point were visited.
bool for_each_json_leaf(std::string_view json, const std::function<Walk(const JsonLeaf&)>& visit);

// An object or array, whole.
bool is_json_document(std::string_view text);

// The text of a JSON string's inside. Lone surrogates become U+FFFD, unknown escapes stay as they are.
std::string unescape_json(std::string_view raw);

}  // namespace demarc::privacy
