#include "privacy/dictionary.hpp"

#include <gtest/gtest.h>

namespace demarc::privacy {
namespace {

Dictionary of(std::initializer_list<std::string_view> terms, LetterCase letter_case = LetterCase::any) {
  DictionaryBuilder builder(letter_case);
  for (const std::string_view term : terms) EXPECT_EQ(builder.add(term), DictionaryBuilder::Added::yes);
  return std::move(builder).build();
}

std::vector<std::string> found(const Dictionary& dictionary, std::string_view text) {
  std::vector<std::string> out;
  dictionary.each(text, [&](std::size_t begin, std::size_t end) { out.emplace_back(text.substr(begin, end - begin)); });
  return out;
}

using Words = std::vector<std::string>;

TEST(Dictionary, FindsWholeWordsOnly) {
  const auto terms = of({"nightjar"});
  EXPECT_EQ(found(terms, "a nightjar, Nightjar! nightjars xnightjar night jar nightjar"), (Words{"nightjar", "Nightjar", "nightjar"}));
  EXPECT_EQ(found(terms, "nightjar_x the-nightjar"), (Words{"nightjar"}));
  EXPECT_EQ(found(terms, "“nightjar” «nightjar» nightjar’s “nightjars”"), (Words{"nightjar", "nightjar", "nightjar"}));
}

TEST(Dictionary, TakesTheLongestTermThatBeginsAtAPlace) {
  const auto terms = of({"new york", "new york city", "city hall"});
  EXPECT_EQ(found(terms, "New York City Hall"), (Words{"New York City"}));
  EXPECT_EQ(found(terms, "New York cit"), (Words{"New York"}));
  EXPECT_EQ(found(terms, "new new york"), (Words{"new york"}));
}

TEST(Dictionary, TakesBlanksForOne) { EXPECT_EQ(found(of({"new york"}), "new \n york new-york newyork"), (Words{"new \n york"})); }

TEST(Dictionary, KnowsTermsThatAreNotOnlyLetters) {
  const auto terms = of({"C++", "AT&T", "#ops", "O'Brien & Sons", "K-2024/17", "café", "7"});
  EXPECT_EQ(found(terms, "c++ at&t #OPS o'brien  & sons k-2024/17 CAFÉ 7 77"),
            (Words{"c++", "at&t", "#OPS", "o'brien  & sons", "k-2024/17", "CAFÉ", "7"}));
  EXPECT_EQ(found(terms, "C+ + AT T ops K-2024/171"), Words{});
}

TEST(Dictionary, KeepsToTheLetterCaseWhereToldTo) { EXPECT_EQ(found(of({"Apple"}, LetterCase::exact), "apple APPLE Apple"), (Words{"Apple"})); }

TEST(Dictionary, TakesNoEmptyAndNoEndlessTerm) {
  DictionaryBuilder builder(LetterCase::any);
  EXPECT_EQ(builder.add(" \t"), DictionaryBuilder::Added::empty);
  EXPECT_EQ(builder.add(std::string(201, 'a')), DictionaryBuilder::Added::too_long);
  EXPECT_EQ(builder.add(std::string(200, 'a')), DictionaryBuilder::Added::yes);
  EXPECT_EQ(found(std::move(builder).build(), std::string(200, 'A')).size(), 1U);
  EXPECT_TRUE(found(of({}), "anything").empty());
}

TEST(Dictionary, OfManyTermsFindsEachAndNoOtherWithinItsMemory) {
  DictionaryBuilder builder(LetterCase::any);
  constexpr int kTerms = 100'000;
  for (int i = 0; i < kTerms; ++i) builder.add("Person" + std::to_string(i * 7) + " Smith");
  const Dictionary terms = std::move(builder).build();
  EXPECT_EQ(terms.size(), static_cast<std::size_t>(kTerms));
  EXPECT_LE(terms.memory_bytes(), static_cast<std::size_t>(kTerms) * 40);
  for (int i = 0; i < kTerms * 7; i += 499)
    EXPECT_EQ(found(terms, "ask person" + std::to_string(i) + " smith now").size(), i % 7 == 0 ? 1U : 0U) << i;
}

}  // namespace
}  // namespace demarc::privacy
