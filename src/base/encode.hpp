// Text forms of bytes: hex (lower case) and base64 (RFC 4648, standard alphabet with padding; decoding is strict). Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace demarc {

std::string to_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view text);
std::string to_base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);

}  // namespace demarc
