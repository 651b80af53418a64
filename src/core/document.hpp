// Document: what stands in a document, in the order in which a person reads it. The document worker makes it, the gateway hides what must not be
// shown in it, dialects print it as Markdown and JSON.
//
//   Document document{.pages = {{.index = 0, .route = Route::text_layer, .blocks = {{.kind = DocumentBlockKind::heading, .level = 1, .text =
//   "Report"}}}}};
//
// A page of a format without pages (HTML, Word) is the whole file, without dimensions and boxes; a sheet and a slide are a page each. Boxes are in
// pixels of the page at its dpi, from its upper left corner, as the page is shown (turned, straightened). Pure value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace demarc {

// How a page's text was come by.
enum class Route : std::uint8_t {
  text_layer,  // the file says it, and it was judged to be right
  ocr,         // recognised in the page's picture
  native,      // the format is text: Office, HTML, e-mail, plain text
  blank,       // nothing stands on it
};
inline constexpr int kRouteCount = 4;
std::string_view to_string(Route route);
std::optional<Route> parse_route(std::string_view name);

enum class DocumentBlockKind : std::uint8_t { heading, paragraph, list_item, table, figure, code };
inline constexpr int kDocumentBlockKindCount = 6;
std::string_view to_string(DocumentBlockKind kind);
std::optional<DocumentBlockKind> parse_document_block_kind(std::string_view name);

struct DocumentBox {
  int left = 0, top = 0, right = 0, bottom = 0;  // right and bottom are exclusive
  [[nodiscard]] int width() const { return right - left; }
  [[nodiscard]] int height() const { return bottom - top; }
  [[nodiscard]] bool empty() const { return right <= left || bottom <= top; }
  void unite(const DocumentBox& other);  // an empty one adds nothing
  friend bool operator==(const DocumentBox&, const DocumentBox&) = default;
};

struct DocumentWord {
  std::size_t begin = 0, end = 0;  // bytes of the text it stands in, end exclusive
  DocumentBox box;
  std::optional<double> confidence{};  // 0 to 1; nullopt: nobody guessed
  friend bool operator==(const DocumentWord&, const DocumentWord&) = default;
};

struct DocumentCell {
  int row = 0, column = 0;            // from 0
  int row_span = 1, column_span = 1;  // of merged cells
  std::string text;
  DocumentBox box{};
  std::vector<DocumentWord> words{};
  friend bool operator==(const DocumentCell&, const DocumentCell&) = default;
};

struct DocumentBlock {
  DocumentBlockKind kind = DocumentBlockKind::paragraph;
  int level = 0;       // of a heading: 1 to 6; of a list item: 0 and up, how deep it stands
  std::string marker;  // of a list item: "-" or "3."
  std::string text;    // UTF-8, in lines as they are to be read; of a table and a figure without words: ""
  DocumentBox box{};
  std::optional<double> confidence{};  // the mean of its words', by their letters
  std::vector<DocumentWord> words{};   // only where somebody asked for them
  int rows = 0, columns = 0;           // of a table
  int header_rows = 0;
  std::vector<DocumentCell> cells{};  // by row, then column; what a span covers has no cell of its own
  std::string image_id{};             // of a figure
  friend bool operator==(const DocumentBlock&, const DocumentBlock&) = default;
};

struct DocumentImage {
  std::string id;  // "img-0.jpeg": Markdown names it so
  DocumentBox box{};
  std::string base64{};  // of a JPEG or PNG; "": nobody asked for it
  friend bool operator==(const DocumentImage&, const DocumentImage&) = default;
};

struct DocumentPage {
  int index = 0;                       // from 0, in the file
  std::string name;                    // of a sheet, of an attached file; else ""
  int width = 0, height = 0, dpi = 0;  // 0: a format without pages
  Route route = Route::native;
  std::string reason{};                                      // why that way, in a few words: "no text layer"
  std::optional<double> confidence{}, minimum_confidence{};  // of its words
  int turned_degrees = 0;                                    // how much it was turned clockwise to stand upright: 0, 90, 180, 270
  double straightened_degrees = 0;                           // and then
  std::vector<DocumentBlock> blocks{};
  std::vector<DocumentImage> images{};
  std::string page_image{};  // base64 of a JPEG of it, as the boxes see it; "": nobody asked for it
  friend bool operator==(const DocumentPage&, const DocumentPage&) = default;
};

// Something that the texts hide, and where on the page it stands.
struct DocumentRedaction {
  int page = 0;  // its index
  std::string type;
  std::vector<DocumentBox> boxes;  // of its words; empty: the format has no places
  friend bool operator==(const DocumentRedaction&, const DocumentRedaction&) = default;
};

struct Document {
  std::string format;  // "pdf", "docx", "tiff", …
  std::int64_t size_bytes = 0;
  int pages_total = 0;             // of the file; `pages` holds those that were asked for
  std::optional<int> next_page{};  // where who asked for so many at a time goes on; nullopt: that was the last of it
  std::vector<DocumentPage> pages;
  std::vector<std::string> notes{};                            // what was left out and why: "an attachment of an unknown kind"
  std::optional<std::vector<DocumentRedaction>> redactions{};  // nullopt: nobody asked for them
  friend bool operator==(const Document&, const Document&) = default;
};

}  // namespace demarc
