// Formats that are text in themselves: Office's, HTML, e-mail, plain text. Each is pages of blocks without places.
//
//   if (looks_like_zip(order.bytes)) document = TRY(read_office(order));
//
// What they are packed in is unpacked up to a limit, elements within elements are followed up to a depth. Runs in a reader.
#pragma once

#include <map>
#include <string>

#include "document/worker/parse.hpp"

namespace demarc::document::worker {

Result<Document, Refusal> read_office(const Order& order);  // docx, xlsx, pptx
Result<Document, Refusal> read_html(const Order& order);
Result<Document, Refusal> read_mail(const Order& order, int depth);
Result<Document, Refusal> read_text(const Order& order);

bool looks_like_zip(std::string_view bytes);
bool looks_like_old_office(std::string_view bytes);  // what Office wrote before 2007, and what it encrypts in
Refusal old_office(std::string_view bytes);
bool looks_like_html(std::string_view bytes);
bool looks_like_mail(std::string_view bytes);

// An archive's members that are XML, by name.
using Members = std::map<std::string, std::string, std::less<>>;
Result<Members, Refusal> unpack(std::string_view zip);

// Whether a limit is met there; what is left out for it is noted (limits.hpp).
bool is_too_deep(int depth);
bool is_right_of_all(int column);
int most_columns();
Result<void, Refusal> may_have_page_more(const Document& document);

void read_word(const Members& members, Document& document);
Result<void, Refusal> read_sheets(const Members& members, Document& document);
Result<void, Refusal> read_slides(const Members& members, Document& document);
void html_blocks(const std::string& utf8, std::vector<DocumentBlock>& blocks);

// Blocks as they come.
class BlockWriter {
 public:
  explicit BlockWriter(std::vector<DocumentBlock>& blocks) : blocks_(blocks) {}
  void add(DocumentBlockKind kind, std::string text, int level = 0, std::string marker = {});  // nothing for an empty text
  void table(DocumentBlock table);                                                             // nothing for one without words

 private:
  std::vector<DocumentBlock>& blocks_;
};

// Cells of rows, each put at the first free place of its row, as HTML and Word mean it.
class TableMaker {
 public:
  void next_row() { ++row_, column_ = 0; }
  void cell(std::string text, int column_span, int row_span);
  void skip(int columns) { column_ += columns; }
  DocumentBlock finish(int header_rows) &&;
  [[nodiscard]] bool full() const;

 private:
  int row_ = -1, column_ = 0;
  DocumentBlock block_{.kind = DocumentBlockKind::table, .marker = {}, .text = {}};
  std::map<std::pair<int, int>, bool> taken_;
};

}  // namespace demarc::document::worker
