// Texts that have nothing to do with each other as one text: a JSON list, with gaps over which nothing is read as one value (across.hpp).
//
//   list_of({"From: ada", "To: bob"})   // ["From: ada","\n\n","To: bob"]
//
// Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace demarc::privacy {

std::string list_of(const std::vector<std::string>& texts);               // none: ""
std::optional<std::vector<std::string>> texts_of(std::string_view list);  // nullopt: it is no such list

}  // namespace demarc::privacy
