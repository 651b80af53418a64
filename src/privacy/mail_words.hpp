// How mail writes bytes with letters: quoted-printable and base64 of parts (RFC 2045), encoded words of headers (RFC 2047). Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace demarc::privacy {

std::string decode_quoted_printable(std::string_view text);  // what is not an escape stays as it stands
std::string encode_quoted_printable(std::string_view bytes);
std::optional<std::string> decode_wrapped_base64(std::string_view text);
std::string encode_wrapped_base64(std::string_view bytes, std::string_view line_end);

// UTF-8, Latin-1 and what is part of them: those that are told apart by the bytes (charset.hpp). Others are not read.
bool is_known_charset(std::string_view name);

// A header's value with its encoded words read. nullopt: one is in a charset that is not known.
std::optional<std::string> decode_header(std::string_view text);

}  // namespace demarc::privacy
