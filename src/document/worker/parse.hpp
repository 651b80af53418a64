// parse(): a document of whatever format, by what its bytes are, as blocks.
//
//   Result<Document, Refusal> document = parse(order, [&](int step, int of) { … });      // told before each page
//   std::string json = print(*document, order);                                          // as the worker answers
//
// Runs in a reader.
#pragma once

#include <functional>
#include <string>

#include "core/document.hpp"
#include "document/worker/order.hpp"

namespace demarc::document::worker {

using OnStep = std::function<void(int step, int of)>;

Result<Document, Refusal> parse(const Order& order, const OnStep& on_step);
Result<Document, Refusal> parse_within(const Order& order, int depth);  // what a mail carries; its pages are no steps of their own
std::string print(const Document& document, const Order& order);

// The pages of a file that an order asks for: those it has of order.pages, or all. An error where none is left or too many.
Result<std::vector<int>, Refusal> pages_to_read(const Order& order, int there_are);

}  // namespace demarc::document::worker
