// Small questions about text that the standard library does not answer. Pure; any thread.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace demarc {

constexpr char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool equals_ignoring_case(std::string_view a, std::string_view b);  // ASCII
std::string to_lower(std::string_view text);                        // ASCII
std::string_view trim(std::string_view text);                       // spaces, tabs, CR, LF; always a part of the text, if an empty one
std::vector<std::string_view> split(std::string_view text, char separator);
bool is_utf8(std::string_view bytes);  // RFC 3629: no surrogates, no overlong forms, at most U+10FFFF
std::size_t count_code_points(std::string_view utf8);

// The candidate nearest to `text` by edit distance, if it is near enough to be worth suggesting ("did you mean …?").
std::optional<std::string> nearest(std::string_view text, const std::vector<std::string>& candidates);

struct TransparentHash {  // unordered_map<std::string, V, TransparentHash, std::equal_to<>> finds by string_view
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

}  // namespace demarc
