// encode: a new text for a Part, written the way the Part's bytes have to be written. Pure; any thread.
//
//   edits.push_back({part.span, encode(part, "[EMAIL_ADDRESS_1]")});
//
// A number becomes a JSON string. A json_document's new text has to be JSON already: whoever replaces inside it keeps it so. For raw (a multipart
// field) the bytes go in as they are; a dialect refuses to send a body in which they would contain the boundary.
#pragma once

#include <string>
#include <string_view>

#include "core/request.hpp"

namespace demarc {

std::string encode(const Part& part, std::string_view new_text);

}  // namespace demarc
