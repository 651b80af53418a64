#include "dialect/redactions.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "dialect/presidio.hpp"

namespace demarc::dialect {
namespace {

RedactionsCall call(std::string body) {
  auto read = read_redactions(body, {});
  EXPECT_TRUE(read) << read.error().message;
  return std::move(*read);
}

std::string refusal(std::string body, RedactionsLimits limits = {}) {
  const auto read = read_redactions(body, limits);
  return read ? "taken" : read.error().param + ": " + read.error().message;
}

TEST(Redactions, TakeOneTextOrAList) {
  EXPECT_EQ(call(R"({"input":"a"})").input.size(), 1U);
  EXPECT_EQ(call(R"({"input":["a","b\n"],"mode":"redact"})").input[1].leaves[0].text, "b\n");
}

TEST(Redactions, ReadAJsonValueLeafByLeafKeysAndNumbersToo) {
  const auto read = call(R"({"input":[{"a/b":[{"c":"x"},12],"t":true}]})");
  std::vector<std::string> seen;
  for (const auto& leaf : read.input[0].leaves) seen.push_back(leaf.path + "=" + leaf.text);
  EXPECT_EQ(seen, (std::vector<std::string>{"/a~1b=a/b", "/a~1b/0/c=c", "/a~1b/0/c=x", "/a~1b/1=12", "/t=t"}));
}

TEST(Redactions, PutOutputsBackIntoTheJsonValueAndLeaveTheRestAsItCame) {
  auto read = call(R"({"input":[{ "card" : 4111111111111111, "note":"say \"hi\"" }]})");
  for (auto& leaf : read.input[0].leaves) leaf.output = leaf.path == "/card" && leaf.text != "card" ? "CARD" : leaf.text;
  EXPECT_EQ(redactions_body("red_1", read), R"({"id":"red_1","results":[{"output":{ "card" : "CARD", "note":"say \"hi\"" },"findings":[]}]})");
}

TEST(Redactions, TakeFilesFromJsonAndFromForms) {
  const auto json = call(R"({"input":[{"file":{"filename":"a.csv","data":"YSxi"}},{"file":"a value","data":1}]})");
  ASSERT_TRUE(json.input[0].file);
  EXPECT_EQ(json.input[0].file->bytes, "a,b");
  EXPECT_FALSE(json.input[1].file);
  const std::string body =
      "--B\r\nContent-Disposition: form-data; name=\"mode\"\r\n\r\nredact\r\n--B\r\nContent-Disposition: form-data; name=\"types\"\r\n\r\nA, B\r\n"
      "--B\r\nContent-Disposition: form-data; name=\"file[]\"; filename=\"a.csv\"\r\n\r\na,b\r\n--B--\r\n";
  const auto form = read_redactions_form(body, "multipart/form-data; boundary=B", {});
  ASSERT_TRUE(form) << form.error().message;
  EXPECT_EQ(form->mode, "redact");
  EXPECT_EQ(form->types, (std::vector<std::string>{"A", "B"}));
  EXPECT_EQ(form->input[0].file->filename + "=" + form->input[0].file->bytes, "a.csv=a,b");
}

TEST(Redactions, LetOneBadInputNotFailTheOthersIfAsked) {
  EXPECT_EQ(refusal(R"({"input":["a",7]})"), "input[1]: expected a text or a JSON value");
  auto read = call(R"({"on_error":"continue","input":["a",7,{"file":{"data":"?"}}]})");
  read.input[0].leaves[0].output = "a";
  EXPECT_EQ(redactions_body("red_1", read), R"({"id":"red_1","results":[{"output":"a","findings":[]},)"
                                            R"({"error":{"message":"expected a text or a JSON value","param":"input[1]"}},)"
                                            R"({"error":{"message":"expected base64","param":"input[2].file.data"}}]})");
  EXPECT_EQ(refusal(R"({"on_error":"shrug","input":"a"})"), "on_error: expected fail or continue");
}

TEST(Redactions, AnswerALineForALine) {
  auto read = read_redactions_lines("\"a\"\n{\"b\":\"c\"}\nbroken\n", "mode=redact&operator=mask", {});
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->mode + read->op, "redactmask");
  for (auto& input : read->input)
    for (auto& leaf : input.leaves) leaf.output = leaf.text;
  const std::string answer = redactions_body("red_1", *read);
  EXPECT_TRUE(answer.starts_with("{\"output\":\"a\",\"findings\":[]}\n{\"output\":{\"b\":\"c\"},\"findings\":[]}\n{\"error\":{\"message\":"))
      << answer;
  EXPECT_EQ(std::count(answer.begin(), answer.end(), '\n'), 3);
  EXPECT_FALSE(read_redactions_lines("\"a\"", "mod=redact", {}));
}

TEST(Redactions, NameTheFieldThatIsWrong) {
  EXPECT_EQ(refusal(R"({"mode":"detect"})"), "input: missing: a text, a JSON object, or a list of these");
  EXPECT_EQ(refusal(R"({"input":[1]})"), "input[0]: expected a text or a JSON value");
  EXPECT_EQ(refusal(R"({"input":"a","mode":7})"), "mode: expected a text");
  EXPECT_EQ(refusal("[1]"), ": expected a JSON object");
}

TEST(Redactions, HaveALimitOnInputsAndLeaves) {
  EXPECT_EQ(refusal(R"({"input":["a","b","c"]})", {.inputs = 2}), "input: at most 2 inputs in one call");
  EXPECT_EQ(refusal(R"({"input":[["a","b"],["c","d"]]})", {.leaves = 3}), "input[1]: the input holds more values than are taken in one call");
}

FoundInText found(std::string type, std::size_t start, std::size_t end, float score = 1) {
  return {.type = std::move(type), .kind = {}, .reason = {}, .start = start, .end = end, .score = score, .tier = "structured"};
}

TEST(Presidio, AnswersWithItsFieldsAndOffsetsInCodePoints) {
  std::string body = R"({"text":"é a@b.co","language":"en"})";
  const auto ask = read_presidio_analyze(body);
  ASSERT_TRUE(ask);
  EXPECT_EQ(presidio_results_body(*ask, {{found("EMAIL_ADDRESS", 2, 8)}}),
            R"([{"entity_type":"EMAIL_ADDRESS","start":2,"end":8,"score":1.00,"analysis_explanation":null}])");
}

TEST(Presidio, KeepsToEntitiesThresholdAndAllowList) {
  std::string body = R"({"text":"x a@b.co 12","entities":["EMAIL_ADDRESS","AGE"],"score_threshold":0.5,"allow_list":["a@b.co"]})";
  const auto ask = read_presidio_analyze(body);
  ASSERT_TRUE(ask);
  EXPECT_EQ(presidio_results_body(*ask, {{found("EMAIL_ADDRESS", 2, 8), found("AGE", 9, 11, 0.4F), found("PERSON", 0, 1)}}), "[]");
}

std::string anonymized(std::string body) {
  const auto order = read_presidio_anonymize(body);
  if (!order) return order.error().param + ": " + order.error().message;
  return presidio_anonymized_body(
      *order, [](std::string_view type, std::string_view value) { return std::string(type) + "#" + std::to_string(value.size()); });
}

TEST(Presidio, ReplacesByTheTypesNameUnlessToldOtherwise) {
  EXPECT_EQ(
      anonymized(
          R"({"text":"é Ann, 0123","analyzer_results":[{"start":2,"end":5,"entity_type":"PERSON","score":0.8},{"start":7,"end":11,"entity_type":"PIN","score":1}],)"
          R"("anonymizers":{"PIN":{"type":"mask","masking_char":"*","chars_to_mask":3,"from_end":true}}})"),
      R"({"text":"é <PERSON>, 0***","items":[{"start":12,"end":16,"entity_type":"PIN","text":"0***","operator":"mask"},)"
      R"({"start":2,"end":10,"entity_type":"PERSON","text":"<PERSON>","operator":"replace"}]})");
}

TEST(Presidio, OfTwoOverlappingResultsTheSurerStays) {
  EXPECT_EQ(
      anonymized(
          R"({"text":"abcdef","analyzer_results":[{"start":0,"end":4,"entity_type":"A","score":0.5},{"start":2,"end":6,"entity_type":"B","score":0.9}]})"),
      R"({"text":"ab<B>","items":[{"start":2,"end":5,"entity_type":"B","text":"<B>","operator":"replace"}]})");
}

TEST(Presidio, RefusesAnAnswerThatWouldBeFarLargerThanTheRequest) {
  std::string results;
  for (int at = 0; at < 100; ++at)
    results += (at == 0 ? "" : ",") + ("{\"start\":" + std::to_string(at) + ",\"end\":" + std::to_string(at) + ",\"entity_type\":\"A\"}");
  EXPECT_TRUE(anonymized("{\"text\":\"" + std::string(100, 'a') + "\",\"anonymizers\":{\"A\":{\"type\":\"replace\",\"new_value\":\"" +
                         std::string(1 << 20, 'x') + "\"}},\"analyzer_results\":[" + results + "]}")
                  .starts_with("anonymizers: the new values of all results would be over 64 MiB"));
}

TEST(Presidio, RefusesWhatItDoesNotOfferByName) {
  EXPECT_TRUE(anonymized(R"({"text":"a","analyzer_results":[],"anonymizers":{"DEFAULT":{"type":"encrypt","key":"k"}}})")
                  .starts_with("anonymizers.DEFAULT.type: \"encrypt\""));
  EXPECT_EQ(anonymized(R"({"text":"a","analyzer_results":[{"start":0,"end":9,"entity_type":"A"}]})"),
            "analyzer_results[0]: start and end must lie within the text");
}

}  // namespace
}  // namespace demarc::dialect
