#include "core/document_json.hpp"

#include <cmath>

namespace demarc {
namespace {

void write_box(JsonWriter& json, std::string_view key, const DocumentBox& box) {
  if (box.empty()) return;
  json.array(key, [&] { json.value(box.left), json.value(box.top), json.value(box.right), json.value(box.bottom); });
}

double rounded(double confidence) { return std::round(confidence * 10'000) / 10'000; }  // more digits would only look like knowledge

void write_confidence(JsonWriter& json, std::string_view key, const std::optional<double>& confidence) {
  if (confidence) json.field(key, rounded(*confidence));
}

void write_words(JsonWriter& json, const std::vector<DocumentWord>& words) {
  if (words.empty()) return;
  json.array("words", [&] {
    for (const DocumentWord& word : words)
      json.object([&] {
        json.field("begin", word.begin), json.field("end", word.end);
        write_box(json, "box", word.box);
        write_confidence(json, "confidence", word.confidence);
      });
  });
}

void write_cell(JsonWriter& json, const DocumentCell& cell, DocumentWords words) {
  json.object([&] {
    json.field("row", cell.row), json.field("column", cell.column);
    if (cell.row_span > 1) json.field("row_span", cell.row_span);
    if (cell.column_span > 1) json.field("column_span", cell.column_span);
    json.field("text", cell.text);
    write_box(json, "box", cell.box);
    if (words == DocumentWords::write) write_words(json, cell.words);
  });
}

void write_block(JsonWriter& json, const DocumentBlock& block, DocumentWords words) {
  json.object([&] {
    json.field("type", to_string(block.kind));
    if (block.level > 0) json.field("level", block.level);
    if (!block.marker.empty()) json.field("marker", block.marker);
    json.field("text", block.text);
    write_box(json, "box", block.box);
    write_confidence(json, "confidence", block.confidence);
    if (!block.image_id.empty()) json.field("image_id", block.image_id);
    if (words == DocumentWords::write) write_words(json, block.words);
    if (block.kind != DocumentBlockKind::table) return;
    json.field("rows", block.rows), json.field("columns", block.columns), json.field("header_rows", block.header_rows);
    json.array("cells", [&] {
      for (const DocumentCell& cell : block.cells) write_cell(json, cell, words);
    });
  });
}

}  // namespace

void write_page_facts(JsonWriter& json, const DocumentPage& page) {
  if (!page.name.empty()) json.field("name", page.name);
  json.field("route", to_string(page.route));
  if (!page.reason.empty()) json.field("reason", page.reason);
  if (page.width > 0)
    json.object("dimensions", [&] { json.field("dpi", page.dpi), json.field("height", page.height), json.field("width", page.width); });
  else
    json.field("dimensions", json_null);
  write_confidence(json, "average_page_confidence_score", page.confidence);
  write_confidence(json, "minimum_page_confidence_score", page.minimum_confidence);
  if (page.turned_degrees != 0) json.field("turned_degrees", page.turned_degrees);
  if (page.straightened_degrees != 0) json.field("straightened_degrees", std::round(page.straightened_degrees * 100) / 100);
  if (!page.page_image.empty()) json.field("page_image_base64", page.page_image);
}

void write_blocks(JsonWriter& json, const DocumentPage& page, DocumentWords words) {
  json.array("blocks", [&] {
    for (const DocumentBlock& block : page.blocks) write_block(json, block, words);
  });
}

void write_images(JsonWriter& json, const DocumentPage& page) {
  json.array("images", [&] {
    for (const DocumentImage& image : page.images)
      json.object([&] {
        json.field("id", image.id);
        json.field("top_left_x", image.box.left), json.field("top_left_y", image.box.top);
        json.field("bottom_right_x", image.box.right), json.field("bottom_right_y", image.box.bottom);
        if (image.base64.empty())
          json.field("image_base64", json_null);
        else
          json.field("image_base64", image.base64);
      });
  });
}

void write_document_facts(JsonWriter& json, const Document& document) {
  json.object("usage_info", [&] {
    json.field("pages_processed", document.pages.size());
    json.field("doc_size_bytes", document.size_bytes);
  });
  json.field("document_annotation", json_null);
  json.field("format", document.format);
  json.field("pages_total", document.pages_total);
  if (document.next_page) json.field("next_page", *document.next_page);
  if (document.redactions)
    json.array("redactions", [&] {
      for (const DocumentRedaction& redaction : *document.redactions)
        json.object([&] {
          json.field("page", redaction.page), json.field("type", redaction.type);
          json.array("boxes", [&] {
            for (const DocumentBox& box : redaction.boxes)
              json.array([&] { json.value(box.left), json.value(box.top), json.value(box.right), json.value(box.bottom); });
          });
        });
    });
  if (document.notes.empty()) return;
  json.array("notes", [&] {
    for (const std::string& note : document.notes) json.value(note);
  });
}

}  // namespace demarc
