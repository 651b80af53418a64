#include "cli/read_document.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>

#include "dialect/document_parts.hpp"

namespace demarc::cli {
namespace {

constexpr std::int64_t kPagesOfARequest = 50;
constexpr auto kEndings = std::to_array<std::string_view>(
    {".pdf", ".docx", ".xlsx", ".pptx", ".eml", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".gif", ".webp", ".bmp", ".pnm"});

}  // namespace

bool is_document_ending(std::string_view ending) { return std::ranges::find(kEndings, ending) != kEndings.end(); }

Result<ReadDocument, JobFault> read_document(Connection& connection, const std::string& name, std::string_view bytes, const Headers& headers) {
  dialect::DocumentParts parts(R"({"include_blocks":false})");
  do {
    const auto answer = connection.call("POST", "/v1/ocr", headers, parts.body_of_next(name, bytes, kPagesOfARequest));
    if (!answer) return fail(JobFault{kUnavailable, answer.error()});
    if (answer->status != 200) return fail(JobFault{exit_code_of(answer->status), error_message(*answer)});
    if (const auto added = parts.add(answer->body); !added) return fail(JobFault{kFailed, added.error()});
  } while (parts.next_page());
  simdjson::dom::parser parser;
  simdjson::dom::array pages;
  const std::string whole = parts.print();
  ReadDocument out;
  if (parser.parse(whole)["pages"].get(pages) != simdjson::SUCCESS) return fail(JobFault{kFailed, "the answer is no document"});
  bool is_first = true;
  for (const simdjson::dom::element page : pages) {
    std::string_view text;
    simdjson::dom::object size;
    if (!std::exchange(is_first, false)) out.text += '\f', out.is_paged = true;
    out.is_paged = out.is_paged || page["dimensions"].get(size) == simdjson::SUCCESS;
    if (page["markdown"].get(text) == simdjson::SUCCESS) out.text += text;
  }
  return out;
}

}  // namespace demarc::cli
