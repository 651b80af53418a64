// Texts made to cost much: whatever is in a text, reading it costs what it is long.
#include <gtest/gtest.h>
#include <time.h>

#include <string>
#include <vector>

#include "privacy/detector.hpp"
#include "privacy/file_text.hpp"
#include "privacy/pieces.hpp"
#include "privacy/readings.hpp"
#include "privacy/review.hpp"

namespace demarc::privacy {
namespace {

struct Hostile {
  std::string unit, end{};  // `unit` again and again
  [[nodiscard]] std::string text(std::size_t size) const {
    std::string out;
    while (out.size() < size) out += unit;
    return out + end;
  }
};

const std::vector<Hostile>& hostile() {
  static const std::vector<Hostile> all = {
      {"%"},
      {"%2525"},
      {"&#"},
      {"&amp;"},
      {"\\"},
      {"\\x4"},
      {"="},
      {"=4"},  // escapes that are none, or many
      {"YWFhYWFhYWFhYWFh\n", "AAAAAAAAAAAAAAAA"},
      {"YWFhYWFhYWFh", "AAAA"},
      {"YWFhYWFhYWFh-"},
      {"a/"},  // base64 that is none at its end
      {"AYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhAAAA"},
      {"0JDQkdCS0JPQlNCV0JbQl9CY0JnQmtCb\n", "A"},  // text and bytes by turns; Cyrillic
      {"61 ", "00 00"},
      {"61 ", "6g"},
      {"61", "00"},
      {"61:00:"},  // hexadecimal
      {" dot a"},
      {" at a dot a"},
      {"(at)"},
      {"("},
      {"( "},
      {"a(at)b(dot)"},  // addresses
      {"one "},
      {"double "},
      {"triple one "},
      {"4 1 "},
      {"1\n"},
      {"1   \n"},
      {"1-\n"},
      {"-\n1"},
      {"@\n"},  // digits, breaks
      {"a@b.co\n"},
      {"2024-01-02,4.5,18\n"},
      {"sk-proj-a8Fk2LmQ93zXcVbN7rTyUiOpLkJh\n"},
      {"a1a1a1a1a1a1\n"},  // columns
      {"1\n\n\n\n"},
      {"1\n "},
      {"\n"},
      {"\xD0\xB0"
       "a"},
      {"\xD0\xB0", "a"},
      {"\xCC\x81"},
      {"a%40b.org "},
      {"1+"},
      {"a+"},
      {"+"},
      {"a1:"},
      {"a/1.2.3.4 "},
      {"<b>1"},
      {"<b "},
      {"<b>@</b> "},
      {"a@ "},
      {"a @ a.a . "},
      {"1\\_"},
      {"\\101"},
      {"1 / 2 "},
      {"ab12.cd34."},
      {"R3L832Us"},                                         // Latin-1 in base64
      {"1-\n", "%25252520 WVdSaFFHVjRZVzF3YkdVdWIzSm4= "},  // layers of all kinds, each read in several ways
      {"1-\n%252520", "%25252520 WVdSaFFHVjRZVzF3YkdVdWIzSm4= "},
  };
  return all;
}

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Work is counted: bytes that the detectors get to search.
TEST(HostileTexts, AreReadInFewTimesTheirLength) {
  for (const Hostile& one : hostile()) {
    const std::string text = one.text(64 << 10);
    const Readings readings(text);
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < readings.size(); ++i) bytes += readings[i].text.size();
    EXPECT_LE(bytes, 40 * text.size()) << one.unit;
  }
}

// A piece is what is searched between two looks at the clock (pieces.hpp). Time that grows with the square of the length takes tens of seconds here;
// the bound is far from what it takes, some 0.1 s at most, so that a busy machine or a sanitizer fails nobody.
TEST(HostileTexts, OfAPieceAreSearchedInFarLessThanTheirSquare) {
  const Detectors detectors = Detectors::structured();
  for (const Hostile& one : hostile()) {
    const std::string text = one.text(kPiece);
    const double begin = cpu_seconds();
    (void)detectors.find(text);
    EXPECT_LT(cpu_seconds() - begin, 4.0) << one.unit;
  }
}

std::string repeated(std::size_t times, std::string_view unit) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += unit;
  return out;
}

TEST(HostileFiles, AreReadInFarLessThanTheirSquare) {
  constexpr std::size_t kMany = 300'000;
  const std::string mail = "From: a@b.example\nSubject: x\n";
  for (const std::string& file : {mail + "Content-Type: text/plain" + repeated(3 * kMany, ";") + "\n\nx",
                                  mail + "Content-Type: multipart/mixed; boundary=" + repeated(kMany, "b") + "\n\n" + repeated(2 * kMany, "\n"),
                                  mail + "X-Words: " + repeated(kMany, "=?a?Q?x") + "\n\nx"}) {
    const double begin = cpu_seconds();
    (void)FileText::read(file);
    EXPECT_LT(cpu_seconds() - begin, 4.0) << file.substr(0, 60);
  }
}

TEST(HostileTexts, AreCutForAReviewInFarLessThanTheirSquare) {
  const std::string text(4 << 20, 'x');
  const double begin = cpu_seconds();
  (void)review_pieces(text);
  EXPECT_LT(cpu_seconds() - begin, 4.0);
}

}  // namespace
}  // namespace demarc::privacy
