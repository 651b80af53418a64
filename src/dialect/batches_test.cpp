#include "dialect/batches.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace demarc::dialect {
namespace {

using ::testing::ElementsAre;

std::string line(const std::string& id, const std::string& body = R"({"model":"m","seed":1.50})") {
  return R"({"custom_id":")" + id + R"(","method":"POST","url":"/v1/embeddings","body":)" + body + "}";
}

BatchInput input_of(const std::string& text, std::size_t cut = std::string::npos) {
  BatchInput input("/v1/embeddings", {.lines = 5, .line_bytes = 1'000});
  for (std::size_t at = 0; at < text.size(); at += std::min(cut, text.size() - at)) input.feed(std::string_view(text).substr(at, cut));
  input.end();
  return input;
}

TEST(BatchBody, IsTheBytesBetweenItsBraces) {
  EXPECT_EQ(read_batch_body("{\"body\": {\"input\" : \"x\"}\t }"), "{\"input\" : \"x\"}");
  EXPECT_EQ(read_batch_body("{\"body\":{} ,\"method\":\"POST\"}"), "{}");
}

TEST(BatchInput, FindsTheSameLinesHoweverTheBytesAreCut) {
  const std::string text = line("a") + "\n\n" + line("b") + "\r\n" + line("ü");
  const BatchInput whole = input_of(text);
  ASSERT_EQ(whole.errors, std::vector<JobError>());
  ASSERT_EQ(whole.pieces.size(), 3U);
  EXPECT_EQ(whole.pieces[1].number, 3);
  for (std::size_t cut = 1; cut < text.size(); ++cut) EXPECT_EQ(input_of(text, cut).pieces, whole.pieces) << cut;
  for (const Piece& piece : whole.pieces) {
    const std::string body = read_batch_body(text.substr(static_cast<std::size_t>(piece.offset), static_cast<std::size_t>(piece.bytes)));
    EXPECT_EQ(body, R"({"model":"m","seed":1.50})");  // byte for byte
    EXPECT_GE(body.capacity(), body.size() + 64);
  }
}

TEST(BatchInput, SaysOnceThatThereAreTooManyLines) {
  std::string text;
  for (int i = 0; i < 9; ++i) text += line(std::to_string(i)) + "\n";
  EXPECT_THAT(input_of(text).errors,
              ElementsAre(JobError{.code = "max_requests_exceeded", .message = "The input file has more than 5 requests.", .line = 6}));
}

TEST(BatchInput, ListsNoMoreErrorsThanItMay) {
  BatchInput input("/v1/embeddings", {});
  for (int i = 0; i < 1'000; ++i) input.feed("wrong\n");
  input.end();
  EXPECT_EQ(input.errors.size(), kMostBatchErrors);
  EXPECT_EQ(input.errors.back().line, 100);
}

TEST(BatchInput, RefusesALineThatIsLongerThanARequest) {
  EXPECT_EQ(input_of(line("a", "{\"x\":\"" + std::string(1'000, 'x') + "\"}")).errors[0].code, "line_too_long");
}

TEST(BatchResults, StandOnOneLineWithTheirBytesAsTheyCame) {
  const Piece piece{.number = 3, .custom_id = "say \"hi\"\n"};
  EXPECT_EQ(result_line(piece,
                        {.status = 200, .request_id = "req_1", .content_type = "application/json", .body = "{\n \"a\": 1.50,\n \"b\": \"x y\"\n}\n"}),
            "{\"id\":\"batch_req_1\",\"custom_id\":\"say "
            "\\\"hi\\\"\\n\",\"response\":{\"status_code\":200,\"request_id\":\"req_1\",\"body\":{\"a\":1.50,\"b\":\"x y\"}},"
            "\"error\":null}\n");
  EXPECT_EQ(result_line(piece, {.status = 200, .request_id = "req_1", .content_type = "text/plain", .body = "1\n2"}),
            "{\"id\":\"batch_req_1\",\"custom_id\":\"say "
            "\\\"hi\\\"\\n\",\"response\":{\"status_code\":200,\"request_id\":\"req_1\",\"body\":\"1\\n2\"},\"error\":null}\n");
  EXPECT_THAT(result_line(piece, {.status = 502, .request_id = "req_1", .content_type = "application/json", .body = "{\"cut"}),
              ::testing::HasSubstr(R"("body":"{\"cut")"));
}

TEST(BatchOrder, NamesTheFieldThatIsWrong) {
  const auto param = [](const std::string& body) { return read_batch_order(body).error().param; };
  const std::string rest = R"("endpoint":"/v1/embeddings","completion_window":"24h")";
  EXPECT_EQ(read_batch_order("{\"input_file_id\":\"f\"," + rest + ",\"metadata\":{\"a\":\"b\"}}")->metadata, R"({"a":"b"})");
  EXPECT_EQ(param("{" + rest + "}"), "input_file_id");
  EXPECT_EQ(param(R"({"input_file_id":7,)" + rest + "}"), "input_file_id");
  EXPECT_EQ(param(R"({"input_file_id":"f","endpoint":"/v1/audio/transcriptions","completion_window":"24h"})"), "endpoint");
  EXPECT_EQ(param(R"({"input_file_id":"f","endpoint":"/v1/embeddings","completion_window":"1h"})"), "completion_window");
  EXPECT_EQ(read_batch_order("[]").error().kind, ErrorKind::bad_request);
}

TEST(FilesOrder, IsOfAKindThatHasAnEndpointOrRefused) {
  const auto param = [](const std::string& body) { return read_files_order(body).error().param; };
  const auto order = read_files_order(R"({"kind":"ocr","file_ids":["a"],"options":{"table_format":"html"}})");
  ASSERT_TRUE(order);
  EXPECT_EQ(order->kind, JobKind::ocr);
  EXPECT_EQ(order->endpoint, "/v1/ocr");
  EXPECT_EQ(order->options, R"({"table_format":"html"})");
  EXPECT_EQ(param(R"({"kind":"ocr","file_ids":["a"],"options":{"pages":"0-3"}})"), "options.pages");
  EXPECT_EQ(param(R"({"kind":"ocr","file_ids":["a"],"options":{"document":"x"}})"), "options.document");
  EXPECT_EQ(param(R"({"kind":"dance","file_ids":["a"]})"), "kind");
  EXPECT_TRUE(read_files_order(R"({"kind":"image_classification","file_ids":["a"],"options":{"examples":[{"image":"data:","label":"x"}]}})"));
}

TEST(FilesOrder, TurnsOptionsIntoFieldsOfAForm) {
  const auto order = read_files_order(
      R"({"kind":"transcription","file_ids":["a","b"],"options":{"model":"m","temperature":0.5,"demarc_clean":false,"redact_types":["X","Y"]}})");
  ASSERT_TRUE(order);
  EXPECT_THAT(order->files, ElementsAre("a", "b"));
  EXPECT_THAT(read_options(order->options), ElementsAre(FormField{"model", "m"}, FormField{"temperature", "0.5"}, FormField{"demarc_clean", "false"},
                                                        FormField{"redact_types", "X"}, FormField{"redact_types", "Y"}));
}

TEST(BatchJson, ShowsFilesOnlyOfWhatIsOver) {
  Job job{.id = "batch_1",
          .state = JobState::in_progress,
          .endpoint = "/v1/embeddings",
          .input_file = "in",
          .window = "24h",
          .created = {5'000'000'000},
          .output_file = "out"};
  job.total = 3, job.completed = 1;
  EXPECT_THAT(batch_json(job), ::testing::HasSubstr(R"("status":"in_progress","output_file_id":null)"));
  job.state = JobState::cancelled, job.ended = Instant{9'000'000'000};
  EXPECT_THAT(batch_json(job), ::testing::HasSubstr(R"("output_file_id":"out","error_file_id":null,"created_at":5)"));
  EXPECT_THAT(batch_json(job), ::testing::HasSubstr(R"("completed_at":null)"));
  EXPECT_THAT(batch_json(job), ::testing::HasSubstr(R"("cancelled_at":9,"request_counts":{"total":3,"completed":1,"failed":0})"));
}

}  // namespace
}  // namespace demarc::dialect
