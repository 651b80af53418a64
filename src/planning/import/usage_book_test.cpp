#include "planning/import/usage_book.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "planning/import/reconcile.hpp"
#include "planning/import/test_exports.hpp"

namespace demarc::planning {
namespace {

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

}  // namespace
}  // namespace demarc::planning
