#include "privacy/language.hpp"

#include <gtest/gtest.h>

namespace demarc::privacy {
namespace {

const std::vector<std::string> kEnglish = {"en"};

struct Sample {
  std::string_view code, text;
};
class OfEachLanguage : public testing::TestWithParam<Sample> {};

TEST_P(OfEachLanguage, ASentenceIsForeignToOthers) {
  const std::vector<std::string> declared = {GetParam().code == "en" ? "de" : "en"};
  EXPECT_EQ(foreign_language(GetParam().text, declared), GetParam().code);
}

TEST_P(OfEachLanguage, ASentenceIsAtHomeWhereItsLanguageIsDeclared) {
  const std::vector<std::string> declared = {std::string(GetParam().code)};
  EXPECT_EQ(foreign_language(GetParam().text, declared), "");
}

INSTANTIATE_TEST_SUITE_P(
    Samples, OfEachLanguage,
    testing::Values(Sample{"en", "Please send the report to the office before we leave on Friday."},
                    Sample{"de", "Bitte schicken Sie den Bericht an das Büro, bevor wir am Freitag gehen, und rufen Sie mich an."},
                    Sample{"fr", "Envoyez le rapport au bureau avant que nous partions vendredi, et appelez-moi pour la suite."},
                    Sample{"es", "Por favor envíe el informe a la oficina antes de que nos vayamos el viernes, y llámeme para más."},
                    Sample{"it", "Per favore invii la relazione alla sede prima che partiamo, e mi chiami per il resto della cosa."},
                    Sample{"nl", "Stuur het verslag naar het kantoor voordat we op vrijdag gaan, en bel me dan nog een keer."},
                    Sample{"pl", "Proszę wysłać raport do biura, zanim wyjedziemy w piątek, i zadzwonić do mnie, czy to jest dobre."},
                    Sample{"tr", "Lütfen bu raporu ofise gönderin ve benim için bir kopya da saklayın, çok teşekkürler."},
                    Sample{"fi", "Lähetä raportti toimistoon ja soita minulle, että tiedän, missä se on, kun hän on poissa."}));

TEST(Language, OfAnotherScriptIsForeign) { EXPECT_EQ(foreign_language("Пожалуйста, отправьте отчёт", kEnglish), kOtherLanguage); }
TEST(Language, OfIdeographsIsForeign) { EXPECT_EQ(foreign_language("请把报告发给我", kEnglish), kOtherLanguage); }
TEST(Language, AForeignNameInAnEnglishSentenceIsNot) { EXPECT_EQ(foreign_language("Write to Ирина about the parcel that she sent", kEnglish), ""); }
TEST(Language, CodeShowsNone) { EXPECT_EQ(foreign_language("for (int i = 0; i < n; ++i) total += values[i] * weight;", kEnglish), ""); }
TEST(Language, AWordShowsNone) { EXPECT_EQ(foreign_language("bitte", kEnglish), ""); }
TEST(Language, NothingShowsNone) { EXPECT_EQ(foreign_language("", kEnglish), ""); }

TEST(Language, ANeighbourThatSharesItsWordsIsTakenForTheDeclaredOne) {
  EXPECT_EQ(foreign_language("Jeg vet ikke hvor det er, men du kan spørre på kontoret om en time.", std::vector<std::string>{"da"}), "");
}

}  // namespace
}  // namespace demarc::privacy
