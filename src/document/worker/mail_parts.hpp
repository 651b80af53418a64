// An e-mail taken apart (RFC 5322; MIME: RFC 2045 to 2047, 2231): headers that people read, texts, attachments.
//
//   MailParts parts = take_apart(bytes);
//   parts.subject, parts.from, parts.texts[0].utf8, parts.files[0].bytes
//
// Limits: limits.document_mail_parts parts, multiparts within multiparts kMaxMailNesting deep; what is beyond is left out and counted. Runs in a
// reader; pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace demarc::document::worker {

inline constexpr int kMaxMailNesting = 12;

struct MailText {
  std::string utf8;
  bool html = false;
};
struct MailFile {
  std::string name, bytes;  // name "": it has none
  bool mail = false;        // message/rfc822
};
struct MailParts {
  std::vector<std::pair<std::string, std::string>> headers;  // From, To, Cc, Date, Subject, as people read them
  std::vector<MailText> texts;
  std::vector<MailFile> files;
  int left_out = 0;
};

MailParts take_apart(std::string_view bytes);
std::string decoded_words(std::string_view text);  // =?charset?B?…?= in a header

}  // namespace demarc::document::worker
