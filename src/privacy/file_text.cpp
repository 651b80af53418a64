#include "privacy/file_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/strings.hpp"
#include "privacy/mail.hpp"

namespace demarc::privacy {
namespace {

constexpr std::size_t kPdfMark_bytes = 1024;  // a PDF may begin this late (ISO 32000-1, annex H)

// Made of letters, but what they say is not what is read.
bool is_program(std::string_view text) {
  constexpr std::array<std::string_view, 3> kStarts = {"{\\rtf", "%!PS", "begin 6"};
  return std::ranges::any_of(kStarts, [&](std::string_view start) { return text.starts_with(start); }) ||
         text.substr(0, kPdfMark_bytes).find("%PDF-") != std::string_view::npos;
}

// Other media inside: an inlined picture.
bool holds_media(std::string_view text) {
  for (std::size_t at = text.find(";base64,"); at != std::string_view::npos; at = text.find(";base64,", at + 1)) {
    const std::string_view before = text.substr(at > 128 ? at - 128 : 0, std::min<std::size_t>(at, 128));
    if (before.find("data:") != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace

FileText::FileText() = default;
FileText::FileText(FileText&&) noexcept = default;
FileText& FileText::operator=(FileText&&) noexcept = default;
FileText::~FileText() = default;

std::optional<FileText> FileText::read(std::string_view bytes, int depth) {
  FileText file;
  if (Mail::looks_like_one(bytes)) {
    auto mail = Mail::read(bytes, depth);
    if (!mail) return std::nullopt;
    file.mail_ = std::make_unique<const Mail>(*std::move(mail));
    file.text_ = file.mail_->text();
    return file;
  }
  auto decoded = decode_text(bytes);
  if (!decoded || trim(decoded->utf8).empty() || is_program(decoded->utf8) || holds_media(decoded->utf8)) return std::nullopt;
  file.charset_ = decoded->charset;
  file.text_ = std::move(decoded->utf8);
  return file;
}

std::optional<std::string> FileText::with(std::string_view text) const {
  if (mail_) return mail_->with(text);
  return encode_text(charset_, text);
}

std::string FileText::place(std::string_view pointer) const {
  if (!mail_ || !pointer.starts_with('/')) return std::string(pointer);
  const std::size_t end = std::min(pointer.find('/', 1), pointer.size());
  std::size_t index = 0;
  std::from_chars(pointer.data() + 1, pointer.data() + end, index);
  index /= 2;  // between two texts of a list stands a gap (text_list.hpp)
  if (index >= mail_->size()) return std::string(pointer);
  return "/" + mail_->place(index) + std::string(pointer.substr(end));
}

}  // namespace demarc::privacy
