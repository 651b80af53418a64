// A Document as Mistral's /v1/ocr answers it, and read back from what our document worker answers: the same shape without Markdown, which is written
// here. Source: Mistral API reference "OCR", read 2026-11; what it has no word for (route, reason, cells, format, notes) is ours. Pure; any thread.
//
//   Document document = read_document(root);
//   std::string body = print_document(document, {.model = "tesseract-eng", .blocks = true});
#pragma once

#include <string>
#include <string_view>

#include "core/document.hpp"
#include "dialect/json/tree.hpp"

namespace demarc::dialect {

enum class TableFormat : std::uint8_t { markdown, html };

struct DocumentPrint {
  std::string_view model;
  bool blocks = true;
  bool words = false;
  TableFormat tables = TableFormat::markdown;
};

std::string print_document(const Document& document, const DocumentPrint& how);
bool is_document(JsonNode root);  // of our worker
Document read_document(JsonNode root);

std::string markdown_of(const DocumentPage& page, TableFormat tables);  // document_markdown.cpp

}  // namespace demarc::dialect
