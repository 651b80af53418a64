// What a watched folder does with a file: which files are for it, where the result stands, what is asked, and what of the answer is kept.
//
//   if (is_input(folder, name)) …
//   const Places places = places_of(folder, name);
//   HttpRequest http = request_for(folder, name, bytes);
//   auto result = result_of(folder, answer);               // the file to write; an error says what is wrong with the answer
//
// Pure; any thread.
#pragma once

#include <string>

#include "config/config.hpp"
#include "core/io/http.hpp"
#include "gateway/jobs/result_list.hpp"

namespace demarc::gateway {

// Not a name that is ours, or hidden, or none of what is asked for.
bool is_input(const config::WatchedFolder& folder, const std::string& name);

struct Places {
  std::string input, result, error;  // of do: classify, result is the list of all
};
Places places_of(const config::WatchedFolder& folder, const std::string& name);

HttpRequest request_for(const config::WatchedFolder& folder, const std::string& name, const std::string& bytes);
Result<std::string, std::string> result_of(const config::WatchedFolder& folder, const std::string& answer);

// Of do: classify: the line of one picture, from the answer to it whatever its status.
PictureLine line_of(const std::string& name, std::string written, int status, const std::string& answer);

std::string error_text(std::string_view message);  // as an answer says it

}  // namespace demarc::gateway
