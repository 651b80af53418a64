#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "planning/import/csv_rows.hpp"
#include "planning/import/reconcile.hpp"
#include "planning/import/usage_book.hpp"

namespace demarc::planning {
namespace {

const std::string kGolden = std::string(DEMARC_SOURCE_DIR) + "/tests/golden/planning/";

const std::vector<Format>& formats() {
  static const auto read = read_formats(builtin_formats(), "built in");
  EXPECT_TRUE(read.ok()) << read.error();
  return *read;
}

struct Read {
  ExportRead read;
  std::vector<Row> rows;
  std::vector<Rejected> rejected;
};
Read read_stream(std::istream& in) {
  Read out;
  auto read =
      read_export(in, formats(),
                  {.row = [&](Row&& row) { out.rows.push_back(std::move(row)); }, .rejected = [&](const Rejected& r) { out.rejected.push_back(r); }});
  EXPECT_TRUE(read.ok()) << read.error().message;
  if (read) out.read = *read;
  return out;
}
Read read_golden(const char* name) {
  std::ifstream in(kGolden + name, std::ios::binary);
  return read_stream(in);
}

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

class Book : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("demarc-import-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    auto opened = UsageBook::open(folder_ / "plan.sqlite");
    ASSERT_TRUE(opened.ok()) << opened.error();
    book_ = std::make_unique<UsageBook>(std::move(*opened));
  }
  void TearDown() override { book_.reset(), std::filesystem::remove_all(folder_); }
  Imported import(const std::string& path) {
    auto imported = book_->import(path, formats(), [](std::uint64_t) {});
    EXPECT_TRUE(imported.ok()) << imported.error().message;
    return imported ? *imported : Imported{};
  }
  std::string written(const char* name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }
  std::filesystem::path folder_;
  std::unique_ptr<UsageBook> book_;
};

TEST_F(Book, CountsARequestOnceThatTwoLinesTellOf) {
  const Imported imported = import(kGolden + "litellm-spend.csv");
  EXPECT_EQ(imported.read.rows, 3);
  EXPECT_EQ(imported.duplicates, 1);
  const auto days = book_->days();
  ASSERT_EQ(days->size(), 1U);
  EXPECT_EQ(days->front().requests, 1);  // and the failed one is not usage
  EXPECT_EQ(days->front().cost.print(), "0.001230000000");
}

TEST_F(Book, RefusesTheSameFileTwice) {
  import(kGolden + "focus.csv");
  const auto again = book_->import(kGolden + "focus.csv", formats(), [](std::uint64_t) {});
  ASSERT_FALSE(again.ok());
  EXPECT_NE(again.error().message.find("imported before"), std::string::npos);
}

TEST_F(Book, KeepsTheFirstOfTwoContradictingExportsAndTells) {
  const std::string head = "request_created_at,request_model,provider,prompt_tokens,completion_tokens,cost,request_id\n";
  import(written("a.csv", head + "2026-03-01T10:00:00Z,m,openai,10,1,0.5,r1\n"));
  const Imported second = import(written("b.csv", head + "2026-03-01T10:00:00Z,m,openai,10,1,0.7,r1\n"));
  EXPECT_EQ(second.contradictions, 1);
  EXPECT_EQ(book_->days()->front().cost.print(), "0.500000000000");
  EXPECT_EQ(book_->findings()->front().kind, FindingKind::contradiction);
}

// One number of each vendor's export, as another export might have it.
struct OtherNumber {
  const char *file, *from, *to;
};
void PrintTo(const OtherNumber& changed, std::ostream* out) { *out << changed.file; }
class EveryVendor : public Book, public testing::WithParamInterface<OtherNumber> {
 protected:
  static std::string whole() {
    std::ifstream in(kGolden + GetParam().file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::string counted() {
    std::string out;
    const auto days = book_->days();
    for (const DayTotal& day : *days)
      out += day.provider + " " + day.model + " " + day.day + " " + std::to_string(day.rows) + " " + std::to_string(day.requests) + " " +
             day.cost.print() + " " + std::to_string(day.usage.total_input()) + " " + std::to_string(day.usage.output_tokens.value_or(0)) + "\n";
    return out;
  }
};
INSTANTIATE_TEST_SUITE_P(
    Import, EveryVendor,
    testing::Values(OtherNumber{"openai-usage.json", "\"output_tokens\": 300000", "\"output_tokens\": 300001"},
                    OtherNumber{"openai-costs.json", "\"value\": 3.002", "\"value\": 3.102"},
                    OtherNumber{"anthropic-usage.json", "\"output_tokens\": 8000", "\"output_tokens\": 8001"},
                    OtherNumber{"anthropic-costs.json", "\"amount\": \"49.5\"", "\"amount\": \"48.5\""},
                    OtherNumber{"aws-cur.csv", ",4.5,USD", ",4.6,USD"}, OtherNumber{"azure-ea.csv", ",2.4,USD,Usage,\"", ",2.5,USD,Usage,\""},
                    OtherNumber{"azure-mca.csv", ",2.4,EUR", ",2.5,EUR"},
                    OtherNumber{"google-billing.jsonl", "\"cost\": \"3.25\"", "\"cost\": \"3.26\""}, OtherNumber{"focus.csv", "12.5,acc", "12.6,acc"},
                    OtherNumber{"litellm-spend.csv", "0.00123,1100", "0.00124,1100"}, OtherNumber{"helicone.csv", ",0.0049,", ",0.0048,"},
                    OtherNumber{"langfuse.jsonl", "\"output\": 250", "\"output\": 251"}));

TEST_P(EveryVendor, IsKnownAgainInAnOverlappingExport) {
  const Imported first = import(kGolden + GetParam().file);
  const std::string before = counted();
  const Imported again = import(written("again", whole() + "\n"));
  EXPECT_EQ(again.duplicates, first.read.rows);
  EXPECT_EQ(again.contradictions, 0);
  EXPECT_EQ(counted(), before);
}

TEST_P(EveryVendor, KeepsTheFirstOfTwoNumbersAndTells) {
  import(kGolden + GetParam().file);
  const std::string before = counted();
  std::string text = whole();
  const std::size_t at = text.find(GetParam().from);
  ASSERT_NE(at, std::string::npos);
  const Imported other = import(written("other", text.replace(at, std::string_view(GetParam().from).size(), GetParam().to)));
  EXPECT_EQ(other.contradictions, 1);
  EXPECT_EQ(counted(), before);
}

TEST_P(EveryVendor, TellsOfTheRowThatWasCut) {
  const std::string text = whole();
  const Read uncut = read_golden(GetParam().file);
  const bool page = std::string_view(GetParam().file).ends_with(".json");
  // A page that ends within its last bucket; lines whose last one, here once more, ends in its middle.
  const std::size_t last = page ? text.rfind("\"results\"") : text.find_last_of('\n', text.size() - 2) + 1, half = (text.size() - last) / 2;
  std::istringstream in(page ? text.substr(0, last + half) : text + text.substr(last, half));
  const Read cut = read_stream(in);
  if (page)
    EXPECT_TRUE(cut.read.rows > 0 && cut.read.rows < uncut.read.rows) << cut.read.rows;
  else
    EXPECT_EQ(cut.read.rows + cut.read.other_services, uncut.read.rows + uncut.read.other_services);
  EXPECT_GT(cut.read.rejected, 0);
}

TEST_F(Book, CountsAlikeRowsHoweverFarTheyStandApart) {
  const auto row = [](int minute, int tokens) {
    return R"({"start_time":)" + std::to_string(1772323200 + minute * 60) + R"(,"results":[{"model":"m","input_tokens":)" + std::to_string(tokens) +
           R"(,"output_tokens":1,"num_model_requests":1}]},)";
  };
  std::string text = "{\"data\":[";
  for (int i = 0; i < 50'001; ++i) text += row(i, 10);  // more than are remembered
  text += row(0, 30), text.back() = ']';
  const Imported imported = import(written("many.json", text + "}"));
  EXPECT_EQ(imported.contradictions, 0);
  std::int64_t requests = 0;
  const auto days = book_->days();
  for (const DayTotal& day : *days) requests += day.requests;
  EXPECT_EQ(requests, 50'002);
}

TEST_F(Book, KnowsAgainWhatAnEarlierVersionImported) {
  import(kGolden + "focus.csv");
  {  // as version 2 wrote it: sixteen bytes of the digest
    store::Connection& c = book_->connection();
    store::Statement& read = **c.prepare("SELECT id, identity FROM rows");
    store::Statement& write = **c.prepare("UPDATE rows SET identity = ? WHERE id = ?");
    while (*c.step(read)) {
      const std::string now = read.text(1), then = now.substr(4, 12) + "more" + now.substr(16);
      write.bind(1, std::string_view(then)), write.bind(2, read.number(0));
      ASSERT_TRUE(c.run(write).ok());
    }
    c.reset(read);
    ASSERT_TRUE(c.execute("PRAGMA user_version = 2").ok());
  }
  book_ = std::make_unique<UsageBook>(*UsageBook::open(folder_ / "plan.sqlite"));
  std::ifstream in(kGolden + "focus.csv");
  const Imported again = import(written("again.csv", std::string(std::istreambuf_iterator<char>(in), {}) + "\n"));
  EXPECT_GT(again.read.rows, 0);
  EXPECT_EQ(again.duplicates, again.read.rows);
}

TEST_F(Book, CountsRowsThatDifferInWhatNobodyReads) {
  const std::string head = "{\"object\":\"page\",\"next_page\":\"";
  const std::string page =
      "\",\"data\":[{\"start_time\":1772323200,\"end_time\":1772409600,\"results\":["
      "{\"user_id\":\"a\",\"model\":\"m\",\"input_tokens\":10,\"output_tokens\":1,\"num_model_requests\":1},"
      "{\"user_id\":\"b\",\"model\":\"m\",\"input_tokens\":10,\"output_tokens\":1,\"num_model_requests\":1},"
      "{\"user_id\":\"c\",\"model\":\"m\",\"input_tokens\":30,\"output_tokens\":3,\"num_model_requests\":3}]}]}\n";
  // The second page brings the same bucket again, as when pages were fetched twice.
  const Imported imported = import(written("users.jsonl", head + "x" + page + head + "y" + page));
  EXPECT_EQ(imported.duplicates, 3);
  EXPECT_EQ(imported.contradictions, 0);
  EXPECT_EQ(book_->days()->front().requests, 5);
  EXPECT_EQ(book_->days()->front().usage.input_tokens, 50);
  EXPECT_EQ(book_->findings()->front().kind, FindingKind::alike);
  // Another export in which one of them has other numbers.
  std::string other = head + "x" + page;
  other.replace(other.find("30,"), 3, "31,");
  const Imported second = import(written("other.jsonl", other));
  EXPECT_EQ(second.duplicates, 2);
  EXPECT_EQ(second.contradictions, 1);
  EXPECT_EQ(book_->days()->front().usage.input_tokens, 50);
}

TEST_F(Book, CountsEqualRequestsOfALogEachAndThoseOfAnOverlappingExportOnce) {
  const std::string head = "TIMESTAMP,ContextTokens,GeneratedTokens\n", same = "2026-03-01 10:00:00.0,10,1\n", other = "2026-03-01 10:00:01.0,10,1\n";
  EXPECT_EQ(import(written("a.csv", head + same + same + other)).duplicates, 0);
  const Imported second = import(written("b.csv", head + same + same + same + other + "2026-03-01 10:00:02.0,10,1\n"));
  EXPECT_EQ(second.duplicates, 3);
  EXPECT_EQ(book_->days()->front().requests, 5);
}

TEST_F(Book, KeepsTheFirstTenThousandFindingsOfAKindAndTheNumberOfTheRest) {
  std::string text = "TIMESTAMP,ContextTokens,GeneratedTokens\n2026-03-01 10:00:00.0,10,1\n";
  for (int i = 0; i < 10'007; ++i) text += "never,10,1\n";
  EXPECT_EQ(import(written("bad.csv", text)).read.rejected, 10'007);
  const auto findings = book_->findings(100'000);
  ASSERT_EQ(findings->size(), 10'001U);
  EXPECT_NE(findings->front().message.find("and 7 more lines"), std::string::npos) << findings->front().message;
}

TEST_F(Book, FindsTheDayThatIsMissing) {
  std::string text = "request_created_at,request_model,provider,prompt_tokens,completion_tokens,cost,request_id\n";
  for (int day = 1; day <= 14; ++day)
    if (day != 9)
      text += "2026-03-" + std::string(day < 10 ? "0" : "") + std::to_string(day) + "T10:00:00Z,m,openai,10,1,0.5,r" + std::to_string(day) + "\n";
  import(written("gap.csv", text));
  const auto findings = book_->findings();
  ASSERT_EQ(findings->size(), 1U);
  EXPECT_EQ(findings->front().kind, FindingKind::gap);
  EXPECT_NE(findings->front().message.find("2026-03-09"), std::string::npos);
}

TEST_F(Book, ReconcilesUsageToTheInvoiceAndNamesTheRest) {
  import(kGolden + "openai-usage.json");
  import(kGolden + "openai-costs.json");
  static const auto prices = ledger::PriceBook::load({ledger::builtin_prices()});
  const Reconciliation found = reconcile(*book_->days(), *prices);
  EXPECT_EQ(found.difference().print(), "2.500000000000");
  ASSERT_EQ(found.causes.size(), 1U);
  EXPECT_EQ(found.causes[0].cause, Cause::not_metered);
  EXPECT_EQ(found.causes[0].what, "web search tool calls");
  EXPECT_EQ(found.unexplained_share(), 0);
}

TEST(Reconcile, SplitsEveryDifferenceIntoCausesThatAddUpToIt) {
  static const auto prices = ledger::PriceBook::load({ledger::builtin_prices()});
  const auto usage = [](const char* model, const char* day, std::int64_t input) {
    return DayTotal{
        .kind = RowKind::usage, .provider = "openai", .model = model, .day = day, .currency = "USD", .usage = {.input_tokens = input}, .rows = 1};
  };
  const auto bill = [](const char* model, const char* day, const char* usd, RowKind kind = RowKind::invoice) {
    return DayTotal{.kind = kind, .provider = "openai", .model = model, .day = day, .currency = "USD", .rows = 1, .cost = *Money::parse(usd)};
  };
  const std::vector<DayTotal> days = {usage("gpt-4.1", "2026-03-01", 50'000'000), bill("gpt-4.1", "2026-03-01", "90"),
                                      usage("gpt-4.1", "2026-03-02", 25'000'000), bill("gpt-4.1", "2026-03-02", "45"),  // 10 % off
                                      bill("gpt-4.1", "2026-03-03", "45"),        usage("gpt-4.1-mini", "2026-03-01", 1'000'000),
                                      usage("own-tuned", "2026-03-01", 5),        bill("own-tuned", "2026-03-01", "7"),
                                      bill("images", "2026-03-01", "11"),         bill("credit", "2026-03-01", "-3", RowKind::credit)};
  const Reconciliation found = reconcile(days, *prices);
  Money sum;
  std::vector<Cause> causes;
  for (const CausePart& part : found.causes) sum += part.usd, causes.push_back(part.cause);
  EXPECT_EQ(sum, found.difference());
  for (const Cause cause : {Cause::credits, Cause::not_metered, Cause::missing_usage, Cause::missing_invoice, Cause::unpriced, Cause::price})
    EXPECT_NE(std::ranges::find(causes, cause), causes.end()) << to_string(cause);
  EXPECT_EQ(found.unexplained, Money{});
}

TEST(Reconcile, CallsABillThatWandersUnexplained) {
  static const auto prices = ledger::PriceBook::load({ledger::builtin_prices()});
  std::vector<DayTotal> days;
  for (const auto& [day, usd] : std::vector<std::pair<const char*, const char*>>{{"2026-03-01", "90"}, {"2026-03-02", "130"}}) {
    days.push_back({.kind = RowKind::usage,
                    .provider = "openai",
                    .model = "gpt-4.1",
                    .day = day,
                    .currency = "USD",
                    .usage = {.input_tokens = 50'000'000},
                    .rows = 1});
    days.push_back(
        {.kind = RowKind::invoice, .provider = "openai", .model = "gpt-4.1", .day = day, .currency = "USD", .rows = 1, .cost = *Money::parse(usd)});
  }
  EXPECT_GT(reconcile(days, *prices).unexplained_share(), 0.05);
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
