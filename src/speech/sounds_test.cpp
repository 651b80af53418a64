#include "speech/sounds.hpp"

#include <gtest/gtest.h>

namespace demarc::speech {
namespace {

// As jellyfish 1.3.0 (PyPI) says, but for words in which it departs from Philips' rules (sch, sci, gn).
TEST(SoundOf, EnglishWordsByMetaphone) {
  EXPECT_EQ(sound_of("there", "en").code, "0R");
  EXPECT_EQ(sound_of("their", "en").code, "0R");
  EXPECT_EQ(sound_of("kubernetes", "en").code, "KBRNTS");
  EXPECT_EQ(sound_of("thumb", "en").code, "0M");
  EXPECT_EQ(sound_of("knight", "en").code, "NT");
  EXPECT_EQ(sound_of("which", "en").code, "WX");
  EXPECT_EQ(sound_of("gnome", "en").code, "NM");
  EXPECT_EQ(sound_of("pneumonia", "en").code, "NMN");
  EXPECT_EQ(sound_of("write", "en").code, "RT");
  EXPECT_EQ(sound_of("xylophone", "en").code, "SLFN");
  EXPECT_EQ(sound_of("church", "en").code, "XRX");
  EXPECT_EQ(sound_of("judge", "en").code, "JJ");
  EXPECT_EQ(sound_of("night", "en").code, "NT");
  EXPECT_EQ(sound_of("physics", "en").code, "FSKS");
  EXPECT_EQ(sound_of("nation", "en").code, "NXN");
  EXPECT_EQ(sound_of("vision", "en").code, "FXN");
  EXPECT_EQ(sound_of("cheese", "en").code, "XS");
  EXPECT_EQ(sound_of("action", "en").code, "AKXN");
  EXPECT_EQ(sound_of("question", "en").code, "KSXN");
  EXPECT_EQ(sound_of("bottle", "en").code, "BTL");
  EXPECT_EQ(sound_of("yellow", "en").code, "YL");
  EXPECT_EQ(sound_of("window", "en").code, "WNT");
  EXPECT_EQ(sound_of("exam", "en").code, "EKSM");
  EXPECT_EQ(sound_of("zebra", "en").code, "SBR");
  EXPECT_EQ(sound_of("through", "en").code, "0R");
  EXPECT_EQ(sound_of("laugh", "en").code, "L");
  EXPECT_EQ(sound_of("weigh", "en").code, "W");
  EXPECT_EQ(sound_of("character", "en").code, "XRKTR");
  EXPECT_EQ(sound_of("match", "en").code, "MX");
  EXPECT_EQ(sound_of("edge", "en").code, "EJ");
  EXPECT_EQ(sound_of("giant", "en").code, "JNT");
  EXPECT_EQ(sound_of("gift", "en").code, "JFT");
  EXPECT_EQ(sound_of("whole", "en").code, "WL");
  EXPECT_EQ(sound_of("alvarez", "en").code, "ALFRS");
  EXPECT_EQ(sound_of("priya", "en").code, "PRY");
  EXPECT_EQ(sound_of("rotterdam", "en").code, "RTRTM");
  EXPECT_EQ(sound_of("invoice", "en").code, "INFS");
  EXPECT_EQ(sound_of("contract", "en").code, "KNTRKT");
  EXPECT_EQ(sound_of("server", "en").code, "SRFR");
  EXPECT_EQ(sound_of("audit", "en").code, "ATT");
}

// As cologne_phonetics 2.0.0 (PyPI) says.
TEST(SoundOf, OtherLanguagesByCologne) {
  EXPECT_EQ(sound_of("müller", "de").code, "657");
  EXPECT_EQ(sound_of("meier", "de").code, "67");
  EXPECT_EQ(sound_of("mayer", "de").code, "67");
  EXPECT_EQ(sound_of("schmidt", "de").code, "862");
  EXPECT_EQ(sound_of("schmitz", "de").code, "868");
  EXPECT_EQ(sound_of("breschnew", "de").code, "17863");
  EXPECT_EQ(sound_of("wikipedia", "de").code, "3412");
  EXPECT_EQ(sound_of("xaver", "de").code, "4837");
  EXPECT_EQ(sound_of("photo", "de").code, "32");
  EXPECT_EQ(sound_of("chaos", "de").code, "48");
  EXPECT_EQ(sound_of("dachs", "de").code, "248");
  EXPECT_EQ(sound_of("wachs", "de").code, "348");
  EXPECT_EQ(sound_of("auto", "de").code, "02");
  EXPECT_EQ(sound_of("ruhe", "de").code, "7");
  EXPECT_EQ(sound_of("jeanne", "de").code, "06");
  EXPECT_EQ(sound_of("sechs", "de").code, "848");
  EXPECT_EQ(sound_of("quelle", "de").code, "45");
  EXPECT_EQ(sound_of("zucker", "de").code, "847");
  EXPECT_EQ(sound_of("philipp", "de").code, "351");
  EXPECT_EQ(sound_of("rhein", "de").code, "76");
}

TEST(SoundOf, LettersWithoutDiacritics) {
  EXPECT_EQ(plain_letters("Müller-Lüdenscheidt"), "mullerludenscheidt");
  EXPECT_EQ(plain_letters("Straße, Ærø, cœur, Łódź"), "strasseaerocoeurodz");
  EXPECT_EQ(plain_letters("שלום \xff 42"), "");
}

TEST(Alike, IsNeitherEverythingNorTheSameAlone) {
  const auto are_alike = [](std::string_view a, std::string_view b, Likeness likeness) {
    return alike(sound_of(a, "en"), sound_of(b, "en"), likeness);
  };
  EXPECT_TRUE(are_alike("there", "their", Likeness::same));
  EXPECT_TRUE(are_alike("coopernetties", "kubernetes", Likeness::near));
  EXPECT_TRUE(are_alike("alvares", "alvarez", Likeness::near));
  EXPECT_FALSE(are_alike("released", "discharged", Likeness::near));
  EXPECT_FALSE(are_alike("", "", Likeness::same));
  EXPECT_FALSE(are_alike(std::string(100, 'a'), std::string(100, 'a'), Likeness::same));  // no word
}

TEST(EditDistance, CountsWhatMustBeChanged) {
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
}

}  // namespace
}  // namespace demarc::speech
