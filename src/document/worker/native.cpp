#include "document/worker/native.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <array>
#include <memory>

#include "base/strings.hpp"
#include "document/worker/charset.hpp"
#include "document/worker/limits.hpp"

namespace demarc::document::worker {
namespace {

struct ArchiveFree {
  void operator()(archive* in) const { archive_read_free(in); }
};

bool is_wanted(std::string_view name) { return name.ends_with(".xml") || name.ends_with(".rels") || name == "mimetype"; }

Failure<Refusal> too_much(std::string_view what, std::string_view name, std::int64_t value) {
  return fail(
      Refusal{"document_too_large", "What is packed in the document is too much: " + std::string(what) + " " + limit_words(name, value) + "."});
}

}  // namespace

bool looks_like_zip(std::string_view bytes) { return bytes.starts_with("PK\x03\x04"); }
bool looks_like_old_office(std::string_view bytes) { return bytes.starts_with("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"); }

Refusal old_office(std::string_view bytes) {
  std::string wide;
  for (const char c : std::string_view("EncryptedPackage")) wide += c, wide += '\0';
  if (bytes.find(wide) != std::string_view::npos)
    return {"document_encrypted", "The document is encrypted and needs a password; save it without one."};
  return {"unsupported_document",
          "The document is in a format of Office before 2007 (.doc, .xls, .ppt) or an Outlook message (.msg); save it as .docx, .xlsx, .pptx, .eml "
          "or PDF."};
}

Result<Members, Refusal> unpack(std::string_view zip) {
  const std::unique_ptr<archive, ArchiveFree> in(archive_read_new());
  if (in == nullptr) return fail(Refusal{"document_too_large", "There is not memory enough to open the document."});
  archive_read_support_format_zip_seekable(in.get());
  const auto damaged = [] { return fail(Refusal{"invalid_document", "The document is damaged: what it is packed in cannot be opened."}); };
  if (archive_read_open_memory(in.get(), zip.data(), zip.size()) != ARCHIVE_OK) return damaged();
  Members members;
  // A file that says little at great length is packed to harm.
  const std::size_t most_by_ratio = std::max(kFreelyUnpackedBytes, zip.size() * static_cast<std::size_t>(limits().document_ratio));
  std::size_t unpacked = 0;
  std::int64_t seen = 0;
  archive_entry* entry = nullptr;
  for (;;) {
    const int got = archive_read_next_header(in.get(), &entry);
    if (got == ARCHIVE_EOF) break;
    if (got < ARCHIVE_WARN) return damaged();
    if (++seen > limits().document_members) return too_much("files,", "document_members", limits().document_members);
    const char* name = archive_entry_pathname(entry);
    if (name == nullptr || !is_wanted(name) || members.contains(name)) continue;
    if (archive_entry_is_encrypted(entry) != 0)
      return fail(Refusal{"document_encrypted", "The document is encrypted and needs a password; save it without one."});
    std::string content;
    std::array<char, 64 << 10> piece;
    for (;;) {
      const la_ssize_t size = archive_read_data(in.get(), piece.data(), piece.size());
      if (size == 0) break;
      if (size < 0) return damaged();
      unpacked += static_cast<std::size_t>(size);
      if (unpacked > mib(limits().document_unpacked_mib)) return too_much("MiB,", "document_unpacked_mib", limits().document_unpacked_mib);
      if (unpacked > most_by_ratio) return too_much("times the size of its file,", "document_ratio", limits().document_ratio);
      content.append(piece.data(), static_cast<std::size_t>(size));
    }
    members.emplace(name, std::move(content));
  }
  return members;
}

Result<Document, Refusal> read_office(const Order& order) {
  const Members members = TRY(unpack(order.bytes));
  Document document{.format = {}, .pages = {}};
  if (members.contains("word/document.xml")) {
    document.format = "docx";
    read_word(members, document);
  } else if (members.contains("xl/workbook.xml")) {
    document.format = "xlsx";
    TRY(read_sheets(members, document));
  } else if (members.contains("ppt/presentation.xml")) {
    document.format = "pptx";
    TRY(read_slides(members, document));
  } else if (members.contains("mimetype")) {
    return fail(Refusal{"unsupported_document", "Documents of OpenDocument (.odt, .ods, .odp) are not read; save it as .docx, .xlsx, .pptx or PDF."});
  } else {
    return fail(Refusal{"unsupported_document", "The file is an archive and no Word, Excel or PowerPoint document; send what is in it by itself."});
  }
  if (document.pages.empty()) return fail(Refusal{"invalid_document", "The document is damaged: nothing of it can be read."});
  return document;
}

Result<Document, Refusal> read_text(const Order& order) {
  const auto text = to_utf8(order.bytes);
  if (!text)
    return fail(Refusal{"unsupported_document", "The document is of a kind that nobody here reads, or a text in an encoding that nobody knows."});
  Document document{.format = "text", .pages = {}};
  DocumentPage& page = document.pages.emplace_back(DocumentPage{.name = {}});
  BlockWriter writer(page.blocks);
  std::string paragraph;
  const auto flush = [&] {
    while (paragraph.ends_with('\n')) paragraph.pop_back();
    writer.add(DocumentBlockKind::paragraph, std::move(paragraph));
    paragraph.clear();
  };
  for (std::size_t at = 0; at < text->size();) {
    const std::size_t end = std::min(text->find('\n', at), text->size());
    std::string_view line = std::string_view(*text).substr(at, end - at);
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
    at = end + 1;
    if (line.find_first_not_of(" \t\f") == std::string_view::npos) {
      flush();
      continue;
    }
    (paragraph += line) += '\n';
  }
  flush();
  return document;
}

void BlockWriter::add(DocumentBlockKind kind, std::string text, int level, std::string marker) {
  if (trim(text).empty()) return;
  blocks_.push_back({.kind = kind, .level = level, .marker = std::move(marker), .text = std::move(text)});
}

void BlockWriter::table(DocumentBlock table) {
  const bool any = std::ranges::any_of(table.cells, [](const DocumentCell& cell) { return !cell.text.empty(); });
  if (any) blocks_.push_back(std::move(table));
}

bool is_too_deep(int depth) {
  const bool is = depth > limits().document_depth;
  left_out().too_deep = left_out().too_deep || is;
  return is;
}

bool is_right_of_all(int column) {
  const bool is = column >= limits().document_columns;
  left_out().too_many_columns = left_out().too_many_columns || is;
  return is;
}

int most_columns() { return static_cast<int>(limits().document_columns); }

Result<void, Refusal> may_have_page_more(const Document& document) {
  if (static_cast<std::int64_t>(document.pages.size()) < limits().document_pages) return {};
  return fail(Refusal{"document_too_large",
                      "The document has too many pages, sheets or slides: " + limit_words("document_pages", limits().document_pages) + " are read."});
}

bool TableMaker::full() const { return static_cast<std::int64_t>(std::max(block_.cells.size(), taken_.size())) >= limits().document_cells; }

void TableMaker::cell(std::string text, int column_span, int row_span) {
  if (full()) return;
  if (row_ < 0) next_row();
  while (taken_.contains({row_, column_})) ++column_;
  const int wide = std::clamp(column_span, 1, most_columns() - std::min(column_, most_columns() - 1)), high = std::clamp(row_span, 1, 1'000);
  if (is_right_of_all(column_)) return;
  for (int row = 0; row < high && !full(); ++row)
    for (int column = 0; column < wide; ++column) taken_[{row_ + row, column_ + column}] = true;
  block_.cells.push_back({.row = row_, .column = column_, .row_span = high, .column_span = wide, .text = std::move(text)});
  column_ += wide;
}

DocumentBlock TableMaker::finish(int header_rows) && {
  block_.rows = row_ + 1;
  for (DocumentCell& cell : block_.cells) {
    cell.row_span = std::min(cell.row_span, block_.rows - cell.row);
    block_.columns = std::max(block_.columns, cell.column + cell.column_span);
  }
  block_.header_rows = std::min(header_rows, block_.rows);
  return std::move(block_);
}

}  // namespace demarc::document::worker
