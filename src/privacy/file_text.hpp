// FileText: a file that is a text, whatever it is called: what can be read in it, and the file with something else in its place.
//
//   const std::optional<FileText> file = FileText::read(bytes);      // nullopt: a PDF, an archive, an Office file, a picture, …: nobody reads it
//   here search(file->text()); std::string bytes = *file->with(redacted(file->text()));         // same encoding, same form
//
// Plain text, CSV, JSON and JSON lines, HTML and XML are their own text (what escapes and entities hide is undone where texts are searched). An
// e-mail is taken apart (mail.hpp) and its text is a JSON list of what stands in its headers and parts. It goes by the bytes alone. What looks like a
// text and is a program for something else (PDF, PostScript, RTF), or carries other media inside (data: in HTML), is not read. Immutable; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "privacy/charset.hpp"

namespace demarc::privacy {

class Mail;

class FileText {
 public:
  static constexpr int kDepth = 3;  // of mails within mails
  static std::optional<FileText> read(std::string_view bytes, int depth = kDepth);

  FileText(FileText&&) noexcept;
  FileText& operator=(FileText&&) noexcept;
  ~FileText();

  [[nodiscard]] const std::string& text() const { return text_; }
  // The bytes with `text` in the place of text(); of a mail, the same list. nullopt: that is not the list.
  [[nodiscard]] std::optional<std::string> with(std::string_view text) const;

  // For people: a JSON Pointer into text() as one into the file; of a mail "/headers/Subject", "/parts/2".
  [[nodiscard]] std::string place(std::string_view pointer) const;

 private:
  FileText();

  Charset charset_;
  std::string text_;
  std::unique_ptr<const Mail> mail_;
};

}  // namespace demarc::privacy
