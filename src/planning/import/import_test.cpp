#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "planning/import/csv_rows.hpp"
#include "planning/import/test_exports.hpp"

namespace demarc::planning {
namespace {

TEST(Import, ReadsOpenAiUsageWithTheCachedPartTakenOutOfTheInput) {
  const Read read = read_golden("openai-usage.json");
  EXPECT_EQ(read.read.format, "openai-usage");
  ASSERT_EQ(read.rows.size(), 14U);  // two pages, seven days, two models
  EXPECT_EQ(read.rows[0].usage.input_tokens, 1'501'000);
  EXPECT_EQ(read.rows[0].usage.cached_input_tokens, 500'000);
  EXPECT_EQ(format_rfc3339(read.rows[0].start), "2026-03-01T00:00:00.000Z");
  EXPECT_TRUE(read.rows[1].batch);
  EXPECT_EQ(read.rows[1].project, "proj_triage");
}

TEST(Import, ReadsOpenAiCostsByModel) {
  const Read read = read_golden("openai-costs.json");
  EXPECT_EQ(read.rows[0].model, "gpt-4.1-2025-04-14");
  EXPECT_EQ(read.rows[0].line_item, "gpt-4.1-2025-04-14, input");
  EXPECT_EQ(read.rows[0].cost->print(), "3.002000000000");
  EXPECT_EQ(read.rows[0].kind, RowKind::invoice);
}

TEST(Import, ReadsAnthropicUsageByCacheLife) {
  const Read read = read_golden("anthropic-usage.json");
  ASSERT_EQ(read.rows.size(), 2U);
  const Usage& usage = read.rows[0].usage;
  EXPECT_EQ(usage.input_tokens, 100'000);
  EXPECT_EQ(usage.cached_input_tokens, 180'000);
  EXPECT_EQ(usage.cache_write_tokens, 4000);
  EXPECT_EQ(usage.cache_write_1h_tokens, 1000);
}

TEST(Import, ReadsAnthropicCostsAsCents) { EXPECT_EQ(read_golden("anthropic-costs.json").rows[0].cost->print(), "0.495000000000"); }

TEST(Import, ReadsBedrockByTokenClassAndKeepsCreditsApart) {
  const Read read = read_golden("aws-cur.csv");
  ASSERT_EQ(read.rows.size(), 4U);
  EXPECT_EQ(read.read.other_services, 1);
  EXPECT_EQ(read.rows[0].model, "Claude4.6Sonnet");
  EXPECT_EQ(read.rows[0].usage.input_tokens, 1'500'000);
  EXPECT_EQ(read.rows[2].usage.cached_input_tokens, 4'000'000);
  EXPECT_EQ(read.rows[3].kind, RowKind::credit);
}

TEST(Import, ReadsBothOfAzuresForms) {
  const Read ea = read_golden("azure-ea.csv"), mca = read_golden("azure-mca.csv");
  EXPECT_EQ(ea.read.format, "azure-ea");
  EXPECT_EQ(ea.read.other_services, 1);
  EXPECT_EQ(format_rfc3339(ea.rows[0].start).substr(0, 10), "2026-03-01");
  EXPECT_EQ(mca.read.format, "azure-mca");
  EXPECT_EQ(mca.rows[0].currency, "EUR");
}

TEST(Import, ReadsGoogleNetOfItsCredits) {
  const Read read = read_golden("google-billing.jsonl");
  EXPECT_EQ(read.read.other_services, 1);
  EXPECT_EQ(read.rows[0].cost->print(), "2.000000000000");
}

TEST(Import, ReadsProxiesLogsAsRequestsWithTheirLatency) {
  const Read litellm = read_golden("litellm-spend.csv"), helicone = read_golden("helicone.csv"), langfuse = read_golden("langfuse.jsonl");
  EXPECT_EQ(litellm.read.format, "litellm-spend");
  EXPECT_EQ(litellm.rows[0].latency_ms, 2376);
  EXPECT_TRUE(litellm.rows[1].failed);
  EXPECT_EQ(helicone.rows[0].usage.input_tokens, 500);
  EXPECT_EQ(helicone.rows[0].workload, "copilot");
  EXPECT_EQ(langfuse.read.format, "langfuse");
  EXPECT_EQ(langfuse.rows[0].latency_ms, 4000);
}

TEST(Import, ReadsFocusAndItsCredits) {
  const Read read = read_golden("focus.csv");
  EXPECT_EQ(read.rows[0].model, "gpt-4.1");
  EXPECT_EQ(read.rows[0].provider, "openai");
  EXPECT_EQ(read.rows[1].kind, RowKind::credit);
  EXPECT_EQ(read.read.other_services, 1);
}

TEST(Import, ReadsPublicTraces) {
  const Read read = read_golden("trace.csv");  // CR LF, none at the end
  ASSERT_EQ(read.rows.size(), 3U);
  EXPECT_EQ(read.rows[2].usage.output_tokens, 109);
  EXPECT_EQ(read.rows[1].start.unix_ns - read.rows[0].start.unix_ns, 4'314'579'000);
}

TEST(Import, GivesEveryLineOfAMalformedFileAPlaceAndAReason) {
  const Read read = read_golden("malformed.csv");
  ASSERT_EQ(read.rows.size(), 2U);
  EXPECT_EQ(read.rows[1].cost->print(), "0.150000000000");
  EXPECT_EQ(read.rows[1].line, 8);
  ASSERT_EQ(read.rejected.size(), 5U);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(read.rejected[i].line, static_cast<std::int64_t>(i) + 3);
  EXPECT_NE(read.rejected[0].reason.find("3 fields where the first line names 7"), std::string::npos);
  EXPECT_NE(read.rejected[4].reason.find("never closed"), std::string::npos);
  for (const Rejected& r : read.rejected) EXPECT_EQ(r.reason.find("yesterday"), std::string::npos);
}

TEST(Import, LosesOnlyTheCutLinesOfJson) {
  const Read read = read_golden("malformed.jsonl");
  EXPECT_EQ(read.rows.size(), 2U);
  ASSERT_EQ(read.rejected.size(), 2U);
  EXPECT_EQ(read.rejected[0].line, 2);
  EXPECT_EQ(read.rejected[1].line, 4);
}

TEST(Import, ReadsWhatIsCountedBesideTokens) {
  std::istringstream audio(
      R"({"data":[{"start_time":1772366400,"results":[{"seconds":90.5,"num_model_requests":3,"model":"whisper-1","project_id":"p"}]},)"
      R"({"start_time":1772366400,"results":[{"images":4,"num_model_requests":2,"model":"dall-e-3"},{"input_tokens":7,"num_model_requests":1,"model":"e"}]}]})");
  const Read read = read_stream(audio);
  ASSERT_EQ(read.rows.size(), 3U);
  EXPECT_EQ(read.rows[0].usage.audio_ms, 90'500);
  EXPECT_EQ(read.rows[0].operation, "transcription");
  EXPECT_EQ(read.rows[1].images, 4);
  EXPECT_EQ(read.rows[1].operation, "image_generation");
  EXPECT_EQ(read.rows[2].usage.input_tokens, 7);
}

TEST(Import, KnowsOperationsByTheWordsOfGateways) {
  const std::string head = "request_id,call_type,spend,prompt_tokens,completion_tokens,startTime,model\n";
  std::istringstream in(head +
                        "1,acompletion,0.1,5,1,2026-03-01 10:00:00,m\n2,aembedding,0.1,5,0,2026-03-01 10:00:00,m\n3,arerank,0.1,5,0,2026-03-01 "
                        "10:00:00,m\n4,something-new,0.1,5,1,2026-03-01 10:00:00,m\n");
  std::string said;
  for (const Row& row : read_stream(in).rows) said += row.operation + ";";
  EXPECT_EQ(said, "chat;embedding;rerank;;");
}

TEST(Import, ReadsAnyCutOfAFileWithoutEnd) {
  for (const char* name : {"litellm-spend.csv", "openai-usage.json", "google-billing.jsonl", "focus.csv"}) {
    std::ifstream in(kGolden + name, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    const std::string whole = text.str();
    for (std::size_t cut = 0; cut < whole.size(); cut += 7) {
      std::istringstream part(whole.substr(0, cut));
      static_cast<void>(read_export(part, formats(), {.row = [](Row&&) {}, .rejected = [](const Rejected&) {}}));
    }
  }
}

TEST(Csv, ReadsRowsThatCrossItsPieces) {
  std::string text = "a,b\n";
  for (int i = 0; i < 60'000; ++i) text += "\"x,\n" + std::to_string(i) + "\",y\n";
  std::istringstream in(text);
  CsvRows rows(in);
  rows.next();
  for (int i = 0; i < 60'000; ++i) {
    const auto row = rows.next();
    ASSERT_TRUE(row && row->wrong.empty());
    ASSERT_EQ(row->fields[0], "x,\n" + std::to_string(i));
    ASSERT_EQ(row->line, 2 + 2 * i);
  }
  EXPECT_FALSE(rows.next());
}

TEST(ExportMoney, KeepsEveryDigitAndRoundsOnce) {
  EXPECT_EQ(parse_export_money("1.2e-05")->print(), "0.000012000000");
  EXPECT_EQ(parse_export_money("-0.5")->print(), "-0.500000000000");
  EXPECT_EQ(parse_export_money("0.0000000000005")->print(), "0.000000000000");
  EXPECT_EQ(parse_export_money("0.0000000000015")->print(), "0.000000000002");
  EXPECT_EQ(parse_export_money("123456.789012345678901")->print(), "123456.789012345679");
  for (const char* wrong : {"", "-", "1,000", "$1", "1e999", "1e", "abc", "1.2.3"}) EXPECT_FALSE(parse_export_money(wrong)) << wrong;
}

TEST(ExportTime, IsReadInEveryUnitSince1970) {
  const Instant noon = *parse_rfc3339("2026-03-01T12:00:00Z");
  for (const char* text : {"1772366400", "1772366400000", "1772366400000000", "1772366400000000000", "1772366400.0", "03/01/2026 12:00:00"})
    EXPECT_EQ(parse_export_time(text), noon) << text;
  for (const char* wrong : {"99999999999", "9999999999999999999", "99999999999999", "12345678901234567890123456", "1.2.3", "-5"})
    EXPECT_FALSE(parse_export_time(wrong)) << wrong;
}

// A row that a broken export makes enormous must not poison every sum that it goes into.
TEST(Import, RejectsARowOfImpossibleSizeWithItsLine) {
  const std::string head = "request_created_at,request_model,provider,prompt_tokens,completion_tokens,cost,request_id\n";
  const Read read = [&] {
    std::istringstream in(head + "2026-03-01T10:00:00Z,m,openai,4611686018427387903,1,0.5,r1\n2026-03-01T10:00:00Z,m,openai,10,1,1e20,r2\n" +
                          "2026-03-01T10:00:00Z,m,openai,10,1,-1e20,r3\n2026-03-01T10:00:00Z,m,openai,10,1,0.5,r4\n");
    return read_stream(in);
  }();
  ASSERT_EQ(read.rejected.size(), 3U);
  EXPECT_EQ(read.rejected[0].line, 2);
  EXPECT_NE(read.rejected[0].reason.find("prompt_tokens is no count"), std::string::npos);
  EXPECT_NE(read.rejected[1].reason.find("more than a row may cost"), std::string::npos);
  EXPECT_EQ(read.rows.size(), 1U);
}

TEST(Import, SaysWhatAFileIsThatIsNoText) {
  for (const auto& [bytes, says] : {std::pair("\x1f\x8b\x08", "gzip"), std::pair("PK\x03\x04", "ZIP"), std::pair("PAR1", "Parquet"),
                                    std::pair("\xff\xfe"
                                              "a",
                                              "UTF-16")}) {
    std::istringstream in(std::string(bytes) + "rest");
    const auto read = read_export(in, formats(), {.row = [](Row&&) {}, .rejected = [](const Rejected&) {}});
    ASSERT_FALSE(read.ok());
    EXPECT_NE(read.error().message.find(says), std::string::npos) << read.error().message;
  }
}

TEST(Import, ReadsJsonBehindAByteOrderMark) {
  std::ifstream file(kGolden + "openai-usage.json", std::ios::binary);
  std::stringstream text;
  text << "\xef\xbb\xbf" << file.rdbuf();
  EXPECT_EQ(read_stream(text).rows.size(), read_golden("openai-usage.json").rows.size());
}

TEST(Formats, RefuseAFieldThatDoesNotExist) {
  const auto wrong = read_formats("formats: [{name: x, needs: [a], fields: {start: a, modell: b}}]", "own.yaml");
  ASSERT_FALSE(wrong.ok());
  EXPECT_NE(wrong.error().find("modell"), std::string::npos);
}

TEST(Formats, AMappingIsReadAsItWasWritten) {
  const Format format{.name = "own",
                      .provider = "openai",
                      .kind = RowKind::invoice,
                      .needs = {"Day", "USD"},
                      .fields = {{"start", "Day"}, {"cost", "the \"USD\", all: of it"}}};
  const auto again = read_formats(print_mapping(format), "own.yaml");
  ASSERT_TRUE(again.ok()) << again.error();
  EXPECT_EQ(again->front().fields, format.fields);
}

}  // namespace
}  // namespace demarc::planning
