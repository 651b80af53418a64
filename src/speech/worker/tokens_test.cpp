#include "speech/worker/tokens.hpp"

#include <gtest/gtest.h>

namespace demarc::speech::worker {
namespace {

// A vocabulary in small: é is the two bytes that GPT-2 writes "Ã©", a space is "Ġ".
constexpr std::string_view kTokenizer = R"({
  "added_tokens": [
    {"id": 20, "content": "<|endoftext|>"}, {"id": 21, "content": "<|startoftranscript|>"}, {"id": 22, "content": "<|en|>"}, {"id": 23, "content": "<|haw|>"},
    {"id": 24, "content": "<|transcribe|>"}, {"id": 25, "content": "<|startofprev|>"}, {"id": 26, "content": "<|notimestamps|>"}],
  "model": {"vocab": {"a": 0, "b": 1, "c": 2, "Ġ": 3, "Ã": 4, "©": 5, "ab": 6, "Ġa": 7, "Ġab": 8, "Ã©": 9, "<|endoftext|>": 20},
            "merges": ["a b", ["Ġ", "ab"], "Ã ©", "Ġ a"]}})";

Tokens tokens() { return std::move(Tokens::parse(kTokenizer)).value(); }

TEST(Tokens, TurnIntoTheBytesTheyStandFor) {
  EXPECT_EQ(tokens().text(std::vector<std::size_t>{8, 3, 9, 2}),
            " ab \xc3\xa9"
            "c");
}

TEST(Tokens, LeaveOutMarksAndTimestamps) { EXPECT_EQ(tokens().text(std::vector<std::size_t>{21, 22, 27, 0, 99, 20}), "a"); }

TEST(Tokens, KnowTheLanguagesOfTheModel) {
  EXPECT_EQ(tokens().language("haw"), 23U);
  EXPECT_EQ(tokens().language("xx"), std::nullopt);
}

TEST(Tokens, CountTimeFromTheMarkAfterNoTimestamps) {
  EXPECT_EQ(tokens().first_timestamp, 27U);
  EXPECT_FALSE(tokens().is_timestamp(26));
}

TEST(Tokens, AreMergedInTheOrderOfTheirRules) { EXPECT_EQ(tokens().encode("ab\t ab\xc3\xa9", 10), (std::vector<std::size_t>{8, 8, 9})); }

TEST(Tokens, KeepTheEndOfATextThatIsTooLong) { EXPECT_EQ(tokens().encode("ab c ab", 2), (std::vector<std::size_t>{2, 8})); }

TEST(Tokens, RefuseATokenizerOfAnotherKind) {
  EXPECT_FALSE(Tokens::parse("not json"));
  EXPECT_FALSE(Tokens::parse(R"({"model": {}})"));
  EXPECT_FALSE(Tokens::parse(R"({"added_tokens": [], "model": {"vocab": {"a": 0}}})"));
  EXPECT_FALSE(Tokens::parse(R"({"added_tokens": [], "model": {"vocab": {"a": 123456789012}}})"));
}

}  // namespace
}  // namespace demarc::speech::worker
