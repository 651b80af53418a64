#include "cli/show_edits.hpp"

#include <gtest/gtest.h>

namespace demarc::cli {
namespace {

std::vector<std::string> lines_of(std::string json) {
  dialect::JsonTree tree;
  EXPECT_TRUE(tree.read(json));
  return lines_of_edits(tree.root());
}

TEST(LinesOfEdits, TellWhatWasDoneAndWhatWasNot) {
  EXPECT_EQ(lines_of(R"({"edits": [{"from": "um ", "with": "", "reason": "filler", "accepted": true, "seconds": {"start": 61.24, "end": 61.5}},
                                    {"from": "five", "with": "nine", "reason": "number", "accepted": false}],
                         "cleaning": {"pieces": 12, "asked": 1, "answered": 1, "reverted": 1}})"),
            (std::vector<std::string>{"  1:01.2  \"um\" → nothing: filler", "  \"five\" stays, not \"nine\": number",
                                      "1 edit, 1 reverted; a language model was asked about 1 of 12 pieces"}));
}

TEST(LinesOfEdits, AreNoneOfAnAnswerWithoutEdits) { EXPECT_TRUE(lines_of(R"({"text": "hello"})").empty()); }

}  // namespace
}  // namespace demarc::cli
