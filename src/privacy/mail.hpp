// Mail: an e-mail as a file (RFC 5322, MIME: RFC 2045 to 2047), with what can be read in its headers and parts.
//
//   const std::optional<Mail> mail = Mail::read(bytes, depth);    // nullopt: some part is no text, or is encoded in a way nobody knows here
//   mail->text()                                                  // ["Subject: …","\n\n","From: …","\n\n","the words of the first part", …], a
//   list_of() them mail->with(R"(["Subject: …", …])")                            // the mail with these in their places; what stayed equal stays byte
//   for byte
//
// A changed header is written on one line in UTF-8 (RFC 6532), a changed part in its own transfer encoding and charset. A part that is JSON or a mail
// stands in the list as a JSON string of its own. At most kParts parts. Immutable; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/request.hpp"

namespace demarc::privacy {

class FileText;

class Mail {
 public:
  static constexpr std::size_t kParts = 200, kNesting = 8;  // in all; multiparts within multiparts

  static bool looks_like_one(std::string_view bytes);  // begins with headers, two of them a mail's
  static std::optional<Mail> read(std::string_view bytes, int depth);

  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::optional<std::string> with(std::string_view text) const;

  // Of the piece with this index: Piece::place.
  [[nodiscard]] const std::string& place(std::size_t index) const { return pieces_[index].place; }
  [[nodiscard]] std::size_t size() const { return pieces_.size(); }

  enum class Transfer : std::uint8_t { none, quoted_printable, base64 };
  struct Piece {
    Span span;          // in the mail
    std::string text;   // as read
    std::string place;  // for people: "headers/Subject", "parts/2"
    Transfer transfer = Transfer::none;
    std::shared_ptr<const FileText> file{};  // of a part; a header has none
  };

 private:
  std::string bytes_;
  std::vector<Piece> pieces_;
};

}  // namespace demarc::privacy
