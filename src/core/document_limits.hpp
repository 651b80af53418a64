// DocumentLimits: what a document may cost at most. The keys of demarc.yaml's `limits:` that begin with document_ are made from this table, an engine
// for documents is told them in its settings, and its readers hold themselves to them.
//
//   DocumentLimits limits;                                      // the defaults
//   for (const DocumentLimit& one : kDocumentLimits) limits.*one.field
//
// Pure values; any thread. A field's unit is the end of its name; without one it is a count.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/json/writer.hpp"

namespace demarc {

struct DocumentLimits {
  std::int64_t document_mib = 64;
  std::int64_t document_pages = 1'000;
  std::int64_t document_mpixels = 100;
  std::int64_t document_side_px = 30'000;
  std::int64_t document_memory_mib = 1'024;
  std::int64_t document_page_s = 60, document_s = 1'800;
  std::int64_t document_answer_mib = 192;
  std::int64_t document_words = 100'000;
  std::int64_t document_unpacked_mib = 256, document_ratio = 200, document_members = 10'000;
  std::int64_t document_depth = 256;
  std::int64_t document_cells = 200'000, document_columns = 1'000;
  std::int64_t document_mails = 3, document_attachments = 100, document_mail_parts = 1'000;

  friend bool operator==(const DocumentLimits&, const DocumentLimits&) = default;
};

struct DocumentLimit {
  std::string_view name;
  std::int64_t DocumentLimits::* field;
  std::int64_t min, max;
  std::string_view meaning;
};

inline constexpr std::array kDocumentLimits = {
    DocumentLimit{"document_mib", &DocumentLimits::document_mib, 1, 1'024,
                  "largest document; in a request it is a third longer (base64), which `body_mib` must allow"},
    DocumentLimit{"document_pages", &DocumentLimits::document_pages, 1, 100'000, "pages (sheets, slides) of a document that are read at once"},
    DocumentLimit{"document_mpixels", &DocumentLimits::document_mpixels, 1, 4'000, "million pixels of a picture, or of a page when it is drawn"},
    DocumentLimit{"document_side_px", &DocumentLimits::document_side_px, 64, 65'000, "pixels on a side of it"},
    DocumentLimit{"document_memory_mib", &DocumentLimits::document_memory_mib, 128, 1'048'576, "memory of the process that reads one document"},
    DocumentLimit{"document_page_s", &DocumentLimits::document_page_s, 1, 3'600, "seconds of a processor for one page"},
    DocumentLimit{"document_s", &DocumentLimits::document_s, 1, 86'400, "seconds of a processor for one document"},
    DocumentLimit{"document_answer_mib", &DocumentLimits::document_answer_mib, 1, 1'024, "what is read of a document, its pictures included"},
    DocumentLimit{"document_words", &DocumentLimits::document_words, 100, 10'000'000, "words of one page; those behind them are left out, and noted"},
    DocumentLimit{"document_unpacked_mib", &DocumentLimits::document_unpacked_mib, 1, 4'096, "what is packed in a Word, Excel or PowerPoint file"},
    DocumentLimit{"document_ratio", &DocumentLimits::document_ratio, 2, 2'000, "how many times as large as its file that may be, past 16 MiB"},
    DocumentLimit{"document_members", &DocumentLimits::document_members, 10, 1'000'000, "files in it"},
    DocumentLimit{"document_depth", &DocumentLimits::document_depth, 8, 1'024,
                  "elements within elements (HTML, Word, PowerPoint); what lies deeper is left out, and noted"},
    DocumentLimit{"document_cells", &DocumentLimits::document_cells, 100, 5'000'000, "cells of a table with something in them"},
    DocumentLimit{"document_columns", &DocumentLimits::document_columns, 1, 16'384, "columns of a table; those behind them are left out, and noted"},
    DocumentLimit{"document_mails", &DocumentLimits::document_mails, 0, 10, "e-mails within e-mails; what lies deeper is left out, and noted"},
    DocumentLimit{"document_attachments", &DocumentLimits::document_attachments, 0, 10'000,
                  "attachments of an e-mail; the others are left out, and noted"},
    DocumentLimit{"document_mail_parts", &DocumentLimits::document_mail_parts, 1, 100'000,
                  "parts that an e-mail is taken apart into; the others are left out, and noted"},
};
static_assert(sizeof(DocumentLimits) == kDocumentLimits.size() * sizeof(std::int64_t), "every field has one line in the table");

inline void write_document_limits(JsonWriter& json, const DocumentLimits& limits) {
  json.object("limits", [&] {
    for (const DocumentLimit& one : kDocumentLimits) json.field(one.name, limits.*one.field);
  });
}

}  // namespace demarc
