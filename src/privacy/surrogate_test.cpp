#include "privacy/surrogate.hpp"

#include <gtest/gtest.h>

#include <set>

#include "privacy/detector.hpp"
#include "privacy/redactions.hpp"
#include "privacy/restore.hpp"
#include "privacy/vault.hpp"

namespace demarc::privacy {
namespace {

const Detectors& detectors() {
  static const Detectors all = Detectors::structured();
  return all;
}

std::string stand_in(std::string_view type, std::string_view value, char seed = 1) {
  Draw draw(keyed({}, {{&seed, 1}, value}));
  return surrogate(type, value, draw, {.days = 70, .years = 2}).value_or("none");
}

bool is_one(std::string_view type, const std::string& value) {
  const auto found = detectors().find(value);
  return found.size() == 1 && found[0].type == type && found[0].begin == 0 && found[0].end == value.size();
}

// The form: every letter and digit as one.
std::string form(std::string_view value) {
  std::string out;
  for (char c : value) out += c >= '0' && c <= '9' ? '9' : (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ? 'a' : c;
  return out;
}

TEST(Surrogate, OfACardIsATestNumberWithARightCheckDigitInTheSameGrouping) {
  for (const char* card : {"4111 1111 1111 1111", "5500-0055-5555-5559", "378282246310005", "6011 0009 9013 9424"})
    for (char seed = 0; seed < 50; ++seed) {
      const std::string made = stand_in("CREDIT_CARD", card, seed);
      EXPECT_EQ(form(made), form(card));
      EXPECT_TRUE(is_one("CREDIT_CARD", made)) << made;
      EXPECT_NE(made, card);
    }
  EXPECT_EQ(stand_in("CREDIT_CARD", "4111 1111 1111 1111").substr(0, 7), "4000 00");
}

TEST(Surrogate, OfAnIbanHasTheCountryTheLengthAndARightCheck) {
  for (const char* iban : {"DE89 3704 0044 0532 0130 00", "GB29NWBK60161331926819", "FR14 2004 1010 0505 0001 3M02 606"})
    for (char seed = 0; seed < 20; ++seed) {
      const std::string made = stand_in("IBAN_CODE", iban, seed);
      EXPECT_EQ(form(made), form(iban));
      EXPECT_TRUE(is_one("IBAN_CODE", made)) << made;
      EXPECT_EQ(made.substr(0, 2), std::string(iban).substr(0, 2));
    }
  EXPECT_NE(stand_in("IBAN_CODE", "DE89 3704 0044 0532 0130 00").find("0000"), std::string::npos);
  EXPECT_NE(stand_in("IBAN_CODE", "GB29NWBK60161331926819").find("XXXX"), std::string::npos);
}

TEST(Surrogate, OfAPhoneIsFromARangeSetAside) {
  const std::string american = stand_in("PHONE_NUMBER", "(416) 967-1111");
  EXPECT_EQ(form(american), "(999) 999-9999");
  EXPECT_EQ(american.substr(6, 6), "555-01");
  EXPECT_EQ(stand_in("PHONE_NUMBER", "+44 7911 123456").substr(0, 12), "+44 7700 900");
  EXPECT_EQ(stand_in("PHONE_NUMBER", "+33 6 12 34 56 78").substr(0, 11), "+33 6 39 98");
  EXPECT_EQ(stand_in("PHONE_NUMBER", "+49 30 9018200").substr(0, 10), "+49 302312");
  EXPECT_EQ(stand_in("PHONE_NUMBER", "+61 2 9374 4000").substr(0, 10), "+61 2 5550");
  EXPECT_EQ(stand_in("PHONE_NUMBER", "+81 3 1234 5678").substr(0, 4), "+1 2");
}

TEST(Surrogate, OfAddressesOfMachinesIsFromTheDocumentationsRanges) {
  for (char seed = 0; seed < 20; ++seed) {
    const std::string four = stand_in("IP_ADDRESS", "81.2.69.160", seed);
    EXPECT_TRUE(four.starts_with("192.0.2.") || four.starts_with("198.51.100.") || four.starts_with("203.0.113.")) << four;
    EXPECT_EQ(stand_in("IP_ADDRESS", "2a02:8109::1", seed).substr(0, 9), "2001:db8:");
  }
  EXPECT_EQ(stand_in("MAC_ADDRESS", "3C-22-FB-12-34-56").substr(0, 15), "00-00-5E-00-53-");
  EXPECT_EQ(stand_in("MAC_ADDRESS", "3c:22:fb:12:34:56").substr(0, 15), "00:00:5e:00:53:");
  EXPECT_EQ(stand_in("US_SSN", "521-44-9382").substr(0, 4), "666-");
  const std::string mail = stand_in("EMAIL_ADDRESS", "ada@lovelace.org");
  EXPECT_NE(mail.find("@example."), std::string::npos) << mail;
}

TEST(Surrogate, OfADateKeepsItsFormAndWeekday) {
  for (const auto& [from, to] : {std::pair{"1980-03-12", "1980-05-21"},
                                 {"12.03.1980", "21.05.1980"},
                                 {"3/12/1980", "5/21/1980"},
                                 {"31/12/1999", "10/03/2000"},
                                 {"March 12, 1980", "May 21, 1980"},
                                 {"12 Mar 80", "21 May 80"},
                                 {"Wednesday, 12 March 1980", "Wednesday, 21 May 1980"},
                                 {"12TH MARCH 1980", "21TH MAY 1980"}})
    EXPECT_EQ(shifted_date(from, 70), to);
  for (const char* none : {"1980", "March 1980", "tomorrow", "30.02.1980", "2026-11-24 12:30", ""}) EXPECT_FALSE(shifted_date(none, 70)) << none;
}

TEST(Surrogate, OfAnAgeStaysOnItsSideOfEighteen) {
  EXPECT_EQ(stand_in("AGE", "42 years old"), "44 years old");
  EXPECT_EQ(stand_in("AGE", "17-year-old"), "15-year-old");
  EXPECT_EQ(stand_in("AGE", "42"), "none");  // it would stand for every 42 of the answer
}

TEST(Surrogate, IsNoneWhereNothingIsSetAside) {
  for (const char* type : {"PASSPORT", "SECRET", "TOKEN", "NATIONAL_ID", "BANK_ACCOUNT"}) EXPECT_EQ(stand_in(type, "C01X00T47"), "none");
}

class Surrogates : public testing::Test {
 protected:
  std::string put(std::string_view type, std::string_view value) { return *session_.placeholder(type, value); }
  std::string restored(std::string_view text) { return restore(session_.tokens(), text); }
  Vault vault_{system_random()};
  VaultSession session_ = [this] {
    VaultSession session = vault_.open({"key", "c"}, {1});
    session.use_surrogates("");
    return session;
  }();
};

TEST_F(Surrogates, AreTheSameInEveryTurnAndOthersInOtherConversations) {
  VaultSession other = vault_.open({"key", "d"}, {1});
  other.use_surrogates("");
  std::set<std::string> made, theirs;
  for (int i = 0; i < 20; ++i) {
    const std::string card = stand_in("CREDIT_CARD", "4111 1111 1111 1111", static_cast<char>(i));
    made.insert(put("CREDIT_CARD", card));
    theirs.insert(*other.placeholder("CREDIT_CARD", card));
    EXPECT_EQ(put("CREDIT_CARD", card), put("CREDIT_CARD", card));
  }
  EXPECT_EQ(made.size(), 20U);
  for (const std::string& one : theirs) EXPECT_FALSE(made.contains(one));
}

TEST_F(Surrogates, NameTheSameFirstNameTheSame) {
  const std::string ada = put("PERSON", "Ada Lovelace"), other = put("PERSON", "Ada Byron"), first = put("PERSON", "Ada");
  EXPECT_EQ(ada.substr(0, ada.find(' ')), first);
  EXPECT_EQ(other.substr(0, other.find(' ')), first);
  EXPECT_NE(ada, other);
  const std::string surname = ada.substr(ada.find(' ') + 1);
  EXPECT_EQ(put("PERSON", "Dr. Lovelace"), "Dr. " + surname);
  EXPECT_EQ(restored(ada + " met " + other + ". " + first + "’s friend Ms " + surname + ": " + surname + ", " + first),
            "Ada Lovelace met Ada Byron. Ada’s friend Ms Lovelace: Lovelace, Ada");
}

TEST_F(Surrogates, AreKnownWhateverSpacesStandInThem) {
  const std::string card = put("CREDIT_CARD", "4111 1111 1111 1111");
  std::string plain = card, hyphens = card;
  std::erase(plain, ' ');
  for (char& c : hyphens) c = c == ' ' ? '-' : c;
  EXPECT_EQ(restored(card + "; " + plain + "; " + hyphens), "4111 1111 1111 1111; 4111 1111 1111 1111; 4111 1111 1111 1111");
  const std::string mail = put("EMAIL_ADDRESS", "ada@lovelace.org");
  std::string big = mail;
  big[0] = static_cast<char>(big[0] - 32);
  EXPECT_EQ(restored("Write to " + big + "."), "Write to ada@lovelace.org.");
}

TEST_F(Surrogates, AreWordsOfTheirOwn) {
  const std::string first = put("PERSON", "Ada");
  EXPECT_EQ(restored(first + "ander and x" + first), first + "ander and x" + first);
  EXPECT_EQ(restored("(" + first + ")"), "(Ada)");
  EXPECT_EQ(restored("https://e.example/" + first), "https://e.example/" + first);
}

TEST_F(Surrogates, NeverStandInTheText) {
  const std::string taken = put("PERSON", "Ada");
  VaultSession other = vault_.open({"key", "c2"}, {1});
  std::string all;  // a text in which all names but one stand
  std::set<std::string> names;
  for (int i = 0; i < 400; ++i) {
    const char seed[] = {static_cast<char>(i), static_cast<char>(i / 100)};
    Draw draw(keyed({}, {{seed, 2}}));
    names.insert(name_surrogate(NamePart::given, "Ada", draw, false));
  }
  names.erase("Nico");
  for (const std::string& name : names) all += name + " ";
  other.use_surrogates(all);
  for (const char* value : {"Ada", "Bob", "Cleo"}) {
    const std::string made = *other.placeholder("PERSON", value);
    EXPECT_EQ(all.find(made + " "), std::string::npos) << made;
  }
}

TEST_F(Surrogates, RunOutIntoPlaceholders) {
  std::set<std::string> made;
  bool ran_out = false;
  for (int i = 0; i < 300; ++i) {
    const std::string word = put("MAC_ADDRESS", "3c:22:fb:12:" + std::to_string(10 + i / 90) + ":" + std::to_string(10 + i % 90));
    EXPECT_TRUE(made.insert(word).second) << word;
    ran_out = ran_out || word.starts_with("MACX");
  }
  EXPECT_TRUE(ran_out);  // there are 256
}

TEST_F(Surrogates, OfSecretsArePlaceholders) { EXPECT_EQ(put("SECRET", "sk-123").substr(0, 7), "SECRETX"); }

TEST_F(Surrogates, GiveTheTextBack) {
  const std::string text = "Card 4111 1111 1111 1111, mail ada@lovelace.org, call +44 7911 123456, SSN 521-44-9382, host 81.2.69.160.";
  RedactionsRequest request{.input = {text}, .mode = RedactionMode::redact, .op = RedactionOperator::surrogate};
  const auto redacted = *redactions(request, detectors(), session_);
  for (const char* value : {"4111", "lovelace", "7911", "521", "81.2"}) EXPECT_EQ(redacted[0].output.find(value), std::string::npos) << value;
  EXPECT_EQ(redacted[0].findings.size(), 5U);
  EXPECT_EQ(detectors().find(redacted[0].output).size(), 5U) << redacted[0].output;
  EXPECT_EQ(restored(redacted[0].output), text);
}

}  // namespace
}  // namespace demarc::privacy
