#include "tensor/tagger/tagger.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <string>

#include "tensor/tagger/words.hpp"

namespace demarc::tensor::tagger {
namespace {

using testing::ElementsAre;

std::vector<std::string> found(std::string_view text) {
  std::vector<std::string> out;
  for (const Tagged& tagged : built_in().read(text, {0.5F, 0.5F, 0.5F, 0.5F}))
    out.push_back(std::string(kTypes[tagged.type]) + ": " + std::string(text.substr(tagged.begin, tagged.end - tagged.begin)));
  return out;
}

TEST(Tagger, FindsPeopleOrganisationsAndCountries) {
  EXPECT_THAT(found("Margaret Holloway works for Aldermoor Insurance in Denmark."),
              ElementsAre("PERSON: Margaret Holloway", "ORGANIZATION: Aldermoor Insurance", "LOCATION: Denmark"));
}

TEST(Tagger, FindsAnAddressWhole) {
  EXPECT_THAT(found("Please send it to 12 Chapel Street, Leeds."), testing::Contains(testing::StartsWith("STREET_ADDRESS: 12 Chapel Street")));
}

TEST(Tagger, FindsNothingInOrdinaryProse) {
  EXPECT_THAT(found("How do I sort a list of numbers? Please keep the order of equal ones."), ElementsAre());
  EXPECT_THAT(found(""), ElementsAre());
  EXPECT_THAT(found(" \n\t"), ElementsAre());
}

TEST(Tagger, LeavesMailAddressesToThePatterns) { EXPECT_THAT(found("Write to Margaret.Holloway@example.org please."), ElementsAre()); }

TEST(Tagger, ReadsALongTextInPieces) {
  std::string text;
  for (int i = 0; i < 400; ++i) text += "The report was late again. ";
  text += "My name is Margaret Holloway.";
  EXPECT_THAT(found(text), testing::Contains("PERSON: Margaret Holloway"));
}

TEST(Tagger, ReadsBytesThatAreNoText) { EXPECT_NO_FATAL_FAILURE(found("\xff\xfe\x80 Margaret \xf0\x9f")); }

TEST(Tagger, RefusesOtherBytes) {
  EXPECT_FALSE(Tagger::make("short"));
  EXPECT_FALSE(Tagger::make(std::string(4096, 'x')));
}

TEST(Words, KeepShapeAndPlace) {
  const std::vector<Word> words = split_words("O'Brien, 12B\nÅsa");
  std::vector<std::string> shapes;
  for (const Word& word : words) shapes.push_back(word.short_shape);
  EXPECT_THAT(shapes, ElementsAre("X", "'", "Xx", ",", "d", "X", "Xx"));
  EXPECT_EQ(words[6].lines_before, 1);
  EXPECT_FALSE(words[6].glued);
  EXPECT_TRUE(words[5].glued);
}

TEST(Chain, ProbabilitiesOfAWordAddUpToOne) {
  std::vector<float> scores(3 * kLabels);
  std::iota(scores.begin(), scores.end(), -10.0F);
  Transitions transitions{};
  transitions.fill(0.5F);
  const Chain chain = read_chain(scores, transitions, true);
  for (std::size_t w = 0; w < 3; ++w)
    EXPECT_NEAR(std::accumulate(chain.of.begin() + static_cast<long>(w * kLabels), chain.of.begin() + static_cast<long>((w + 1) * kLabels), 0.0F),
                1.0F, 1e-5F);
  EXPECT_NEAR(std::accumulate(chain.pairs.end() - kLabels * kLabels, chain.pairs.end(), 0.0F), 1.0F, 1e-5F);
}

}  // namespace
}  // namespace demarc::tensor::tagger
