// What is found and what is not, as tables. "[…]" marks the finding; the type stands beside it.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <tuple>
#include <vector>

#include "privacy/detector.hpp"
#include "privacy/number_rules.hpp"
#include "privacy/overlap.hpp"
#include "privacy/testing_detector.hpp"

namespace demarc::privacy {
namespace {

const Detectors& detectors() {
  static const Detectors all = Detectors::structured();
  return all;
}

struct Marked {
  std::string type, text;  // with one [finding]
};

void expect_found(const Marked& marked, std::string_view label = {}) {
  SCOPED_TRACE(marked.text);
  const std::size_t open = marked.text.find('['), close = marked.text.rfind(']');
  std::string text = marked.text;
  text.erase(close, 1).erase(open, 1);
  const std::vector<Finding> found = detectors().find(Text{text, label});
  ASSERT_EQ(found.size(), 1U) << (found.empty() ? "" : found[0].type + " " + text.substr(found[0].begin, found[0].end - found[0].begin));
  EXPECT_EQ(found[0].type, marked.type);
  EXPECT_EQ(text.substr(found[0].begin, found[0].end - found[0].begin), text.substr(open, close - 1 - open));
}

class Finds : public testing::TestWithParam<Marked> {};
TEST_P(Finds, ExactlyWhatIsMarked) { expect_found(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Email, Finds,
                         testing::Values(Marked{"EMAIL_ADDRESS", "write to [ada.lovelace+x@mail.example.org]."},
                                         Marked{"EMAIL_ADDRESS", "<[ada@example.org]>"},
                                         Marked{"EMAIL_ADDRESS", "mailto:[ada@example.org]?subject=x"}, Marked{"EMAIL_ADDRESS", "[søren@firma.dk]"},
                                         Marked{"EMAIL_ADDRESS", "我的邮箱[ada@163.com]谢谢"}, Marked{"EMAIL_ADDRESS", "[o'brien@example.ie] wrote"},
                                         Marked{"EMAIL_ADDRESS", "email=[ada@example.org]&x=1"},
                                         Marked{"EMAIL_ADDRESS", "[ａｄａ＠ｅｘａｍｐｌｅ．ｏｒｇ]"},
                                         Marked{"EMAIL_ADDRESS", "[a\u200Bda@exam\u200Bple.org]"}));

INSTANTIATE_TEST_SUITE_P(
    Card, Finds,
    testing::Values(Marked{"CREDIT_CARD", "pay [4111111111111111] now"}, Marked{"CREDIT_CARD", "pay [4111 1111 1111 1111] 12/27"},
                    Marked{"CREDIT_CARD", "[4111-1111-1111-1111]"}, Marked{"CREDIT_CARD", "[5555.5555.5555.4444]"},
                    Marked{"CREDIT_CARD", "amex [3782.822463.10005]."}, Marked{"CREDIT_CARD", "amex [3782 822463 10005]"},
                    Marked{"CREDIT_CARD", "[378282246310005]"}, Marked{"CREDIT_CARD", "[5555555555554444]"},
                    Marked{"CREDIT_CARD", "my card [630427373398] is lost"}, Marked{"CREDIT_CARD", "ref 12 [4111 1111 1111 1111]"},
                    Marked{"CREDIT_CARD", "[４１１１１１１１１１１１１１１１]"}, Marked{"CREDIT_CARD", "[4111\u00A01111\u00A01111\u00A01111]"},
                    Marked{"CREDIT_CARD", "[4111\u20111111\u20111111\u20111111]"}, Marked{"CREDIT_CARD", "[41\u200B11111111111111]"},
                    Marked{"CREDIT_CARD", "card [4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1]"}, Marked{"CREDIT_CARD", "{\"n\":[4111111111111111]}"}));

INSTANTIATE_TEST_SUITE_P(UsSsn, Finds,
                         testing::Values(Marked{"US_SSN", "Jane's [521-44-9382] was sent"}, Marked{"US_SSN", "SSN [521449382]"},
                                         Marked{"US_SSN", "social security number: [521 44 9382]"}, Marked{"US_SSN", "[521\u201344\u20139382]"}));

INSTANTIATE_TEST_SUITE_P(Phone, Finds,
                         testing::Values(Marked{"PHONE_NUMBER", "[+49 30 901820]"}, Marked{"PHONE_NUMBER", "[+447700900123]"},
                                         Marked{"PHONE_NUMBER", "[+46 (0)8 928 571 38] fax"}, Marked{"PHONE_NUMBER", "[(602)272-9781]"},
                                         Marked{"PHONE_NUMBER", "at [541-714-1388]"}, Marked{"PHONE_NUMBER", "[1-541-714-1388]"},
                                         Marked{"PHONE_NUMBER", "[345-899-3560x4587]"}, Marked{"PHONE_NUMBER", "[01.84.17.61.18]"},
                                         Marked{"PHONE_NUMBER", "[07700 900123]"}, Marked{"PHONE_NUMBER", "call me on [9472 7916]"},
                                         Marked{"PHONE_NUMBER", "Phone: [0378 3549890]"}, Marked{"PHONE_NUMBER", "[416 60 039] office"},
                                         Marked{"PHONE_NUMBER", "tel. [030 12345678]"}, Marked{"PHONE_NUMBER", "([541-714-1388])"},
                                         Marked{"PHONE_NUMBER", "Telefon [030/901820]"}, Marked{"PHONE_NUMBER", "Tel. [030 / 90 18 20]"},
                                         Marked{"PHONE_NUMBER", "[+49 30 / 901820]"}));

TEST(Phone, OfTwoNumbersEachIsOne) {
  EXPECT_EQ(detectors().find("Tel. 030 901820 / 0171 2345678").size(), 2U);
  EXPECT_EQ(detectors().find("Telefon 030/901820 / 0171/2345678").size(), 2U);
}

INSTANTIATE_TEST_SUITE_P(Iban, Finds,
                         testing::Values(Marked{"IBAN_CODE", "[GB29 NWBK 6016 1331 9268 19] was"},
                                         Marked{"IBAN_CODE", "IBAN [DE89370400440532013000]."}, Marked{"IBAN_CODE", "[gb42nawi04454264788619]"},
                                         Marked{"IBAN_CODE", "[NL91 ABNA 0417 1643 00]"}));

INSTANTIATE_TEST_SUITE_P(Network, Finds,
                         testing::Values(Marked{"IP_ADDRESS", "from [203.0.113.7] port 22"}, Marked{"IP_ADDRESS", "http://[203.0.113.7]:80/x"},
                                         Marked{"IP_ADDRESS", "server [8.8.8.8]"}, Marked{"IP_ADDRESS", "http://p.example/to/[203.0.113.7]/x"},
                                         Marked{"IP_ADDRESS", "[2001:db8::8a2e:370:7334]"}, Marked{"IP_ADDRESS", "at [fe80::1]: no route"},
                                         Marked{"IP_ADDRESS", "[6e40:4041:c617:e898:c11:40d2:c669:2eb4] blocked"},
                                         Marked{"MAC_ADDRESS", "[00:1A:2B:3C:4D:5E]"}, Marked{"MAC_ADDRESS", "[00-1A-2B-3C-4D-5E]"},
                                         Marked{"MAC_ADDRESS", "Gi0/1 [001b.6384.45e6] dynamic"}));

class IsNothing : public testing::TestWithParam<std::string> {};
TEST_P(IsNothing, ThatAnyDetectorReports) {
  for (const Finding& finding : detectors().find(GetParam())) {
    ADD_FAILURE() << finding.type << ' ' << finding.kind << ": " << GetParam().substr(finding.begin, finding.end - finding.begin);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Adversarial, IsNothing,
    testing::Values("order 4111111111111112", "order number 7700900123", "Order #541714138, invoice 2026-000123", "timestamp 1732445787123",
                    "1732445787", "2026-11-24T11:56:27.123456789Z", "2026-11-24 11:56:27", "24.11.2026",
                    "commit 9fceb02d0ae598e95dc970b74767f19372d61af8", "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                    "550e8400-e29b-41d4-a716-446655440000", "550e8400-4111-4111-8111-111111111111", "version 1.2.3.4", "v1.2.3.4", "1.2.3.4",
                    "Chrome/120.0.0.0 Safari/537.36", "// what it says:\nChrome/120.0.0.0", "ISBN 978-3-16-148410-0", "ISBN-10 0-306-40615-2",
                    "3.14159265358979323846", "0.4111111111111111", "x = 4111111111111111111111", "std::vector<int>::begin", "abc::def a::b c1::d2",
                    "12:30:45", "127.0.0.1", "0.0.0.0:8080", "255.255.255.0", "react@18.2.0 @scope/pkg@1.2.3-beta.rc", "icon@2x.png",
                    "git@github.com:org/repo.git", "user@localhost", "a @ b . c", "000-12-3456", "666-12-3456", "912-34-5678", "521-00-9382",
                    "521-44-0000", "521-44-93821", "line 1234567, column 89", "GB00 NWBK 6016 1331 9268 19", "DE89370400440532013001",
                    "0000000000000000", "1111111111111111", "10000000000000000", "100,000,000.00 USD", "lat 52.520008, lon 13.404954",
                    "the years 1914 1918 1939 1945", "1 2 3 4 5 6 7 8 9 10 11 12", "0x1A2B3C4D5E6F", "ff:ff:ff:ff:ff:ff", "ffff.ffff.ffff",
                    "1024.2048.4096", "ab12.cd34.ef56.7890", "192.168.1", "1.2.3.4.5", "300.1.2.3", "10.1145/3411764.3445518", "arXiv:2401.12345",
                    "+1", "a+1234567890", "$12,345,678.90", "call me at 5", "tracking 9400111899223100001234", "US 2026/0123456", "ean 4006381333931",
                    "99% of 123456789012"));

// A rule looks 64 bytes back (80 for identifiers): a word that begins just there is whole if no letter stands before it.
TEST(Context, OfAWordAtTheEndOfTheReachDoesNotDependOnWhatStandsBeforeIt) {
  const Detectors detectors = Detectors::structured();
  for (const auto& [word, reach, value] : {std::tuple("phone", 64U, "9472 7916"), std::tuple("passport", 80U, "X12345678")}) {
    const std::string near = word + std::string(reach - std::string_view(word).size(), ' ') + value;
    EXPECT_EQ(detectors.find(near).size(), 1U) << word;
    EXPECT_EQ(detectors.find("\n" + near).size(), 1U) << word;
    EXPECT_EQ(detectors.find("no" + near).size(), 0U) << word;
  }
}

TEST(Labels, AreContextForABareValue) {
  expect_found({"PHONE_NUMBER", "[2025550123]"}, "phoneNumber");
  expect_found({"US_SSN", "[521449382]"}, "ssn");
  expect_found({"SECRET", "[Zx81kLmNq7RtYuIoPaSd]"}, "api_key");
  EXPECT_TRUE(detectors().find(Text{"2025550123", "order_id"}).empty());
}

TEST(Detectors, SayWhatSpokeForAFinding) {
  const auto reason = [](std::string_view text) { return detectors().find(text).at(0).reason; };
  EXPECT_EQ(reason("pay 4111 1111 1111 1111"), "Luhn; visa");
  EXPECT_EQ(reason("card 4111 1111 1111 1111"), "Luhn; visa; word beside it: card");
  EXPECT_EQ(reason("gb29 NWBK 6016 1331 9268 19"), "mod 97; GB");
  EXPECT_EQ(reason("call 9472 7916"), "word beside it: phone");
  EXPECT_EQ(reason("at 541-714-1388"), "North American form");
  EXPECT_EQ(reason("dapi0123456789abcdef0123456789abcdef"), "pattern databricks_token, 4.1 bits");
}

TEST(Luhn, TellsACheckDigitFromAnyOther) {
  EXPECT_TRUE(passes_luhn("4111111111111111"));
  EXPECT_FALSE(passes_luhn("4111111111111112"));
  EXPECT_FALSE(passes_luhn("4111111111111121"));
}

TEST(Overlap, KeepsTheLongestThenTheSurestWhateverTheOrder) {
  std::vector<Finding> found = {{.type = "B", .begin = 0, .end = 4, .score = 0.5F},
                                {.type = "A", .begin = 2, .end = 9},
                                {.type = "C", .begin = 9, .end = 12},
                                {.type = "D", .begin = 9, .end = 12, .score = 0.2F}};
  std::vector<Finding> reversed(found.rbegin(), found.rend());
  const auto told = [](std::string_view text, std::vector<Finding> findings) {
    keep_best(text, findings);
    std::string out;
    for (const Finding& one : findings) out += one.type + std::to_string(one.begin) + "-" + std::to_string(one.end) + " ";
    return out;
  };
  EXPECT_EQ(told("", found), "B0-2 A2-9 C9-12 ") << "what is left of the shorter one stays";
  EXPECT_EQ(told("", reversed), told("", found));
  EXPECT_EQ(told("b-aaaaaaaccc", found), "B0-1 A2-9 C9-12 ");
  EXPECT_EQ(told("+-aaaaaaaccc", found), "A2-9 C9-12 ") << "signs alone say nothing";
  found.push_back({.type = "E", .begin = 0, .end = 12, .score = 0.1F});
  EXPECT_EQ(told("", found), "E0-12 ");
}

TEST(Overlap, ASecretAndWhatOverlapsItInPartAreOne) {
  const Finding secret{.type = "SECRET", .begin = 2, .end = 8}, wider{.type = "URL", .begin = 0, .end = 20},
      behind{.type = "EMAIL_ADDRESS", .begin = 6, .end = 20};
  for (const auto& given : {std::vector<Finding>{secret, behind}, {behind, secret}}) {
    std::vector<Finding> found = given;
    keep_best({}, found);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].type, "SECRET");
    EXPECT_EQ(found[0].begin, 2U);
    EXPECT_EQ(found[0].end, 20U);
  }
  std::vector<Finding> covered = {secret, behind, wider};
  keep_best({}, covered);
  ASSERT_EQ(covered.size(), 1U);
  EXPECT_EQ(covered[0].type, "URL");
}

TEST(Overlap, LeavesNothingOfAKeyBeforeAnAddressNorOfTheAddress) {
  const std::string text =
      "x -----BEGIN PRIVATE"
      " KEY-----\nMC4CAQAwBQYDK2VwBCIE\n-----END PRIVATE KEY-----4111111111111111B4111111111111111PS4111111111111111ada@example.org";
  const auto found = detectors().find(text);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].type, "SECRET");
  EXPECT_EQ(found[0].begin, 2U);
  EXPECT_EQ(found[0].end, text.size());
}

// A type that counts only where policy names it would take along what must be hidden whether policy names it or not.
TEST(Overlap, AWiderTypeThatIsNotDirectHidesNothingDirect) {
  Detectors with_web = Detectors::structured();
  with_web.add(std::make_unique<UpTo>("URL", "https:", ' '));
  const auto found = [&](std::string_view text, std::span<const std::string> only = {}) {
    std::vector<std::string> out;
    for (const Finding& one : with_web.find(text, only)) out.push_back(one.type + " " + std::string(text.substr(one.begin, one.end - one.begin)));
    return out;
  };
  using Texts = std::vector<std::string>;
  EXPECT_EQ(found("see https://x.example/a for it"), Texts{"URL https://x.example/a"});
  EXPECT_EQ(found("see https://x.example/?m=ada@example.org&c=4111111111111111"),
            (Texts{"URL https://x.example/?m", "EMAIL_ADDRESS ada@example.org", "URL c", "CREDIT_CARD 4111111111111111"}));
  EXPECT_EQ(found("see https://x.example/?m=ada%40example.org"), (Texts{"URL https://x.example/?m", "EMAIL_ADDRESS ada%40example.org"}));
  const std::vector<std::string> mail = {"EMAIL_ADDRESS"};
  EXPECT_EQ(found("see https://x.example/?m=ada@example.org&c=4111111111111111", mail), Texts{"EMAIL_ADDRESS ada@example.org"});
}

// Moving all that stand behind, for each one that is kept, takes minutes here.
TEST(Overlap, OfManyFindingsCostsNoMoreForEach) {
  constexpr std::size_t kMany = 400'000;
  std::vector<Finding> found;
  for (std::size_t i = 0; i < kMany; ++i) found.push_back({.type = "A", .begin = (kMany - i) * 10, .end = (kMany - i) * 10 + 1 + i % 9});
  keep_best({}, found);
  ASSERT_EQ(found.size(), kMany);
  EXPECT_TRUE(std::ranges::is_sorted(found, {}, &Finding::begin));
  found.clear();  // each leaves one byte of the next
  for (std::size_t i = 0; i < kMany; ++i) found.push_back({.type = "A", .begin = i, .end = i + 1000});
  keep_best({}, found);
  EXPECT_EQ(found.size(), kMany);
}

TEST(Detectors, SayWhatTheyCover) {
  const auto types = detectors().types();
  EXPECT_TRUE(std::is_sorted(types.begin(), types.end()));
  EXPECT_EQ(std::adjacent_find(types.begin(), types.end()), types.end());
  for (std::string_view type : {"CREDIT_CARD", "DATE_OF_BIRTH", "EMAIL_ADDRESS", "IBAN_CODE", "IP_ADDRESS", "MAC_ADDRESS", "PASSPORT", "PHONE_NUMBER",
                                "SECRET", "UK_NHS", "US_SSN"})
    EXPECT_TRUE(detectors().covers(type)) << type;
  EXPECT_FALSE(detectors().covers("PERSON"));
}

TEST(Detectors, ReadAnyBytesWithinTheText) {  // whatever comes, findings lie within it, in order
  std::uint64_t state = 42;
  const std::string_view alphabet = "0123456789 -./()+@:abAKIAsk-eyJghp_.\xEF\xBC\x91\xE2\x80\x8B\"'=";
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (int i = 0; i < 120; ++i) text += alphabet[((state = state * 6364136223846793005ULL + 1442695040888963407ULL) >> 33U) % alphabet.size()];
    std::size_t at = 0;
    for (const Finding& finding : detectors().find(text)) {
      ASSERT_LE(at, finding.begin);
      ASSERT_LT(finding.begin, finding.end);
      ASSERT_LE(finding.end, text.size());
      at = finding.end;
    }
  }
}

TEST(Detectors, TakeTimeThatGrowsWithTheLengthOnly) {  // bytes that each detector likes best, half a megabyte of them
  for (std::string_view piece : {"@", "1", "1 ", "a@", "eyJ", "-----BEGIN PRIVATE KEY-----", "password=", "AB12", "1:", "f:", "1.",
                                 "::", "://a:", "A1-", "born 1 ", "1A", "<1", "0x1", "passport 12345 "}) {
    std::string text;
    while (text.size() < (512 << 10)) text += piece;
    const auto begin = std::chrono::steady_clock::now();
    (void)detectors().find(text);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20)) << piece;
  }
}

}  // namespace
}  // namespace demarc::privacy
