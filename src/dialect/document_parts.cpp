#include "dialect/document_parts.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>

#include "core/json/writer.hpp"
#include "dialect/mistral_ocr.hpp"

namespace demarc::dialect {
namespace {

namespace dom = simdjson::dom;

// Members of an answer that are put together here.
constexpr auto kJoined = std::to_array<std::string_view>({"pages", "usage_info", "redactions", "notes", "next_page"});

std::int64_t number_of(const simdjson::simdjson_result<dom::element>& element) {
  std::int64_t number = 0;
  return element.get(number) == simdjson::SUCCESS ? number : 0;
}

void add_items(const simdjson::simdjson_result<dom::element>& list, std::vector<std::string>& to) {
  dom::array items;
  if (list.get(items) != simdjson::SUCCESS) return;
  for (const dom::element item : items) to.emplace_back(simdjson::minify(item));
}

void write_items(JsonWriter& json, std::string_view name, const std::vector<std::string>& items) {
  json.array(name, [&] {
    for (const std::string& item : items) json.raw(item);
  });
}

}  // namespace

std::string DocumentParts::body_of_next(std::string_view filename, std::string_view bytes, std::int64_t part_pages) const {
  dom::parser parser;
  dom::object options;
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    if (parser.parse(options_).get(options) == simdjson::SUCCESS) {
      if (options["model"].error() != simdjson::SUCCESS) json.field("model", "auto");
      for (const dom::key_value_pair member : options) json.raw_field(member.key, std::string(simdjson::minify(member.value)));
    }
    json.field("demarc_pages", part_pages);
    if (next_page_) json.field("demarc_from_page", *next_page_), json.field("demarc_first_image", images_);
    json.raw_field("document", mistral_ocr::document_of(filename, bytes));
  });
  return out;
}

Result<void, std::string> DocumentParts::add(const std::string& answer) {
  dom::parser parser;
  dom::object root;
  dom::array pages;
  if (parser.parse(answer).get(root) != simdjson::SUCCESS || root["pages"].get(pages) != simdjson::SUCCESS)
    return fail(std::string("The answer is no document."));
  std::int64_t next = 0;
  const bool more = root["next_page"].get(next) == simdjson::SUCCESS;
  if (more && next <= next_page_.value_or(0)) return fail(std::string("The engine does not get on with the document."));
  next_page_ = more ? std::optional(next) : std::nullopt;
  for (const dom::element page : pages) {
    dom::array images;
    if (page["images"].get(images) == simdjson::SUCCESS) images_ += static_cast<std::int64_t>(images.size());
    page_list_.emplace_back(simdjson::minify(page));
  }
  pages_ += static_cast<std::int64_t>(pages.size());
  hides_ = hides_ || root["redactions"].error() == simdjson::SUCCESS;
  add_items(root["redactions"], redactions_);
  std::vector<std::string> notes;
  add_items(root["notes"], notes);
  for (std::string& note : notes)
    if (std::ranges::find(notes_, note) == notes_.end()) notes_.push_back(std::move(note));
  size_bytes_ = std::max(size_bytes_, number_of(root["usage_info"]["doc_size_bytes"]));
  if (!std::exchange(is_empty_, false)) return {};
  for (const dom::key_value_pair member : root)
    if (std::ranges::find(kJoined, member.key) == kJoined.end())
      rest_ += "," + json_string(member.key) + ":" + std::string(simdjson::minify(member.value));
  return {};
}

std::string DocumentParts::print() const {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    write_items(json, "pages", page_list_);
    json.object("usage_info", [&] { json.field("pages_processed", pages_), json.field("doc_size_bytes", size_bytes_); });
    if (hides_) write_items(json, "redactions", redactions_);
    if (!notes_.empty()) write_items(json, "notes", notes_);
    if (!rest_.empty()) json.raw(std::string_view(rest_).substr(1));
  });
  return out;
}

}  // namespace demarc::dialect
