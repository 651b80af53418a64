// Formats whose pages are looked at: PDF and pictures.
//
//   Document document = TRY(read_pdf(order, on_step));
//
// Runs in a reader.
#pragma once

#include "document/worker/parse.hpp"

namespace demarc::document::worker {

Result<Document, Refusal> read_pdf(const Order& order, const OnStep& on_step);
Result<Document, Refusal> read_pictures(const Order& order, const OnStep& on_step);

}  // namespace demarc::document::worker
