// Each row of data/identifiers.yaml by its own examples, and what the table cannot say.
#include <gtest/gtest.h>

#include <string>

#include "privacy/detector.hpp"
#include "privacy/identifier_table.hpp"
#include "privacy/keccak.hpp"

namespace demarc::privacy {
namespace {

const Detectors& detectors() {
  static const Detectors all = Detectors::structured();
  return all;
}

std::string listed(const std::string& text, const std::vector<Finding>& found) {
  std::string out;
  for (const Finding& one : found) out += one.type + " '" + text.substr(one.begin, one.end - one.begin) + "' ";
  return out;
}

void expect_marked(const std::string& type, const std::string& marked) {
  SCOPED_TRACE(marked);
  const std::size_t open = marked.find('['), close = marked.rfind(']');
  ASSERT_NE(open, std::string::npos);
  std::string text = marked;
  text.erase(close, 1).erase(open, 1);
  const auto found = detectors().find(text);
  ASSERT_EQ(found.size(), 1U) << listed(text, found);
  EXPECT_EQ(found[0].type, type);
  EXPECT_EQ(text.substr(found[0].begin, found[0].end - found[0].begin), marked.substr(open + 1, close - open - 1));
  EXPECT_FALSE(found[0].reason.empty());
}

TEST(Identifiers, FindEachOfTheirExamplesAndNothingElse) {
  for (const IdentifierRow& row : read_identifiers()) {
    ASSERT_GE(row.examples.size(), 2U) << row.type;
    for (const std::string& example : row.examples) expect_marked(row.type, example);
  }
}

TEST(Identifiers, FindNoneInTheirCounterExamples) {
  for (const IdentifierRow& row : read_identifiers()) {
    ASSERT_FALSE(row.counter_examples.empty()) << row.type;
    for (const std::string& text : row.counter_examples) {
      const auto found = detectors().find(text);
      for (const Finding& finding : found) EXPECT_NE(finding.type, row.type) << text;
    }
  }
}

TEST(Identifiers, SayWhoPublishesTheRule) {
  for (const IdentifierRow& row : read_identifiers()) EXPECT_GT(row.source.size(), 8U) << row.type;
}

TEST(Identifiers, TakeALabelForAWord) {
  const auto found = detectors().find(Text{"9434765919", "nhsNumber"});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].type, "UK_NHS");
  EXPECT_EQ(found[0].reason, "mod 11; word beside it: nhs");
}

TEST(Identifiers, TakeWordsBehindThemToo) {
  expect_marked("UK_NHS", "[943 476 5919] is her NHS number");
  expect_marked("DATE_OF_BIRTH", "[1980-03-12] (date of birth)");
  EXPECT_TRUE(detectors().find("943 476 5919, and her NHS number is lost").empty());
}

TEST(Identifiers, AreNamedByTheHumpsOfAKey) {
  expect_marked("PASSPORT", R"(note: {"passportNumber": "[C01X00T47]"})");
  expect_marked("DE_TAX_ID", R"(note: {"steuerId": "[75102686690]"})");
  expect_marked("DE_TAX_ID", "IdNr. [75102686690]");
}

TEST(Identifiers, LetAnotherSentenceBe) { EXPECT_TRUE(detectors().find("I lost my passport. Paid 12345678 for it").empty()); }

TEST(Identifiers, GoByTheNearestWordWhereDigitsFitSeveral) {
  const auto found = detectors().find("Patient ID AHC-0933289 and insurance policy #88291-LK, passport C01X00T47 and driver license D1234567");
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[0].type, "MEDICAL_RECORD_NUMBER");
  EXPECT_EQ(found[1].type, "INSURANCE_ID");
  EXPECT_EQ(found[2].type, "PASSPORT");
  EXPECT_EQ(found[3].type, "DRIVER_LICENSE");
}

TEST(BirthDates, AreDatesBesideTheirWord) {
  for (const char* marked :
       {"born [1980-03-12]", "DOB: [12/31/1980]", "geboren am [31.12.1980]", "Geburtsdatum: [3. März 1980]", "date of birth: [3 March 1980]",
        "She was born in Leeds on [March 3, 1980].", "né le [3 mars 1980]", "NÉE LE [03/03/1980]", "fecha de nacimiento: [3 de marzo de 1980]",
        "born on the [4th of July, 1980]", "DOB [04-Jul-1980]", "D.O.B. [1/2/80]", "geb. [1. 2. 1980]", "born [March\n 3, 1980]", "born [19800312]",
        "DOB [12031980]", "DOB [03121980]"})
    expect_marked("DATE_OF_BIRTH", marked);
  const auto labelled = detectors().find(Text{"1980-03-12T00:00:00Z", "dateOfBirth"});
  ASSERT_EQ(labelled.size(), 1U);
  EXPECT_EQ(labelled[0].end, 10U);
}

TEST(BirthDates, AreNoOtherDatesAndNoOtherNumbers) {
  for (const char* text : {"due 1980-03-12", "born 31 times", "born in 1980", "birth of 12/31 babies", "DOB 45.13.1980", "born 1.2.3.4.1980",
                           "version born 3.12.80.1", "born 19801312", "born 18800312", "born 198003121", "paid 19800312"}) {
    const auto found = detectors().find(text);
    for (const Finding& one : found) EXPECT_NE(one.type, "DATE_OF_BIRTH") << text;
  }
}

TEST(Crypto, IsToldByItsChecks) {
  for (const char* marked :
       {"send to [1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa]", "[3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy]", "[bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4]",
        "[BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4]", "[bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0]",
        "[0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed]", "[0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed]"})
    expect_marked("CRYPTO", marked);
  for (const char* text :
       {"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD",
        "0x0000000000000000000000000000000000000001", "9fceb02d0ae598e95dc970b74767f19372d61af8"})
    EXPECT_TRUE(detectors().find(text).empty()) << text;
}

TEST(Keccak, GivesThePublishedHashes) {
  EXPECT_EQ(keccak_256("")[0], 0xC5);
  EXPECT_EQ(keccak_256("")[31], 0x70);
  EXPECT_EQ(keccak_256("abc")[0], 0x4E);
  EXPECT_EQ(keccak_256("abc")[31], 0x45);
}

TEST(MachineReadable, ZonesAreTakenWithAllTheirLines) {
  expect_marked("PASSPORT", "scan:\n[P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10]\nend");
  expect_marked("PASSPORT", "[I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<]");
  EXPECT_TRUE(detectors().find("L898902C37UTO7408122F1204159ZE184226B<<<<<10").empty());
}

}  // namespace
}  // namespace demarc::privacy
