// A Document's parts as JSON, as Mistral's /v1/ocr names them and, where that has no word, we do. Written alike by the worker and by the gateway, so
// that nothing is lost between them.
//
//   write_blocks(json, page);              // "blocks": [{"type":"heading","level":1,"text":"…","box":[l,t,r,b]}, …]
//
// Fields only, for the caller's object. Pure.
#pragma once

#include "core/document.hpp"
#include "core/json/writer.hpp"

namespace demarc {

enum class DocumentWords : std::uint8_t { leave_out, write };

void write_page_facts(JsonWriter& json, const DocumentPage& page);  // route, reason, dimensions, confidence, how it was turned
void write_blocks(JsonWriter& json, const DocumentPage& page, DocumentWords words);
void write_images(JsonWriter& json, const DocumentPage& page);
void write_document_facts(JsonWriter& json, const Document& document);  // usage_info, format, notes

}  // namespace demarc
