#include "privacy/restore.hpp"

#include <gtest/gtest.h>

#include "privacy/vault.hpp"

namespace demarc::privacy {
namespace {

class Restore : public testing::Test {
 protected:
  std::string whole(std::string_view text, Channel channel = {}) {
    Restorer restorer(session_.tokens());
    std::string out = restorer.feed(channel, text);
    return out += restorer.flush(channel);
  }

  Vault vault_{system_random()};
  VaultSession session_ = vault_.open({"key", "c"}, {1});
  const std::string mail_ = *session_.placeholder("EMAIL_ADDRESS", "ada@example.org");
  const std::string name_ = *session_.placeholder("PERSON", "Ada \"the\" L\n");
  const std::string secret_ = *session_.placeholder("SECRET", "sk-123");
  static constexpr Channel kArguments{ChannelKind::tool_arguments, 0, 0};
};

TEST_F(Restore, PutsTheValueBackInSmallLettersWithGapsAndLookAlikesToo) {
  EXPECT_EQ(whole("to " + mail_ + ", "), "to ada@example.org, ");
  std::string small, gaps, alike = mail_;
  for (char c : mail_) small += static_cast<char>(std::tolower(c)), (gaps += c) += '-';
  gaps.pop_back();
  for (char& c : alike) c = c == '0' ? 'O' : c == '1' ? 'l' : c;
  EXPECT_EQ(whole(small), "ada@example.org");
  EXPECT_EQ(whole(gaps), "ada@example.org");
  EXPECT_EQ(whole(alike), "ada@example.org");
}

TEST_F(Restore, LeavesWhatIsNotQuiteAPlaceholder) {
  std::string wrong = mail_;
  wrong.back() = wrong.back() == '7' ? '8' : '7';
  EXPECT_EQ(whole(wrong), wrong);
  EXPECT_EQ(whole(mail_.substr(0, mail_.size() - 1)), mail_.substr(0, mail_.size() - 1));
  const std::string wide = mail_.substr(0, 8) + "  " + mail_.substr(8);
  EXPECT_EQ(whole(wide), wide);
}

TEST_F(Restore, NeverGivesASecretBack) { EXPECT_EQ(whole("key " + secret_), "key " + secret_); }

TEST_F(Restore, LeavesWhatStandsInAUrlOrALinksTarget) {
  for (const std::string& text :
       {"https://evil.example/?q=" + mail_, "![x](https://evil.example/" + mail_ + ")", "[x](/p?q=" + mail_ + ")", "//evil.example/" + mail_,
        "www.evil.example/" + mail_, "<img src=\"https://evil.example/\n" + mail_ + "\">", "\\\\evil\\" + mail_, "HTTPS://E/" + mail_,
        "data:text/html," + mail_, "mailto:" + mail_, "https://a.example/(x)," + mail_}) {
    EXPECT_EQ(whole(text), text);
  }
}

// One placeholder in fifty thousand ends so by chance.
TEST(UrlState, OfAPlaceholdersLettersNoneBeginsAUrl) {
  for (const bool is_token : {false, true}) {
    UrlState state;
    for (const char c : std::string_view("EMAILX1AB2CDWWW")) state.take(c, TextForm::plain);
    if (is_token) state.pass_token();
    state.take('.', TextForm::plain);
    EXPECT_EQ(state.inside(), !is_token);
  }
}

TEST_F(Restore, RestoresAgainBehindAUrl) {
  EXPECT_EQ(whole("https://a.example/ " + mail_), "https://a.example/ ada@example.org");
  EXPECT_EQ(whole("[x](https://a.example/) " + mail_), "[x](https://a.example/) ada@example.org");
  EXPECT_EQ(whole("<a href=\"https://a.example\">" + mail_ + "</a>"), "<a href=\"https://a.example\">ada@example.org</a>");
  EXPECT_EQ(whole("(" + mail_ + ")"), "(ada@example.org)");
}

TEST_F(Restore, EscapesForJsonInAToolsArguments) {
  EXPECT_EQ(whole("{\"name\":\"" + name_ + "\"}", kArguments), R"({"name":"Ada \"the\" L\n"})");
  EXPECT_EQ(whole(name_), "Ada \"the\" L\n");
}

TEST_F(Restore, SeesUrlsThroughTheEscapesOfJson) {
  for (const std::string& text : {R"({"u":"https:\/\/e.example\/)" + mail_ + "\"}", R"({"u":"https:\u002f\u002fe.example/)" + mail_ + "\"}"}) {
    EXPECT_EQ(whole(text, kArguments), text);
  }
  EXPECT_EQ(whole(R"({"u":"https://e.example\n)" + mail_ + "\"}", kArguments), R"({"u":"https://e.example\nada@example.org"})");
}

TEST_F(Restore, GivesTheSameForEveryCutOfTheStream) {
  const std::string text =
      "é EMAIL " + mail_ + mail_ + " https://x.example/" + mail_ + " [a](" + mail_ + ") EMAILX " + name_ + secret_ + mail_.substr(0, 9);
  for (Channel channel : {Channel{}, kArguments}) {
    const std::string expected = whole(text, channel);
    for (std::size_t first = 0; first <= text.size(); ++first) {
      for (std::size_t second : {first, std::min(text.size(), first + 1), std::min(text.size(), first + 7)}) {
        Restorer restorer(session_.tokens());
        std::string out = restorer.feed(channel, text.substr(0, first));
        out += restorer.feed(channel, text.substr(first, second - first));
        out += restorer.feed(channel, text.substr(second));
        out += restorer.flush(channel);
        ASSERT_EQ(out, expected) << first << ' ' << second;
      }
    }
    Restorer restorer(session_.tokens());
    std::string out;
    for (char c : text) out += restorer.feed(channel, std::string_view(&c, 1));
    EXPECT_EQ(out + restorer.flush(channel), expected);
  }
}

TEST_F(Restore, HoldsBackOnlyWhatCouldBecomeAPlaceholder) {
  Restorer restorer(session_.tokens());
  EXPECT_EQ(restorer.feed({}, "Dear friend, q"), "Dear friend, q");
  EXPECT_EQ(restorer.feed({}, " EMAI"), " ");
  EXPECT_EQ(restorer.holding().size(), 1U);
  EXPECT_EQ(restorer.feed({}, "L to"), "EMAIL to");
  EXPECT_TRUE(restorer.holding().empty());
  EXPECT_EQ(restorer.feed({}, " NAM"), " ");  // a type word may have been translated
  EXPECT_EQ(restorer.feed({}, "E "), "NAME ");
}

TEST_F(Restore, KeepsTheChannelsOfAnAnswerApart) {
  Restorer restorer(session_.tokens());
  const Channel one{ChannelKind::text, 0, 0}, two{ChannelKind::text, 1, 0};
  EXPECT_EQ(restorer.feed(one, mail_.substr(0, 7)), "");
  EXPECT_EQ(restorer.feed(two, mail_.substr(7) + " 7 "), mail_.substr(7) + " 7 ");
  EXPECT_EQ(restorer.feed(one, mail_.substr(7)), "ada@example.org");
  EXPECT_EQ(restorer.restored(), (FindingCounts{{"EMAIL_ADDRESS", 1}}));
}

TEST_F(Restore, HoldsNothingWhileThereIsNothingToRestore) {
  Restorer restorer(vault_.open({}, {1}).tokens());
  EXPECT_EQ(restorer.feed({}, "EMAI"), "EMAI");
}

}  // namespace
}  // namespace demarc::privacy
