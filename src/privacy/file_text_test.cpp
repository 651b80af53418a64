#include "privacy/file_text.hpp"

#include <gtest/gtest.h>

#include "base/encode.hpp"
#include "privacy/charset.hpp"

namespace demarc::privacy {
namespace {

using namespace std::string_view_literals;
using Form = Charset::Form;

constexpr std::string_view kMail =
    "From: =?utf-8?Q?Ad=C3=A9le?= <ada@example.org>\r\nTo: bob@example.org\r\nSubject: =?utf-8?B?Y2FyZCA=?=\r\n "
    "=?utf-8?B?NDExMQ==?=\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=\"b1\"\r\n\r\n"
    "--b1\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nmail caf=C3=A9=\r\n@example.org\r\n"
    "--b1\r\nContent-Type: text/csv\r\nContent-Transfer-Encoding: base64\r\n\r\nbmFtZSxtYWls\r\nCmFkYSxhQGIuZXUK\r\n--b1--\r\n";

TEST(Charset, ReadsEveryEncodingAndWritesTheSameBytes) {
  const std::string_view text = "name,mail\nZo\xC3\xAB \xE2\x82\xAC,ada@example.org\n";
  for (const Form form : {Form::utf8, Form::utf16_le, Form::utf16_be, Form::utf32_le, Form::utf32_be, Form::windows_1252})
    for (const bool mark : {false, true}) {
      if (mark && form == Form::windows_1252) continue;
      const std::string bytes = encode_text({form, mark}, text);
      const auto read = decode_text(bytes);
      ASSERT_TRUE(read) << static_cast<int>(form) << mark;
      EXPECT_EQ(read->utf8, text);
      EXPECT_EQ(read->charset.form, form);
      EXPECT_EQ(encode_text(read->charset, read->utf8), bytes);
    }
}

TEST(Charset, KeepsPlanesBeyondTheFirstInUtf16) {
  const std::string bytes = encode_text({Form::utf16_be, true}, "a \xF0\x9F\x98\x80");
  EXPECT_EQ(bytes, "\xFE\xFF\0a\0 \xD8\x3D\xDE\x00"sv);
  EXPECT_EQ(decode_text(bytes)->utf8, "a \xF0\x9F\x98\x80");
}

TEST(Charset, DoesNotGuess) {
  EXPECT_FALSE(decode_text("\xCF\xD2\xC9\xD7\xC5\xD4"));  // KOI8-R
  EXPECT_FALSE(decode_text("\x93\xFA\x96\x7B\x8C\xEA"));  // Shift_JIS
  EXPECT_FALSE(decode_text("text\0with zeros"sv));
  EXPECT_FALSE(decode_text("\xFF\xFE\x00\xD8"sv));            // half a surrogate pair
  EXPECT_FALSE(decode_text("\x1B$B\x46\x7C\x4B\x5C\x1B(B"));  // ISO-2022-JP: ASCII letters that are none
}

TEST(FileText, GoesByTheBytes) {
  EXPECT_TRUE(FileText::read("a,b\n1,2\n"));
  EXPECT_TRUE(FileText::read("<html><body title='x'>ada&#64;example.org</body></html>"));
  EXPECT_FALSE(FileText::read("PK\x03\x04\x14\0\0\0"sv));
  EXPECT_FALSE(FileText::read("%PDF-1.7\nada"));
  EXPECT_FALSE(FileText::read("# a comment first\n%PDF-1.7\nada"));
  EXPECT_FALSE(FileText::read("{\\rtf1 ad\\'61}"));
  EXPECT_FALSE(FileText::read("<img src=\"data:image/png;base64,AAAA\">"));
  EXPECT_FALSE(FileText::read(""));
}

TEST(FileText, TakesAMailApart) {
  const auto mail = FileText::read(kMail);
  ASSERT_TRUE(mail);
  EXPECT_NE(mail->text().find("From: Ad\xC3\xA9le <ada@example.org>"), std::string::npos) << mail->text();
  EXPECT_NE(mail->text().find("Subject: card 4111"), std::string::npos) << mail->text();
  EXPECT_NE(mail->text().find("mail caf\xC3\xA9@example.org"), std::string::npos) << mail->text();
  EXPECT_NE(mail->text().find("name,mail\\nada,a@b.eu"), std::string::npos) << mail->text();
  EXPECT_EQ(mail->with(mail->text()), kMail);
}

TEST(FileText, WritesAMailsPartsInTheirOwnEncoding) {
  const auto mail = FileText::read(kMail);
  ASSERT_TRUE(mail);
  std::string text = mail->text();
  text.replace(text.find("caf\xC3\xA9@example.org"), 17, "HIDDEN");
  text.replace(text.find("a@b.eu"), 6, "HIDDEN2");
  text.replace(text.find("ada@example.org"), 15, "HIDDEN3");
  const auto bytes = mail->with(text);
  ASSERT_TRUE(bytes);
  EXPECT_NE(bytes->find("From: Ad\xC3\xA9le <HIDDEN3>\r\nTo: bob@example.org\r\n"), std::string::npos) << *bytes;
  EXPECT_NE(bytes->find("\r\n\r\nmail HIDDEN\r\n--b1\r\n"), std::string::npos) << *bytes;
  EXPECT_NE(bytes->find(to_base64("name,mail\nada,HIDDEN2\n")), std::string::npos) << *bytes;
  EXPECT_EQ(FileText::read(*bytes)->text(), text);
}

TEST(FileText, DoesNotReadAMailOfWhichAPartCannotBeRead) {
  for (const std::string_view replaced : {"base64\r\n\r\nUEsDBBQAAAAIAA==", "base64\r\n\r\n!!!", "x-uuencode\r\n\r\nbegin"}) {
    std::string mail(kMail);
    const std::size_t at = mail.find("base64\r\n\r\n");
    mail.replace(at, mail.find("\r\n--b1--") - at, replaced);
    EXPECT_FALSE(FileText::read(mail)) << replaced;
  }
  std::string mail(kMail);
  mail.replace(mail.find("charset=utf-8"), 13, "charset=utf-7");
  EXPECT_FALSE(FileText::read(mail));
}

TEST(FileText, EndsHoweverDeepMailsAreNested) {
  std::string mail = "body";
  for (int i = 0; i < 2000; ++i) mail.insert(0, "From: a\nTo: b\nContent-Type: message/rfc822\n\n");
  EXPECT_FALSE(FileText::read(mail));
}

TEST(FileText, TakesAnyCutOfAMail) {
  for (std::size_t size = 0; size < kMail.size(); ++size) {
    const auto file = FileText::read(kMail.substr(0, size));
    if (file) EXPECT_EQ(file->with(file->text()), kMail.substr(0, size)) << size;
  }
}

}  // namespace
}  // namespace demarc::privacy
