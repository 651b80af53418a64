// Where a session's placeholders stand in a text, outside URLs and inside. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/request.hpp"
#include "privacy/token.hpp"

namespace demarc::privacy {

std::vector<Span> find_tokens(const Tokens& tokens, std::string_view text);  // those that a Restorer would restore: not in URLs
// The text with every placeholder made Xs: letters, as the edges of a placeholder are, but nothing that a detector
// could take for a value.
std::string blank_tokens(const Tokens& tokens, std::string_view text);

}  // namespace demarc::privacy
