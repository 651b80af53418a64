// Charset: bytes of a text in whatever encoding, as UTF-8.
//
//   prepare_charsets();                                  // once, before readers are forked: converters are loaded from files
//   std::optional<std::string> text = to_utf8(bytes, "iso-8859-2");     // as somebody says; "": find out
//
// A byte order mark decides, then what is said, then whether it is UTF-8 or UTF-16, then the letters that each encoding would make of it. nullopt: it
// is no text (control characters), or longer than twice limits.document_mib. Runs in a reader.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace demarc::document::worker {

void prepare_charsets();
std::optional<std::string> to_utf8(std::string_view bytes, std::string_view said = {});
std::string collapsed(std::string_view text);  // runs of white space as one space, none at the ends

}  // namespace demarc::document::worker
