// An e-mail as blocks: its head, its text, then each attachment as a page of its own, read as what it is.
#include <algorithm>
#include <array>

#include "base/strings.hpp"
#include "document/worker/limits.hpp"
#include "document/worker/mail_parts.hpp"
#include "document/worker/native.hpp"

namespace demarc::document::worker {
namespace {

void add_text(const MailText& text, std::vector<DocumentBlock>& blocks) {
  if (text.html) return html_blocks(text.utf8, blocks);
  Order order{.bytes = text.utf8, .name = {}};
  if (auto read = read_text(order))
    for (DocumentBlock& block : read->pages[0].blocks) blocks.push_back(std::move(block));
}

Result<void, Refusal> add_files(const MailParts& parts, int depth, Document& document) {
  int unread = 0;
  std::int64_t taken = 0;
  for (const MailFile& file : parts.files) {
    if (++taken > limits().document_attachments || depth >= limits().document_mails || file.bytes.empty()) {
      ++unread;
      continue;
    }
    const Order inner{.bytes = file.bytes, .name = file.name};
    auto read = parse_within(inner, depth + 1);
    if (!read) {
      ++unread;
      continue;
    }
    for (DocumentPage& page : read->pages) {
      TRY(may_have_page_more(document));
      page.index = static_cast<int>(document.pages.size());
      page.name = file.name + (page.name.empty() ? "" : (file.name.empty() ? "" : ": ") + page.name);
      document.pages.push_back(std::move(page));
    }
    for (std::string& note : read->notes) document.notes.push_back(std::move(note));
  }
  unread += parts.left_out;
  if (unread > 0)
    document.notes.push_back(
        std::to_string(unread) + (unread == 1 ? " attachment" : " attachments") +
        " of the e-mail could not be read, lie too deep in it or behind too many others: " + limit_words("document_mails", limits().document_mails) +
        " mails deep, " + limit_words("document_attachments", limits().document_attachments) + " attachments, " +
        limit_words("document_mail_parts", limits().document_mail_parts) + " parts");
  return {};
}

}  // namespace

bool looks_like_mail(std::string_view bytes) {
  constexpr auto kHeaders = std::to_array<std::string_view>(
      {"from:", "to:", "subject:", "date:", "message-id:", "received:", "mime-version:", "return-path:", "delivered-to:", "content-type:", "x-"});
  std::size_t known = 0, at = 0;
  for (int line_number = 0; line_number < 60 && at < bytes.size(); ++line_number) {
    const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
    std::string_view line = bytes.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    at = end + 1;
    if (line.empty()) break;
    if (line[0] == ' ' || line[0] == '\t') {
      if (line_number == 0) return false;
      continue;
    }
    const std::size_t colon = line.find(':');
    if (line.starts_with("From ") && line_number == 0) continue;  // of a mailbox file
    if (colon == std::string_view::npos || colon == 0 || line.substr(0, colon).find(' ') != std::string_view::npos) return false;
    const std::string name = to_lower(line.substr(0, colon + 1));
    known += std::ranges::any_of(kHeaders, [&](std::string_view header) { return name.starts_with(header); }) ? 1U : 0U;
  }
  return known >= 2;
}

Result<Document, Refusal> read_mail(const Order& order, int depth) {
  const MailParts parts = take_apart(order.bytes);
  Document document{.format = "eml", .pages = {}};
  DocumentPage& page = document.pages.emplace_back(DocumentPage{.name = {}});
  BlockWriter writer(page.blocks);
  for (const auto& [name, value] : parts.headers)
    if (name == "Subject") writer.add(DocumentBlockKind::heading, value, 1);
  std::string head;
  for (const auto& [name, value] : parts.headers)
    if (name != "Subject" && !value.empty()) head.append(head.empty() ? "" : "\n").append(name).append(": ").append(value);
  writer.add(DocumentBlockKind::paragraph, std::move(head));
  for (const MailText& text : parts.texts) add_text(text, page.blocks);
  TRY(add_files(parts, depth, document));
  return document;
}

}  // namespace demarc::document::worker
