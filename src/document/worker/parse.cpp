#include "document/worker/parse.hpp"

#include <algorithm>

#include "base/strings.hpp"
#include "core/document_json.hpp"
#include "document/worker/limits.hpp"
#include "document/worker/native.hpp"
#include "document/worker/pages.hpp"
#include "document/worker/pdf.hpp"
#include "document/worker/picture.hpp"

namespace demarc::document::worker {

Result<std::vector<int>, Refusal> pages_to_read(const Order& order, int there_are) {
  std::vector<int> pages;
  const auto none_there = [&] {
    return fail(
        Refusal{"invalid_request", "None of the pages asked for is there: the document has " + std::to_string(there_are) + ", counted from 0."});
  };
  if (order.part_pages > 0) {
    for (int page = order.from_page; page < there_are && page - order.from_page < order.part_pages; ++page) pages.push_back(page);
    return pages.empty() ? none_there() : Result<std::vector<int>, Refusal>(std::move(pages));
  }
  if (order.pages.empty()) {
    if (there_are > limits().document_pages)
      return fail(Refusal{"document_too_large", "The document has " + std::to_string(there_are) + " pages; " +
                                                    limit_words("document_pages", limits().document_pages) +
                                                    " are read at once: ask for them in parts with \"pages\"."});
    for (int page = 0; page < there_are; ++page) pages.push_back(page);
    return pages;
  }
  for (const int page : order.pages)
    if (page < there_are) pages.push_back(page);
  if (pages.empty()) return none_there();
  return pages;
}

namespace {

Result<Document, Refusal> read_native(const Order& order, int depth) {
  if (looks_like_zip(order.bytes)) return read_office(order);
  if (looks_like_old_office(order.bytes)) return fail(old_office(order.bytes));
  if (looks_like_mail(order.bytes)) return read_mail(order, depth);
  return looks_like_html(order.bytes) ? read_html(order) : read_text(order);
}

// XML's readers pass on what they find; whoever reads our answer may count on UTF-8.
void make_utf8(std::string& text) {
  if (is_utf8(text)) return;
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t size = 1;
    while (size < 4 && i + size < text.size() && !is_utf8(std::string_view(text).substr(i, size))) ++size;
    if (is_utf8(std::string_view(text).substr(i, size))) {
      out.append(text, i, size), i += size;
    } else {
      out += "\xef\xbf\xbd", ++i;
    }
  }
  text = std::move(out);
}

void make_utf8(Document& document) {
  for (DocumentPage& page : document.pages) {
    make_utf8(page.name);
    for (DocumentBlock& block : page.blocks) {
      make_utf8(block.text), make_utf8(block.marker);
      for (DocumentCell& cell : block.cells) make_utf8(cell.text);
    }
  }
}

// The pages that were asked for, of a format that had to be read whole.
Result<Document, Refusal> only_those_asked_for(Document document, const Order& order) {
  document.pages_total = static_cast<int>(document.pages.size());
  for (std::size_t i = 0; i < document.pages.size(); ++i) document.pages[i].index = static_cast<int>(i);
  if (order.pages.empty()) return document;
  const std::vector<int> wanted = TRY(pages_to_read(order, document.pages_total));
  std::erase_if(document.pages, [&](const DocumentPage& page) { return !std::ranges::binary_search(wanted, page.index); });
  return document;
}

}  // namespace

Result<Document, Refusal> parse_within(const Order& order, int depth) {
  const OnStep no_steps = [](int, int) {};
  if (Pictures::looks_like_one(order.bytes)) return read_pictures(order, no_steps);
  if (Pdf::looks_like_one(order.bytes)) return read_pdf(order, no_steps);
  return read_native(order, depth);
}

Result<Document, Refusal> parse(const Order& order, const OnStep& on_step) {
  const auto read = [&]() -> Result<Document, Refusal> {
    if (looks_like_mail(order.bytes)) return read_native(order, 0);  // which may hold a PDF in plain sight
    if (Pictures::looks_like_one(order.bytes)) return read_pictures(order, on_step);
    if (Pdf::looks_like_one(order.bytes)) return read_pdf(order, on_step);
    return read_native(order, 0);
  };
  const bool has_pages = !looks_like_mail(order.bytes) && (Pictures::looks_like_one(order.bytes) || Pdf::looks_like_one(order.bytes));
  if (!has_pages) on_step(1, 1);
  Document document = TRY(read());
  if (!has_pages) make_utf8(document);
  if (has_pages && order.part_pages > 0 && order.part_pages < document.pages_total - order.from_page)
    document.next_page = order.from_page + order.part_pages;
  if (!has_pages) document = TRY(only_those_asked_for(std::move(document), order));
  std::ranges::move(take_notes_of_left_out(), std::back_inserter(document.notes));
  document.size_bytes = static_cast<std::int64_t>(order.bytes.size());
  return document;
}

std::string print(const Document& document, const Order& order) {
  const DocumentWords words = order.words ? DocumentWords::write : DocumentWords::leave_out;
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.array("pages", [&] {
      for (const DocumentPage& page : document.pages)
        json.object([&] {
          json.field("index", page.index);
          write_page_facts(json, page);
          write_images(json, page);
          write_blocks(json, page, words);
        });
    });
    write_document_facts(json, document);
  });
  return out;
}

}  // namespace demarc::document::worker
