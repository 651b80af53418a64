#include "document/worker/native.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encode.hpp"
#include "document/worker/charset.hpp"
#include "document/worker/mail_parts.hpp"
#include "document/worker/pdf.hpp"

namespace demarc::document::worker {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

class Native : public testing::Test {
 protected:
  static void SetUpTestSuite() { prepare_charsets(), Pdf::prepare(); }
};

std::vector<DocumentBlock> html(const std::string& text) {
  std::vector<DocumentBlock> blocks;
  html_blocks(text, blocks);
  return blocks;
}

TEST_F(Native, ReadsHtmlAsABrowserShowsIt) {
  const auto blocks = html(
      "<html><head><title>x</title><style>p{}</style></head><body><h2>Head</h2><p>One <b>bold</b><br>line</p><script>no()</script>"
      "<p hidden>hidden</p><ol><li>a<ul><li>b</li></ul></li><li>c</li></ol><pre>x  y\nz</pre></body></html>");
  ASSERT_THAT(blocks, SizeIs(6));
  EXPECT_EQ(blocks[0].level, 2);
  EXPECT_EQ(blocks[1].text, "One bold\nline");
  EXPECT_EQ(blocks[2].marker, "1.");
  EXPECT_EQ(blocks[3].level, 1);
  EXPECT_EQ(blocks[4].marker, "2.");
  EXPECT_EQ(blocks[5].text, "x  y\nz");
}

TEST_F(Native, ReadsMergedCellsOfAnHtmlTable) {
  const auto blocks =
      html("<table><tr><th>A</th><th>B</th></tr><tr><td rowspan=2>1</td><td>2</td></tr><tr><td>3</td></tr><tr><td colspan=2>4</td></tr></table>");
  ASSERT_THAT(blocks, SizeIs(1));
  ASSERT_THAT(blocks[0].cells, SizeIs(6));
  EXPECT_EQ(blocks[0].cells[2].row_span, 2);
  EXPECT_EQ(blocks[0].cells[4].column, 1);
  EXPECT_EQ(blocks[0].cells[5].column_span, 2);
  EXPECT_EQ(blocks[0].header_rows, 1);
}

TEST_F(Native, TakesElementsNestedTooDeepForNothing) {
  std::string deep;
  for (int i = 0; i < 20'000; ++i) deep += "<div>";
  EXPECT_THAT(html("<p>before</p>" + deep + "far down"), testing::Not(testing::IsEmpty()));
}

TEST_F(Native, TellsTheEncodingOfATextByItsLetters) {
  const std::string russian = "Привет, это обычный русский текст для проверки.";
  EXPECT_EQ(to_utf8("\xcf\xf0\xe8\xe2\xe5\xf2, \xfd\xf2\xee \xf0\xf3\xf1\xf1\xea\xe8\xe9"), "Привет, это русский");  // Windows-1251
  EXPECT_EQ(to_utf8("\xf0\xd2\xc9\xd7\xc5\xd4, \xdc\xd4\xcf \xd2\xd5\xd3\xd3\xcb\xc9\xca"), "Привет, это русский");  // KOI8-R
  EXPECT_EQ(to_utf8("caf\xe9 na\xefve"), "café naïve");                                                              // Windows-1252
  EXPECT_EQ(to_utf8(std::string_view("\xff\xfe"
                                     "a\0\xe9\0",
                                     6)),
            "aé");  // UTF-16
  EXPECT_EQ(to_utf8(russian), russian);
  EXPECT_EQ(to_utf8(std::string_view("a\0b\x01", 4)), std::nullopt);
}

constexpr const char* kMail =
    "From: =?utf-8?B?w4RkYQ==?= <ada@example.org>\r\nTo: b@example.org\r\nSubject: =?iso-8859-1?Q?Gr=FC=DFe?=\r\n "
    "=?iso-8859-1?Q?_an_alle?=\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=\"outer\"\r\n\r\npreamble\r\n--outer\r\nContent-Type: multipart/alternative; "
    "boundary=inner\r\n\r\n--inner\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n\r\nplain words\r\n--inner\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: "
    "quoted-printable\r\n\r\n"
    "<p>rich =\r\nw=C3=B6rds</p>\r\n--inner--\r\n--outer\r\nContent-Type: text/csv; name=\"a.csv\"\r\nContent-Disposition: attachment; "
    "filename*=utf-8''%C3%A4.csv\r\n"
    "Content-Transfer-Encoding: base64\r\n\r\nYSxiCjEsMgo=\r\n--outer--\r\n";

TEST_F(Native, TakesAMailApart) {
  const MailParts parts = take_apart(kMail);
  EXPECT_THAT(parts.headers, ElementsAre(testing::Pair("From", "Äda <ada@example.org>"), testing::Pair("To", "b@example.org"),
                                         testing::Pair("Subject", "Grüße an alle")));
  ASSERT_THAT(parts.texts, SizeIs(1));
  EXPECT_TRUE(parts.texts[0].html);
  EXPECT_THAT(parts.texts[0].utf8, HasSubstr("rich wörds"));
  ASSERT_THAT(parts.files, SizeIs(1));
  EXPECT_EQ(parts.files[0].name, "ä.csv");
  EXPECT_EQ(parts.files[0].bytes, "a,b\n1,2\n");
}

TEST_F(Native, ReadsAMailWithItsAttachmentsAsPages) {
  const auto document = parse({.bytes = kMail, .name = {}}, [](int, int) {});
  ASSERT_TRUE(document) << document.error().message;
  EXPECT_EQ(document->format, "eml");
  ASSERT_THAT(document->pages, SizeIs(2));
  EXPECT_EQ(document->pages[0].blocks[0].text, "Grüße an alle");
  EXPECT_EQ(document->pages[1].name, "ä.csv");
  EXPECT_EQ(document->pages[1].blocks[0].text, "a,b\n1,2");
}

TEST_F(Native, ReadsMailsWithinMailsOnlySoDeep) {
  std::string mail = "From: a@example.org\r\nSubject: innermost\r\n\r\nwords\r\n";
  for (int i = 0; i < 8; ++i)
    mail = "From: a@example.org\r\nSubject: level " + std::to_string(i) + "\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b" +
           std::to_string(i) + "\r\n\r\n--b" + std::to_string(i) + "\r\nContent-Type: message/rfc822\r\n\r\n" + mail + "\r\n--b" + std::to_string(i) +
           "--\r\n";
  const auto document = parse({.bytes = mail, .name = {}}, [](int, int) {});
  ASSERT_TRUE(document);
  EXPECT_THAT(document->pages, SizeIs(4));
  EXPECT_THAT(document->notes, testing::Contains(HasSubstr("at most 3 (limits.document_mails) mails deep")));
}

TEST_F(Native, RefusesWhatNobodyReadsWithAWordOnWhatToDo) {
  const auto error = [](std::string bytes) {
    const auto document = parse({.bytes = std::move(bytes), .name = {}}, [](int, int) {});
    return document ? std::string("read") : document.error().code + ": " + document.error().message;
  };
  EXPECT_THAT(error(std::string("\x7f"
                                "ELF\x02\x01\x01\0\0\0",
                                10)),
              HasSubstr("unsupported_document"));
  EXPECT_THAT(error("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old word"), HasSubstr(".docx"));
  EXPECT_THAT(error("PK\x03\x04 broken"), HasSubstr("damaged"));
  EXPECT_THAT(error("%PDF-1.7\nnothing of a PDF"), HasSubstr("damaged"));
}

TEST_F(Native, TakesOnlyThePagesAskedFor) {
  const Order order{.bytes = kMail, .name = {}, .pages = {1}};
  const auto document = parse(order, [](int, int) {});
  ASSERT_TRUE(document);
  ASSERT_THAT(document->pages, SizeIs(1));
  EXPECT_EQ(document->pages[0].index, 1);
  EXPECT_EQ(document->pages_total, 2);
}

}  // namespace
}  // namespace demarc::document::worker
