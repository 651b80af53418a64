// What a file is that nobody here can look into, and what its owner can do about it. For people; by the bytes alone.
//
//   if (!FileText::read(bytes)) { const UnreadFile why = unread_file(bytes); say(name + " is " + why.what + ". Try: " + why.next); }
//
// Pure; any thread.
#pragma once

#include <string_view>

namespace demarc::privacy {

struct UnreadFile {
  std::string_view what;  // "a PDF"
  std::string_view next;  // "turn it into text first, by pdftotext for one"
};

UnreadFile unread_file(std::string_view bytes);

}  // namespace demarc::privacy
