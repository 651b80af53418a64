// Requests for tests: a JSON body and its parts, taken apart by simdjson as a dialect would, but of any shape.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "core/request.hpp"
#include "privacy/json_leaves.hpp"

namespace demarc::privacy {

// Strings become parts in order, with the paths given; what is no path's is left out.
struct PathPart {
  std::string path;
  std::string value;  // JSON, as it stands in the body
  Encoding encoding = Encoding::json_string;
  PartKind kind = PartKind::text;
};

inline std::unique_ptr<Request> make_request(const std::vector<PathPart>& parts) {
  auto request = std::make_unique<Request>();
  request->dialect = "test";
  request->content_type = "application/json";
  request->body = "{\"messages\":[";
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) request->body += ',';
    const std::size_t begin = request->body.size();
    request->body += parts[i].value;
    Part part{.kind = parts[i].kind, .encoding = parts[i].encoding, .span = {begin, request->body.size()}};
    const std::string& value = parts[i].value;
    part.text = request->keep(value.starts_with('"') ? unescape_json(value.substr(1, value.size() - 2)) : value);
    part.path = request->keep(parts[i].path);
    request->parts.push_back(part);
  }
  request->body += "]}";
  return request;
}

}  // namespace demarc::privacy
