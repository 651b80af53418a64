#include "speech/hesitations.hpp"

#include <gtest/gtest.h>

#include "speech/clean.hpp"

namespace demarc::speech {
namespace {

std::string without(std::string_view text, std::string_view code) {
  const Glossary none;
  return PieceCleaning({.text = text, .language = code}, none).finish("").text;
}

struct Case {
  const char *language, *raw, *expected;
};

class GoOut : public testing::TestWithParam<Case> {};

TEST_P(GoOut, WithoutAskingAnybody) { EXPECT_EQ(without(GetParam().raw, GetParam().language), GetParam().expected); }

INSTANTIATE_TEST_SUITE_P(Fillers, GoOut,
                         testing::Values(Case{"en", "Um, we did not uh go to the the bank.", "We did not go to the bank."},
                                         Case{"en", "So we go, um.", "So we go."}, Case{"en", "We go uh um", "We go"},
                                         Case{"en", "Ummmm, we uhhhh go.", "We go."}, Case{"en", "Uh.", ""},
                                         Case{"en", "We uh, uh, um, left.", "We left."}, Case{"de", "Also ähm wir äh gehen.", "Also wir gehen."},
                                         Case{"fr", "Alors euh on y va.", "Alors on y va."},
                                         Case{"es", "Pues eh vamos mañana.", "Pues vamos mañana."},
                                         Case{"it", "Allora ehm andiamo.", "Allora andiamo."}, Case{"pt", "Então ãh vamos.", "Então vamos."},
                                         Case{"nl", "Dus uh we gaan.", "Dus we gaan."}));

INSTANTIATE_TEST_SUITE_P(
    Repeats, GoOut,
    testing::Values(Case{"en", "I I- I think we go.", "I think we go."}, Case{"en", "And you you know it.", "And you know it."},
                    Case{"en", "The the the end.", "The end."}, Case{"en", "We saw the uh the house.", "We saw the house."},
                    Case{"en", "We saw the, the house.", "We saw the house."}, Case{"en", "I, I never said it.", "I never said it."},
                    Case{"en", "Th- the house b-b-but why.", "The house but why."}, Case{"en", "I think I think we go.", "I think we go."},
                    Case{"en", "I-I do.", "I do."}, Case{"de", "Ich ich weiß und und so.", "Ich weiß und so."},
                    Case{"fr", "Je je pense à les les choses.", "Je pense à les choses."},
                    Case{"es", "Yo yo creo en los los datos.", "Yo creo en los datos."}, Case{"it", "Io io credo di di sì.", "Io credo di sì."},
                    Case{"pt", "Eu eu acho que os os dados.", "Eu acho que os dados."}, Case{"nl", "Ik ik denk de de data.", "Ik denk de data."}));

// What carries meaning, or may.
INSTANTIATE_TEST_SUITE_P(StayThere, GoOut,
                         testing::Values(Case{"en", "Nobody, nobody told us to log on on Monday.", "Nobody, nobody told us to log on on Monday."},
                                         Case{"en", "She went to the ER.", "She went to the ER."},
                                         Case{"en", "It is what it is is it not.", "It is what it is is it not."},
                                         Case{"en", "This is for you, you know.", "This is for you, you know."},
                                         Case{"en", "five five two, no no", "five five two, no no"},
                                         Case{"en", "twenty- twenty-five", "twenty- twenty-five"},
                                         Case{"en", "We had had it on and on and on.", "We had had it on and on and on."},
                                         Case{"en", "a t-test, a re-read, bye-bye", "a t-test, a re-read, bye-bye"},
                                         Case{"en", "He said that that was it.", "He said that that was it."},
                                         Case{"en", "Mhm. Mm-hmm.", "Mhm. Mm-hmm."}, Case{"en", "He said \"um\" twice.", "He said \"um\" twice."},
                                         Case{"en", "pre- and post-war", "pre- and post-war"}, Case{"en", "on Monday Monday", "on Monday Monday"},
                                         Case{"de", "er kommt um acht", "er kommt um acht"},
                                         Case{"de", "die die das das sehen", "die die das das sehen"}, Case{"de", "ein ein zwei", "ein ein zwei"},
                                         Case{"pt", "um carro", "um carro"}, Case{"fr", "nous nous levons", "nous nous levons"},
                                         Case{"fr", "il ne ne veut pas pas", "il ne ne veut pas pas"}, Case{"", "um the the uh", "um the the uh"}));

TEST(LockOf, KnowsWhatCarriesMeaningInEveryLanguage) {
  const auto lock = [](std::string_view code, std::string_view word) { return to_string(language(code).lock_of(said(word))); };
  EXPECT_EQ(lock("en", "twenty-five"), "number");
  EXPECT_EQ(lock("en", "isn’t"), "negation");
  EXPECT_EQ(lock("en", "12,5"), "digits");
  EXPECT_EQ(lock("en", "٣"), "digits");
  EXPECT_EQ(lock("en", "€"), "unit");
  EXPECT_EQ(lock("en", "house"), "");
  EXPECT_EQ(lock("en", "often"), "");
  EXPECT_EQ(lock("de", "zweihundertfünfundzwanzig"), "number");
  EXPECT_EQ(lock("de", "einundzwanzigsten"), "number");
  EXPECT_EQ(lock("de", "keinem"), "negation");
  EXPECT_EQ(lock("de", "Donnerstag"), "date");
  EXPECT_EQ(lock("de", "einfach"), "");
  EXPECT_EQ(lock("fr", "quatre-vingt-dix-sept"), "number");
  EXPECT_EQ(lock("fr", "n’est"), "negation");
  EXPECT_EQ(lock("es", "treinta"), "number");
  EXPECT_EQ(lock("es", "ningún"), "negation");
  EXPECT_EQ(lock("it", "ventidue"), "number");
  EXPECT_EQ(lock("it", "quarantotto"), "number");
  EXPECT_EQ(lock("pt", "não"), "negation");
  EXPECT_EQ(lock("nl", "vijfentwintig"), "number");
  EXPECT_EQ(lock("xx", "nicht"), "negation");  // of no language known: what is locked in one is
  EXPECT_EQ(lock("de-AT", "jänner"), "date");
}

// The languages that fillers are known for have locked words of every kind.
TEST(LockOf, HasWordsOfEveryKindInEveryLanguage) {
  EXPECT_EQ(known_languages(), (std::vector<std::string>{"de", "en", "es", "fr", "it", "nl", "pt"}));
  for (const std::string& code : known_languages()) {
    const Language& one = language(code);
    for (const Language::Words* words :
         {&one.fillers, &one.perhaps, &one.stutters, &one.joined, &one.restarts, &one.number_parts, &one.negations, &one.dates, &one.units})
      EXPECT_FALSE(words->empty()) << code;
    for (const std::string& word : one.stutters) EXPECT_EQ(one.lock_of(word), Lock::none) << code << ": " << word;
    for (const std::string& word : one.joined) EXPECT_TRUE(one.stutters.contains(word)) << code << ": " << word;
    for (const std::string& word : one.restarts) EXPECT_TRUE(one.stutters.contains(word)) << code << ": " << word;
    for (const std::string& word : one.fillers) EXPECT_EQ(one.lock_of(word), Lock::none) << code << ": " << word;
  }
}

}  // namespace
}  // namespace demarc::speech
