#include "privacy/attachments.hpp"

#include <gtest/gtest.h>

#include "base/encode.hpp"
#include "core/json/writer.hpp"
#include "privacy/charset.hpp"
#include "privacy/file_text.hpp"
#include "privacy/picture.hpp"
#include "privacy/redact.hpp"
#include "privacy/restore.hpp"
#include "privacy/testing_request.hpp"

namespace demarc::privacy {
namespace {

using namespace std::string_literals;

class Attachments : public testing::Test {
 protected:
  std::unique_ptr<Request> request_with(const std::string& value, PartKind kind = PartKind::file) {
    auto request = make_request({{"messages[0].content[0].file.file_data", json_string(value), Encoding::json_string, kind}});
    request->parts[0].text = {};
    look_into_attachments(*request, std::size_t{1} << 20);
    return request;
  }
  Examination seen(const Request& request) { return examine(request, detectors_); }
  Redaction run(const Request& request) { return redact(request, seen(request), session_, RedactTypes(), detectors_); }
  static std::string value_of(const std::string& body) {  // of the one string in it
    std::string value;
    for_each_json_leaf(body, [&](const JsonLeaf& leaf) { return leaf.kind == LeafKind::string ? value = unescape_json(leaf.raw) : value, Walk::on; });
    return value;
  }
  static std::string bytes_after(const std::string& body, std::string_view prefix) {
    const std::string value = value_of(body);
    EXPECT_TRUE(value.starts_with(prefix)) << value;
    return from_base64(std::string_view(value).substr(prefix.size())).value_or("not base64");
  }

  const Detectors detectors_ = Detectors::structured();
  Vault vault_{system_random()};
  VaultSession session_ = vault_.open({"key", "c"}, {1});
};

const std::string kCsv = "name,mail,card\nAda,ada@example.org,4111 1111 1111 1111\n";
const std::string kGif = "GIF89a\1\0\1\0\0\0\0"s +
                         "\x21\xFE\x0F"
                         "ada@example.org\0"s +
                         "\x2C\0\0\0\0\1\0\1\0\0\x02\x02pp\0\x3B"s;

TEST_F(Attachments, AreReadAndWrittenInTheirOwnEncoding) {
  for (const Charset::Form form : {Charset::Form::utf8, Charset::Form::utf16_le, Charset::Form::utf32_be, Charset::Form::windows_1252}) {
    const Charset charset{form, false};
    const auto request = request_with("data:text/csv;base64," + to_base64(encode_text(charset, kCsv)));
    EXPECT_EQ(seen(*request).counts, (FindingCounts{{"CREDIT_CARD", 1}, {"EMAIL_ADDRESS", 1}}));
    EXPECT_TRUE(seen(*request).unexamined.empty());
    const Redaction redaction = run(*request);
    ASSERT_TRUE(redaction.clean) << to_string(redaction.why);
    const auto sent = decode_text(bytes_after(redaction.body, "data:text/csv;base64,"));
    ASSERT_TRUE(sent);
    if (form != Charset::Form::windows_1252) EXPECT_EQ(sent->charset.form, form);
    EXPECT_EQ(sent->utf8.find("ada@"), std::string::npos) << sent->utf8;
    EXPECT_EQ(restore(session_.tokens(), sent->utf8), kCsv);
  }
}

TEST_F(Attachments, GoByWhatTheyAre) {
  const auto lies = request_with("data:text/plain;base64," + to_base64("PK\x03\x04\x14\0\0\0\x08\0"s));
  EXPECT_EQ(seen(*lies).unexamined, std::vector<Media>{Media::file});
  const auto text = request_with("data:image/png;base64," + to_base64(kCsv), PartKind::image);
  EXPECT_TRUE(seen(*text).unexamined.empty());
  EXPECT_EQ(seen(*text).counts->at("EMAIL_ADDRESS"), 1U);
}

TEST_F(Attachments, OfAMailAreRedactedInEveryPart) {
  const auto request =
      request_with(to_base64("From: ada@example.org\nTo: b\nContent-Transfer-Encoding: base64\n\n" + to_base64("SSN 521-44-9382, call me") + "\n"));
  EXPECT_EQ(seen(*request).counts, (FindingCounts{{"EMAIL_ADDRESS", 1}, {"US_SSN", 1}}));
  const Redaction redaction = run(*request);
  ASSERT_TRUE(redaction.clean) << to_string(redaction.why);
  const auto mail = FileText::read(bytes_after(redaction.body, ""));
  ASSERT_TRUE(mail);
  for (const std::string_view gone : {"ada@", "521", "9382"}) EXPECT_EQ(mail->text().find(gone), std::string::npos) << mail->text();
}

TEST_F(Attachments, ThatArePicturesLeaveBareAndStayUnexamined) {
  const auto request = request_with("data:image/gif;base64," + to_base64(kGif), PartKind::image);
  EXPECT_EQ(seen(*request).unexamined, std::vector<Media>{Media::image});
  EXPECT_EQ(seen(*request).counts->at("EMAIL_ADDRESS"), 1U);
  const Redaction redaction = run(*request);
  ASSERT_TRUE(redaction.clean) << to_string(redaction.why);
  EXPECT_EQ(bytes_after(redaction.body, "data:image/gif;base64,"), read_picture(kGif)->bare);
}

TEST_F(Attachments, ThatAreDamagedPicturesDoNotLeave) {
  const auto request = request_with("data:image/gif;base64," + to_base64(kGif.substr(0, kGif.size() - 4)), PartKind::image);
  EXPECT_FALSE(run(*request).clean);
}

TEST_F(Attachments, AreFoundAgainInBytesThatLeave) {
  const std::string body = R"({"data":")" + to_base64("some words before it, in a file: ada@example.org and behind") + R"("})";
  EXPECT_FALSE(scans_clean(body, session_, RedactTypes(), detectors_));
  EXPECT_FALSE(scans_clean(R"({"url":"data:image/gif;base64,)" + to_base64(kGif) + R"("})", session_, RedactTypes(), detectors_));
  EXPECT_TRUE(scans_clean(R"({"url":"data:image/gif;base64,)" + to_base64(read_picture(kGif)->bare) + R"("})", session_, RedactTypes(), detectors_));
}

TEST_F(Attachments, OverTheLimitStayUnread) {
  auto request = make_request({{"f", json_string(to_base64(kCsv)), Encoding::json_string, PartKind::file}});
  request->parts[0].text = {};
  look_into_attachments(*request, kCsv.size() - 1);
  EXPECT_EQ(seen(*request).unexamined, std::vector<Media>{Media::file});
}

}  // namespace
}  // namespace demarc::privacy
