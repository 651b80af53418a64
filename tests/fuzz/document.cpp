// Any bytes as a document of a format that is text (Office, HTML, e-mail, plain text): blocks or a refusal, all of it UTF-8, tables within their
// bounds. What PDFium and Leptonica decode is theirs to fuzz.
#include <simdjson.h>

#include "base/strings.hpp"
#include "document/worker/charset.hpp"
#include "document/worker/parse.hpp"
#include "document/worker/pdf.hpp"
#include "document/worker/picture.hpp"
#include "fuzz.hpp"

namespace {

using namespace demarc::document::worker;

// Nested mails bring in what they carry.
bool is_others(std::string_view bytes) {
  return bytes.find("%PDF-") != std::string_view::npos || Pictures::looks_like_one(bytes) || bytes.find("base64") != std::string_view::npos;
}

}  // namespace

FUZZ(document) {
  static const bool prepared = (prepare_charsets(), true);
  CHECK(prepared);
  if (bytes.size() < 64 || is_others(bytes)) return;
  const Order order{.bytes = std::string(bytes), .name = {}};
  const auto document = parse(order, [](int, int) {});
  if (!document) {
    CHECK(!document.error().code.empty() && is_utf8(document.error().message));
    return;
  }
  for (const DocumentPage& page : document->pages)
    for (const DocumentBlock& block : page.blocks) {
      CHECK(is_utf8(block.text));
      for (const DocumentCell& cell : block.cells) {
        CHECK(is_utf8(cell.text) && cell.row >= 0 && cell.column >= 0);
        CHECK(cell.row + cell.row_span <= block.rows && cell.column + cell.column_span <= block.columns);
      }
    }
  simdjson::dom::parser parser;
  CHECK(parser.parse(print(*document, order)).error() == simdjson::SUCCESS);
}
