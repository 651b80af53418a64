#include "speech/pauses.hpp"

#include <gtest/gtest.h>

namespace demarc::speech {
namespace {

TEST(Pauses, BetweenDigitsGoAndOthersStay) {
  EXPECT_EQ(without_pauses("card 4242, 4242. 4242;\n4242, thanks.").text, "card 4242 4242 4242 4242, thanks.");
  for (const char* text : {"3.14 and 1,000", "in 1999, we", "one, 2", ", 2", "5,", "5, ", ""}) EXPECT_EQ(without_pauses(text).text, text);
}

TEST(Pauses, AFindingOverThemIsOneOfTheTextThatCame) {
  const std::string text = "1, 2 card 4242, 4242,  4242, 4242, a@b.org";
  const Unpaused heard = without_pauses(text);
  const std::string card = "4242 4242 4242 4242", mail = "a@b.org";
  const std::size_t at = heard.text.find(card), mail_at = heard.text.find(mail);
  const auto found = over_pauses(heard, {{.type = "CREDIT_CARD", .begin = at, .end = at + card.size()},
                                         {.type = "EMAIL_ADDRESS", .begin = mail_at, .end = mail_at + mail.size()}});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(text.substr(found[0].begin, found[0].end - found[0].begin), "4242, 4242,  4242, 4242");
}

}  // namespace
}  // namespace demarc::speech
