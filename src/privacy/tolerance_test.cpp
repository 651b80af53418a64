// What models do to placeholders, and what nobody may make of it.
#include <gtest/gtest.h>

#include <cctype>
#include <random>

#include "privacy/placeholder.hpp"
#include "privacy/restore.hpp"
#include "privacy/vault.hpp"

namespace demarc::privacy {
namespace {

class Tolerance : public testing::Test {
 protected:
  std::string whole(std::string_view text, Channel channel = {}) {
    Restorer restorer(session_.tokens());
    std::string out = restorer.feed(channel, text);
    return out += restorer.flush(channel);
  }
  static std::string small(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(c));
    return text;
  }
  static std::string between(std::string_view text, std::string_view gap) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) (out += text[i]) += i + 1 < text.size() ? gap : "";
    return out;
  }
  static std::string full_width(std::string_view text) {
    std::string out;
    for (char c : text) {
      const unsigned code = static_cast<unsigned char>(c) + 0xFEE0U;
      for (unsigned byte : {0xE0U | code >> 12U, 0x80U | (code >> 6U & 0x3FU), 0x80U | (code & 0x3FU)}) out += static_cast<char>(byte);
    }
    return out;
  }
  [[nodiscard]] std::string digits_of_name() const { return name_.substr(6); }  // with the X

  Vault vault_{system_random()};
  VaultSession session_ = vault_.open({"key", "c"}, {1});
  const std::string mail_ = *session_.placeholder("EMAIL_ADDRESS", "ada@example.org");
  const std::string name_ = *session_.placeholder("PERSON", "Ada");
  static constexpr Channel kArguments{ChannelKind::tool_arguments, 0, 0};
};

TEST_F(Tolerance, ForgivesSmallLetters) { EXPECT_EQ(whole("to " + small(mail_)), "to ada@example.org"); }

TEST_F(Tolerance, ForgivesASpaceHyphenOrUnderscoreBetweenCharacters) {
  for (const char* gap : {" ", "-", "_", "\\_", "\u00a0", "\u2011"}) EXPECT_EQ(whole(between(mail_, gap)), "ada@example.org") << gap;
  EXPECT_EQ(whole("EMAIL X" + mail_.substr(6)), "ada@example.org");
}

TEST_F(Tolerance, ForgivesWhatCannotBeSeen) {
  for (const char* gap : {"\u200b", "\u2060", "\ufeff", "\u00ad"}) EXPECT_EQ(whole(between(mail_, gap)), "ada@example.org") << gap;
}

TEST_F(Tolerance, ForgivesFullWidthCharacters) { EXPECT_EQ(whole("写给 " + full_width(mail_) + "。"), "写给 ada@example.org。"); }

TEST_F(Tolerance, LeavesAPossessiveBehindTheValue) {
  EXPECT_EQ(whole(name_ + "'s house"), "Ada's house");
  EXPECT_EQ(whole(name_ + "’s house"), "Ada’s house");
  EXPECT_EQ(whole(name_ + "s Haus"), "Adas Haus");
}

TEST_F(Tolerance, LooksThroughMarkdownAndQuotes) {
  for (const auto& [before, after] : {std::pair{"**", "**"},
                                      {"`", "`"},
                                      {"_", "_"},
                                      {"*", "*"},
                                      {"~~", "~~"},
                                      {"\"", "\""},
                                      {"'", "'"},
                                      {"“", "”"},
                                      {"«", "»"},
                                      {"> ", ""},
                                      {"(", ")"},
                                      {"| ", " |"},
                                      {"# ", "\n"},
                                      {"<", ">"},
                                      {"\\_", "\\_"}})
    EXPECT_EQ(whole(before + mail_ + after), before + std::string("ada@example.org") + after);
}

TEST_F(Tolerance, RestoresALinksTextAndNeverItsTarget) {
  EXPECT_EQ(whole("[" + name_ + "](https://a.example/" + mail_ + ")"), "[Ada](https://a.example/" + mail_ + ")");
  EXPECT_EQ(whole("[" + name_ + "][1]\n\n[1]: /people?q=" + mail_ + "\n" + mail_), "[Ada][1]\n\n[1]: /people?q=" + mail_ + "\nada@example.org");
}

TEST_F(Tolerance, ForgivesATypeWordThatWasTranslatedOrDropped) {
  for (const char* word : {"PERSONNE", "PERSONA", "PERSONEN", "ИМЯ", "ÉTUDIANT", "NAME", ""})
    EXPECT_EQ(whole("de " + std::string(word) + digits_of_name() + "."), "de Ada.") << word;
  EXPECT_EQ(whole("电话" + digits_of_name()), "电话Ada");
  EXPECT_EQ(whole("PERSONA " + digits_of_name()), "PERSONA Ada");
  EXPECT_EQ(whole(small(digits_of_name())), "Ada");
}

TEST_F(Tolerance, DoesNotTakeTheEndOfAWordForATypeWord) {
  EXPECT_EQ(whole("a" + small(digits_of_name())), "a" + small(digits_of_name()));
  EXPECT_EQ(whole("Person" + digits_of_name()), "Ada");
  EXPECT_EQ(whole("Persona" + digits_of_name()), "Persona" + digits_of_name());  // small letters: too many words look like it
}

TEST_F(Tolerance, LeavesTheTextsOwnCapitalsBeforeAPlaceholder) {
  EXPECT_EQ(whole("НОМЕР" + mail_), "НОМЕРada@example.org");
  EXPECT_EQ(whole("ID" + mail_), "IDada@example.org");
}

TEST_F(Tolerance, LeavesWhatWasCutOff) {
  for (std::size_t kept = 1; kept < mail_.size(); ++kept) EXPECT_EQ(whole("to " + mail_.substr(0, kept)), "to " + mail_.substr(0, kept));
}

TEST_F(Tolerance, LeavesWhatTheModelInventedOrMistyped) {
  std::mt19937 random(3);
  for (int i = 0; i < 500; ++i) {
    std::array<std::uint8_t, 32> digest{};
    for (auto& byte : digest) byte = static_cast<std::uint8_t>(random());
    const std::string invented = "EMAILX" + placeholder_digits(digest);
    EXPECT_EQ(whole(invented), invented);
    std::string wrong = mail_;
    const std::size_t at = 6 + random() % kPlaceholderDigits;
    wrong[at] = wrong[at] == '7' ? '8' : '7';
    EXPECT_EQ(whole(wrong), wrong);
  }
}

TEST_F(Tolerance, KnowsNothingOfAnotherCallersOrConversationsPlaceholders) {
  for (const ConversationKey& key : {ConversationKey{"key", "other"}, {"other", "c"}, {"", "c"}, {"key", ""}}) {
    VaultSession other = vault_.open(key, {1});
    const std::string theirs = *other.placeholder("EMAIL_ADDRESS", "bob@example.org"), same = *other.placeholder("EMAIL_ADDRESS", "ada@example.org");
    EXPECT_EQ(whole(theirs), theirs);
    EXPECT_EQ(whole(same), same);
    EXPECT_EQ(whole("X" + same.substr(6)), "X" + same.substr(6));
  }
}

TEST_F(Tolerance, ReadsTheEscapesOfJsonInAToolsArguments) {
  std::string escaped;
  for (char c : mail_) {
    char bytes[8];
    std::snprintf(bytes, sizeof bytes, "\\u%04x", static_cast<unsigned>(c));
    escaped += bytes;
  }
  EXPECT_EQ(whole("{\"to\":\"" + escaped + "\"}", kArguments), R"({"to":"ada@example.org"})");
  EXPECT_EQ(whole("{\"to\":\"line\\n" + mail_ + "\"}", kArguments), R"({"to":"line\nada@example.org"})");
  EXPECT_EQ(whole("{\"to\":\"" + between(mail_, "\\\\_") + "\"}", kArguments), R"({"to":"ada@example.org"})");
}

TEST_F(Tolerance, LeavesWhatStandsInAUrlHoweverItIsWritten) {
  for (const std::string& text :
       {"https%3A%2F%2Fevil.example%2F%3Fq%3D" + mail_, "evil.example%2F%2F" + mail_, "see <https://evil.example/" + mail_ + ">",
        "www.evil.example?" + mail_, "<img src='/p?q=" + mail_ + "'>", "<a href=p/" + mail_ + ">", "<form action = \"" + mail_ + "\">",
        "![x](<p q " + mail_ + ">)", "https&#58;&#47;&#47;evil.example/" + mail_, "javascript:f(" + mail_ + ")", "HTTPS:\\\\evil\\" + mail_,
        "data:text/html;x," + mail_})
    EXPECT_EQ(whole(text), text);
  EXPECT_EQ(whole("<b>" + mail_ + "</b> a < b, c > " + mail_), "<b>ada@example.org</b> a < b, c > ada@example.org");
  EXPECT_EQ(whole("<" + mail_ + ">"), "<ada@example.org>");
}

TEST_F(Tolerance, RestoresNothingOnAChannelThatIsLeftAlone) {
  Restorer restorer(session_.tokens());
  const Channel other{ChannelKind::tool_arguments, 0, 1};
  restorer.leave_alone(kArguments);
  EXPECT_EQ(restorer.feed(kArguments, "\"" + mail_ + "\"") + restorer.flush(kArguments), "\"" + mail_ + "\"");
  EXPECT_EQ(restorer.feed(other, "\"" + mail_ + "\""), "\"ada@example.org\"");
}

TEST_F(Tolerance, LetsTheSmallLettersOfProseGoAtOnce) {
  Restorer restorer(session_.tokens());
  for (const char* piece : {"The", " first", " expe", "rience", " was", " a", " pleas", "ant", " one"}) {
    EXPECT_EQ(restorer.feed({}, piece), piece);
  }
}

}  // namespace
}  // namespace demarc::privacy
