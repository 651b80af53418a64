#include "dialect/document_text.hpp"

#include <algorithm>

#include "core/document_json.hpp"

namespace demarc::dialect {
namespace {

int number_of(JsonNode node, int otherwise = 0) {
  return static_cast<int>(std::clamp<std::int64_t>(node.integer().value_or(otherwise), 0, 1'000'000'000));
}

DocumentBox read_box(JsonNode node) {
  DocumentBox box;
  int* const sides[] = {&box.left, &box.top, &box.right, &box.bottom};
  std::size_t i = 0;
  for (const JsonNode side : node)
    if (i < 4) *sides[i++] = static_cast<int>(std::clamp<std::int64_t>(side.integer().value_or(0), -1'000'000, 1'000'000));
  return i == 4 ? box : DocumentBox{};
}

std::vector<DocumentWord> read_words(JsonNode node, std::size_t text_bytes) {
  std::vector<DocumentWord> words;
  for (const JsonNode item : node) {
    DocumentWord word{.begin = static_cast<std::size_t>(number_of(item["begin"])),
                      .end = static_cast<std::size_t>(number_of(item["end"])),
                      .box = read_box(item["box"])};
    word.confidence = item["confidence"].number();
    if (word.begin < word.end && word.end <= text_bytes) words.push_back(word);
  }
  return words;
}

DocumentBlock read_block(JsonNode node) {
  DocumentBlock block{.kind = parse_document_block_kind(node["type"].text()).value_or(DocumentBlockKind::paragraph)};
  block.level = number_of(node["level"]), block.marker = node["marker"].text(), block.text = node["text"].text();
  block.box = read_box(node["box"]), block.confidence = node["confidence"].number(), block.image_id = node["image_id"].text();
  block.words = read_words(node["words"], block.text.size());
  block.rows = number_of(node["rows"]), block.columns = number_of(node["columns"]), block.header_rows = number_of(node["header_rows"]);
  for (const JsonNode item : node["cells"]) {
    DocumentCell cell{.row = number_of(item["row"]),
                      .column = number_of(item["column"]),
                      .row_span = std::max(1, number_of(item["row_span"], 1)),
                      .column_span = std::max(1, number_of(item["column_span"], 1))};
    cell.text = item["text"].text(), cell.box = read_box(item["box"]), cell.words = read_words(item["words"], cell.text.size());
    block.cells.push_back(std::move(cell));
  }
  return block;
}

DocumentPage read_page(JsonNode node) {
  DocumentPage page{.index = number_of(node["index"]), .name = node["name"].text()};
  const JsonNode size = node["dimensions"];
  page.width = number_of(size["width"]), page.height = number_of(size["height"]), page.dpi = number_of(size["dpi"]);
  page.route = parse_route(node["route"].text()).value_or(Route::native), page.reason = node["reason"].text();
  page.confidence = node["average_page_confidence_score"].number(), page.minimum_confidence = node["minimum_page_confidence_score"].number();
  page.turned_degrees = number_of(node["turned_degrees"]), page.straightened_degrees = node["straightened_degrees"].number().value_or(0);
  page.page_image = node["page_image_base64"].text();
  for (const JsonNode block : node["blocks"]) page.blocks.push_back(read_block(block));
  for (const JsonNode item : node["images"]) {
    DocumentImage image{.id = item["id"].text()};
    image.box = {number_of(item["top_left_x"]), number_of(item["top_left_y"]), number_of(item["bottom_right_x"]), number_of(item["bottom_right_y"])};
    image.base64 = item["image_base64"].text();
    page.images.push_back(std::move(image));
  }
  return page;
}

}  // namespace

bool is_document(JsonNode root) {
  return root["pages"].is(JsonType::array) && root["format"].is(JsonType::string) && root["pages_total"].is(JsonType::number);
}

Document read_document(JsonNode root) {
  Document document{.format = root["format"].text()};
  document.size_bytes = root["usage_info"]["doc_size_bytes"].integer().value_or(0);
  document.pages_total = number_of(root["pages_total"]);
  if (root["next_page"].integer()) document.next_page = number_of(root["next_page"]);
  for (const JsonNode page : root["pages"]) document.pages.push_back(read_page(page));
  for (const JsonNode note : root["notes"]) document.notes.push_back(note.text());
  return document;
}

std::string print_document(const Document& document, const DocumentPrint& how) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.array("pages", [&] {
      for (const DocumentPage& page : document.pages)
        json.object([&] {
          json.field("index", page.index);
          json.field("markdown", markdown_of(page, how.tables));
          write_images(json, page);
          write_page_facts(json, page);
          if (how.blocks) write_blocks(json, page, how.words ? DocumentWords::write : DocumentWords::leave_out);
        });
    });
    json.field("model", how.model);
    write_document_facts(json, document);
  });
  return out;
}

}  // namespace demarc::dialect
