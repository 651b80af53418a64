// A document of any kind as text to search, read by whoever serves documents (POST /v1/ocr), some pages at a time.
//
//   const ReadDocument read = TRY(read_document(connection, "report.pdf", bytes, headers));
//   read.text                     // Markdown; a form feed between two pages
//
// Blocking; one thread.
#pragma once

#include <string>
#include <string_view>

#include "cli/connection.hpp"
#include "cli/job_client.hpp"

namespace demarc::cli {

bool is_document_ending(std::string_view ending);  // ".pdf", lower case: what is no text in itself

struct ReadDocument {
  std::string text;
  bool is_paged = false;  // pages, sheets, slides: else the format has none
};
Result<ReadDocument, JobFault> read_document(Connection& connection, const std::string& name, std::string_view bytes, const Headers& headers);

}  // namespace demarc::cli
