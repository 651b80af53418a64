#include "document/worker/limits.hpp"

#include <algorithm>
#include <utility>

namespace demarc::document::worker {
namespace {

DocumentLimits& held() {
  static DocumentLimits of_this_process;
  return of_this_process;
}

}  // namespace

const DocumentLimits& limits() { return held(); }
void set_limits(const DocumentLimits& limits) { held() = limits; }

DocumentLimits limits_of(const std::map<std::string, std::int64_t, std::less<>>& named) {
  DocumentLimits out;
  for (const DocumentLimit& one : kDocumentLimits)
    if (const auto found = named.find(one.name); found != named.end()) out.*one.field = std::clamp(found->second, one.min, one.max);
  return out;
}

std::string limit_words(std::string_view name, std::int64_t value) {
  return "at most " + std::to_string(value) + " (limits." + std::string(name) + ")";
}

std::string too_large_words() { return "The document is too large: " + limit_words("document_mib", limits().document_mib) + " MiB are read."; }

LeftOut& left_out() {
  static LeftOut of_this_document;
  return of_this_document;
}

std::vector<std::string> take_notes_of_left_out() {
  const LeftOut what = std::exchange(left_out(), {});
  std::vector<std::string> notes;
  const auto note = [&](bool is, std::string_view words, std::string_view name, std::int64_t value) {
    if (is) notes.push_back(std::string(words) + " is left out: " + limit_words(name, value));
  };
  note(what.too_deep, "What lies deeper than so many elements", "document_depth", limits().document_depth);
  note(what.too_many_words, "What stands behind the last of so many words of a page", "document_words", limits().document_words);
  note(what.too_many_columns, "What stands right of so many columns of a table", "document_columns", limits().document_columns);
  return notes;
}

}  // namespace demarc::document::worker
