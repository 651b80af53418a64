// A document without what was found in it: every page drawn anew with black where a value stood, and the words that are left as text behind it.
//
//   demarc-document --redact IN OUT ANSWER.json LIMITS.json        ANSWER: what /v1/ocr said of IN, with "redact" and the places of words
//
// Nothing of the document itself is in the new PDF: no text, font, attachment, form, or metadata of its own; only pictures of its pages, on which the
// places are painted over before they are compressed, and the words that the answer still shows. Started by `demarc parse --redact` as engines are,
// in their sandbox, and gives up its rights once the files are open. For PDF and pictures: other formats have no places.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "document/worker/order.hpp"

namespace demarc::document::worker {

Result<std::string, Refusal> redacted_pdf(std::string_view bytes, std::string_view answer);

// The program's main() with --redact; an exit status.
int run_redact(int argc, char** argv);

}  // namespace demarc::document::worker
