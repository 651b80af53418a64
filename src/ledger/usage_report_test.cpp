#include "ledger/usage_report.hpp"

#include <gtest/gtest.h>

#include "base/strings.hpp"

namespace demarc::ledger {
namespace {

const UsageQuery kByTeam{.by = {UsageBy::team}};

UsageRow row(std::string team, const char* usd) {
  UsageRow row{.group = {std::move(team)}, .requests = 2, .attempts = 3, .usd = *Money::parse(usd)};
  row.usage = {.input_tokens = 100, .cached_input_tokens = 20, .output_tokens = 7};
  row.compared = 1, row.compared_usd = *Money::parse("0.5"), row.alternative_usd = *Money::parse("0.25");
  return row;
}

TEST(UsageReport, PrintsATableThatEndsWithTheTotal) {
  EXPECT_EQ(format_usage(kByTeam, {row("claims", "1.23456789"), row("", "0.00000001")}, UsageFormat::table),
            "team    requests   in  out  audio s          usd  elsewhere\n"
            "claims         2  120    7                1.2346     0.2500\n"
            "-              2  120    7           0.000000010     0.2500\n"
            "total          4  240   14                1.2346     0.5000\n");
}

TEST(UsageReport, ShowsTwoDigitsOfTheLeastAndFourDecimalsOfTheRest) {
  for (const auto& [usd, shown] : std::initializer_list<std::pair<const char*, const char*>>{{"0", " 0.0000 "},
                                                                                             {"0.0012", " 0.0012 "},
                                                                                             {"0.00099", " 0.00099 "},
                                                                                             {"0.000999", " 0.00100 "},
                                                                                             {"0.0000246", " 0.000025 "},
                                                                                             {"0.000000000001", " 0.000000000001 "}})
    EXPECT_NE(format_usage(kByTeam, {row("t", usd)}, UsageFormat::table).find(shown), std::string::npos) << usd;
}

TEST(UsageReport, NeverShowsUnpricedAsFree) {
  UsageRow unknown{.group = {"t"}, .requests = 1, .attempts = 1, .unpriced = 1};
  EXPECT_NE(format_usage(kByTeam, {unknown}, UsageFormat::table).find("unpriced"), std::string::npos);
  EXPECT_NE(format_usage(kByTeam, {unknown, row("u", "1")}, UsageFormat::table).find("1.0000+?"), std::string::npos);
}

TEST(UsageReport, KeepsTheTableWithin80Columns) {
  const std::string table = format_usage(kByTeam, {row(std::string(60, 'a') + "é" + std::string(60, 'b'), "123456789")}, UsageFormat::table);
  for (const std::string_view line : split(table, '\n')) EXPECT_LE(count_code_points(line), 80U) << line;
  EXPECT_NE(table.find("a…b"), std::string::npos) << table;
}

TEST(UsageReport, PrintsCsvWithTwelveDecimals) {
  EXPECT_EQ(format_usage(kByTeam, {row("a,\"b\"", "0.00000001")}, UsageFormat::csv),
            "team,requests,attempts,input_tokens,cached_input_tokens,cache_write_tokens,cache_write_1h_tokens,output_tokens,reasoning_tokens,"
            "input_audio_tokens,audio_seconds,pages,usd,unpriced_attempts,compared_attempts,compared_usd,alternative_usd\r\n"
            "\"a,\"\"b\"\"\",2,3,100,20,,,7,,,,,0.000000010000,0,1,0.500000000000,0.250000000000\r\n");
}

TEST(UsageReport, DisarmsFormulasInCsv) {
  EXPECT_NE(format_usage(kByTeam, {row("=1+1", "0")}, UsageFormat::csv).find("\n'=1+1,"), std::string::npos);
}

TEST(UsageReport, PrintsJsonWithRowsAndTotal) {
  const std::string numbers =
      R"("requests":2,"attempts":3,"input_tokens":100,"cached_input_tokens":20,"cache_write_tokens":null,"cache_write_1h_tokens":null,)"
      R"("output_tokens":7,"reasoning_tokens":null,"input_audio_tokens":null,"audio_seconds":null,"pages":null,"usd":"1.000000000001","unpriced_attempts":0,)"
      R"("alternative":{"attempts":1,"here_usd":"0.500000000000","there_usd":"0.250000000000"}})";
  EXPECT_EQ(format_usage(kByTeam, {row("claims", "1.000000000001")}, UsageFormat::json),
            R"({"by":["team"],"since":null,"until":null,"rows":[{"team":"claims",)" + numbers + R"(],"total":{)" + numbers + "}\n");
}

}  // namespace
}  // namespace demarc::ledger
