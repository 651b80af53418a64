#include "cli/redact/report.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <sstream>

#include "base/strings.hpp"

namespace demarc::cli {
namespace {

FindingCounts counts() {
  return {{{"EMAIL_ADDRESS", "structured"}, {.findings = 3, .files = 2}}, {{"PERSON", "model"}, {.findings = 12, .files = 1}}};
}

TEST(FindingsTable, IsAlignedAndTheMostCommonTypeIsFirst) {
  EXPECT_EQ(findings_table(counts()),
            "TYPE                                      TIER               COUNT       FILES\n"
            "PERSON                                    model                 12           1\n"
            "EMAIL_ADDRESS                             structured             3           2\n");
}

TEST(FindingsTable, FitsATerminalWhateverTheNames) {
  const FindingCounts wide{{{std::string(200, 'T'), std::string(50, 't')}, {.findings = ~std::uint64_t{0} >> 24U, .files = 1'000'000}}};
  for (const std::string_view line : split(findings_table(wide), '\n')) EXPECT_LE(line.size(), 80U);
}

TEST(FindingsTable, OfNothingIsNothing) { EXPECT_EQ(findings_table({}), ""); }

TEST(FilesLine, SaysWhatWasPassedOverAndWhy) {
  EXPECT_EQ(files_line({.read = 5, .changed = 2, .before = 1, .failed = 1}, {.hidden = 3, .links = 1}, 2),
            "5 files read, 2 changed, 1 done before\n"
            "1 file not redacted and not written: named above, with the reason\n"
            "2 files not reached; the same command again goes on there\n"
            "passed over: 3 hidden (--hidden takes them), 1 link\n");
  EXPECT_EQ(files_line({.read = 1}, {}, 0), "1 file read, 0 changed\n");
}

TEST(Csv, QuotesOnlyWhatNeedsIt) {
  EXPECT_EQ(csv_field("a b"), "a b");
  EXPECT_EQ(csv_field("a,\"b\"\n"), "\"a,\"\"b\"\"\n\"");
}

TEST(JsonReport, IsOneObjectWhateverCame) {
  for (const int files : {0, 1, 2}) {
    std::ostringstream out;
    JsonReport json(out);
    const std::string latin = "caf\xE9";
    for (int i = 0; i < files; ++i) json.file({.name = "a", .found = {{.type = "PERSON", .tier = "model"}}, .output = &latin});
    json.left_out({"b.pdf", "is a PDF", "turn it into text"});
    json.finish(counts(), {.read = 1}, {}, 0);
    simdjson::dom::parser parser;
    simdjson::dom::array all;
    ASSERT_EQ(parser.parse(out.str())["files"].get(all), simdjson::SUCCESS) << out.str();
    EXPECT_EQ(all.size(), static_cast<std::size_t>(files) + 1);
  }
}

}  // namespace
}  // namespace demarc::cli
