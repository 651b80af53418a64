#include "core/request.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace demarc {

std::string apply(std::string_view body, Edits edits) {
  std::sort(edits.begin(), edits.end(), [](const Edit& a, const Edit& b) { return a.span.begin < b.span.begin; });
  std::string out;
  std::size_t size = body.size();
  for (const Edit& edit : edits) size += edit.with.size();
  out.reserve(size);
  std::size_t at = 0;
  for (const Edit& edit : edits) {
    CHECK(at <= edit.span.begin && edit.span.begin <= edit.span.end && edit.span.end <= body.size());
    out.append(body, at, edit.span.begin - at);
    out += edit.with;
    at = edit.span.end;
  }
  out.append(body, at);
  return out;
}

}  // namespace demarc
