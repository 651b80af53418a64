// What a document may cost in this process, and what of one was left out for it.
//
//   set_limits(settings.limits);                         // once, before readers are forked and before there are threads
//   if (pages > limits().document_pages) return fail(too_many("pages", …));
//   left_out().too_deep = true;                          // told with the document, as a note
//
// The limits are one value for the whole process, for a reader is a process for one document. Their meaning: core/document_limits.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/document_limits.hpp"

namespace demarc::document::worker {

const DocumentLimits& limits();
void set_limits(const DocumentLimits& limits);
DocumentLimits limits_of(const std::map<std::string, std::int64_t, std::less<>>& named);  // of a settings file; the defaults where it names none

inline std::size_t mib(std::int64_t number) { return static_cast<std::size_t>(number) << 20; }
inline std::size_t most_body_bytes() { return mib(limits().document_mib) / 2 * 3; }  // its file in base64, and little else
inline std::uint64_t reader_memory_bytes() { return static_cast<std::uint64_t>(limits().document_memory_mib) << 20; }
inline std::size_t most_result_bytes() { return mib(limits().document_answer_mib); }
inline std::size_t most_text_bytes() { return 2 * mib(limits().document_mib); }  // of one text, decoded: letters of two bytes were one
inline constexpr std::size_t kFreelyUnpackedBytes = std::size_t{16} << 20;       // whatever the file's size

// "at most 1000 are read (limits.document_pages)": what an error says of the limit that it met.
std::string limit_words(std::string_view name, std::int64_t value);
std::string too_large_words();  // of a file of more than document_mib

struct LeftOut {
  bool too_deep = false, too_many_words = false, too_many_columns = false;
};
LeftOut& left_out();
std::vector<std::string> take_notes_of_left_out();  // and begins anew

}  // namespace demarc::document::worker
