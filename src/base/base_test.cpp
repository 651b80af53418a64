#include <gtest/gtest.h>

#include "base/encode.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/strings.hpp"
#include "base/time.hpp"

namespace demarc {
namespace {

TEST(Base64, ReadsBackWhatItWritesAndRefusesSecondSpellings) {
  std::string bytes;
  for (int i = 0; i < 70; ++i) {
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
    EXPECT_EQ(from_hex(to_hex(bytes)), bytes);
    bytes += static_cast<char>(i * 37);
  }
  for (const char* bad : {"a", "ab=c", "YR==", "YWI", "=", "Y=Q=", "YQ==YQ=="}) EXPECT_FALSE(from_base64(bad)) << bad;
}

TEST(Time, ReadsAnyOffsetAndPrintsUtc) {
  EXPECT_EQ(format_rfc3339(*parse_rfc3339("2026-11-23T09:30:00.25+05:00")), "2026-11-23T04:30:00.250Z");
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00Z")->unix_ns, 0);
  for (const char* bad :
       {"2026-11-23", "2026-02-30T00:00:00Z", "2026-11-23T09:30:00", "2026-11-23T24:00:00Z", "2026-11-23T09:30:00Zx", "x026-11-23T09:30:00Z"})
    EXPECT_FALSE(parse_rfc3339(bad)) << bad;
}

TEST(Ids, SortByTimeAndCarryVersionSeven) {
  const std::string early = make_id("req", Instant{1'000'000'000'000'000'000}, {0xff, 0xff, 0xff});
  const std::string late = make_id("req", Instant{1'000'000'001'000'000'000}, {});
  EXPECT_LT(early, late);
  EXPECT_EQ(late.size(), 40U);
  EXPECT_EQ(late[18], '7');
}

TEST(Strings, TellUtf8FromWhatIsNot) {
  EXPECT_TRUE(is_utf8("grüße 🙂"));
  for (const char* bad : {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"}) EXPECT_FALSE(is_utf8(bad));
}

TEST(Strings, SuggestTheNearestName) {
  EXPECT_EQ(nearest("upstraems", {"upstreams", "aliases"}), "upstreams");
  EXPECT_FALSE(nearest("zzzz", {"upstreams", "aliases"}));
}

Result<int, std::string> half(int n) {
  if (n % 2 != 0) return fail(std::string("odd"));
  return n / 2;
}
Result<int, std::string> quarter(int n) { return TRY(half(TRY(half(n)))); }

TEST(Result, TryLeavesWithTheError) {
  EXPECT_EQ(quarter(8).value(), 2);
  EXPECT_EQ(quarter(6).error(), "odd");
}

}  // namespace
}  // namespace demarc
