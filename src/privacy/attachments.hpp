// Attachments: files and pictures that a request carries in itself, as base64, by what they are and not by what they are called.
//
//   look_into_attachments(request, limit);              // once, after parsing
//   examine(request, …)                                 // reads them like any other text
//   redact(request, …)                                  // writes them back changed; pictures always bare of their metadata
//
// A file that is a text (file_text.hpp) gets Part::text and counts as read. Of a picture (picture.hpp) what stands beside its pixels gets there, and
// the picture still counts as unexamined. A picture that cannot be walked can only be sent as it is, hence never where redaction is asked for.
// Everything else stays as it came, unread. The Request's coroutine only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/request.hpp"

namespace demarc::privacy {

void look_into_attachments(Request& request, std::size_t limit_bytes);  // of all decoded together; what is over it stays unread

// What can be read in a string that stands for a file or picture: a data: URL, or base64 of text in UTF-8 or of a picture. nullopt: it is no such.
std::optional<std::string> text_inside(std::string_view string);

}  // namespace demarc::privacy
