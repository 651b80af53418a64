// Every disguise over every kind of value: what is found, and that its span is the whole of what stands in the text as it came.
#include "privacy/readings.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <string>
#include <vector>

#include "base/encode.hpp"
#include "privacy/chars.hpp"
#include "privacy/charset.hpp"
#include "privacy/detector.hpp"

namespace demarc::privacy {
namespace {

const Detectors& detectors() {
  static const Detectors all = Detectors::structured();
  return all;
}

struct Marked {
  std::string type, text;  // with one ⟦finding⟧
};

class Undoes : public testing::TestWithParam<Marked> {};
TEST_P(Undoes, AndFindsExactlyWhatIsMarked) {
  const std::string open = "⟦", close = "⟧";
  std::string text = GetParam().text;
  SCOPED_TRACE(text);
  const std::size_t end = text.find(close), begin = text.find(open);
  ASSERT_NE(end, std::string::npos);
  text.erase(end, close.size()).erase(begin, open.size());
  const std::vector<Finding> found = detectors().find(text);
  ASSERT_EQ(found.size(), 1U) << (found.empty() ? "" : found[0].type + " " + text.substr(found[0].begin, found[0].end - found[0].begin));
  EXPECT_EQ(found[0].type, GetParam().type);
  EXPECT_EQ(text.substr(found[0].begin, found[0].end - found[0].begin), text.substr(begin, end - open.size() - begin));
}

INSTANTIATE_TEST_SUITE_P(Unicode, Undoes,
                         testing::Values(Marked{"EMAIL_ADDRESS", "write to ⟦𝐚𝐝𝐚@𝐞𝐱𝐚𝐦𝐩𝐥𝐞.𝐨𝐫𝐠⟧."},
                                         Marked{"EMAIL_ADDRESS", "write to ⟦ⓐⓓⓐ@example.org⟧"},
                                         Marked{"EMAIL_ADDRESS", "write to ⟦аdа@ехаmple.оrg⟧ today"},
                                         Marked{"EMAIL_ADDRESS", "write to ⟦ada﹫example.org⟧"}, Marked{"CREDIT_CARD", "pay ⟦𝟒𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏⟧"},
                                         Marked{"CREDIT_CARD", "pay ⟦④①①①①①①①①①①①①①①①⟧"}, Marked{"CREDIT_CARD", "pay ⟦4̶1̶1̶1̶ 1̶1̶1̶1̶ 1̶1̶1̶1̶ 1̶1̶1̶1⟧̶ now"},
                                         Marked{"US_SSN", "her ⟦⁵²¹-⁴⁴-⁹³⁸²⟧ is known"}));

INSTANTIATE_TEST_SUITE_P(OneByOne, Undoes,
                         testing::Values(Marked{"CREDIT_CARD", "pay ⟦4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1⟧ now"},
                                         Marked{"CREDIT_CARD", "pay ⟦4-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1⟧ now"},
                                         Marked{"CREDIT_CARD", "pay ⟦4.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1⟧ now"},
                                         Marked{"CREDIT_CARD", "pay ⟦4_1_1_1_1_1_1_1_1_1_1_1_1_1_1_1⟧ now"},
                                         Marked{"CREDIT_CARD", "pay ⟦4 * 1 * 1 * 1 * 1 * 1 * 1 * 1 * 1 * 1 * 1 * 1 * 1 * 1 * 1 * 1⟧ now"},
                                         Marked{"CREDIT_CARD", "⟦4\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1⟧"},
                                         Marked{"EMAIL_ADDRESS", "to ⟦a d a @ e x a m p l e . o r g⟧ please"},
                                         Marked{"EMAIL_ADDRESS", "to ⟦a-d-a-@-e-x-a-m-p-l-e-.-o-r-g⟧"},
                                         Marked{"US_SSN", "it is ⟦5 2 1 - 4 4 - 9 3 8 2⟧"},
                                         Marked{"IBAN_CODE", "⟦D E 8 9 3 7 0 4 0 0 4 4 0 5 3 2 0 1 3 0 0 0⟧"},
                                         Marked{"PHONE_NUMBER", "to ⟦+ 4 4 7 7 0 0 9 0 0 1 2 3⟧ now"}));

INSTANTIATE_TEST_SUITE_P(
    Words, Undoes,
    testing::Values(Marked{"CREDIT_CARD", "it is ⟦four one one one one one one one one one one one one one one one⟧, thanks"},
                    Marked{"CREDIT_CARD", "it is ⟦Four triple one, double one double one double one double one double one double one⟧"},
                    Marked{"CREDIT_CARD", "⟦vier eins eins eins eins eins eins eins eins eins eins eins eins eins eins eins⟧"},
                    Marked{"US_SSN", "my social is ⟦five two one four four nine three eight two⟧"},
                    Marked{"PHONE_NUMBER", "phone: ⟦oh seven seven double oh nine oh oh one two three⟧"},
                    Marked{"EMAIL_ADDRESS", "write ⟦ada (at) example (dot) org⟧ soon"}, Marked{"EMAIL_ADDRESS", "write ⟦ada[at]example.org⟧ soon"},
                    Marked{"EMAIL_ADDRESS", "write ⟦ada at example dot org⟧ soon"},
                    Marked{"EMAIL_ADDRESS", "⟦ada dot lovelace at mail dot example dot org⟧"}));

INSTANTIATE_TEST_SUITE_P(
    DigitGaps, Undoes,
    testing::Values(Marked{"IBAN_CODE", "the IBAN ⟦DE8 9 3 7 0 4 0 0 4 4 0 5 3 2 0 1 3 0 0 0⟧, please"},
                    Marked{"IBAN_CODE", "the IBAN ⟦DE8.9.3.7.0.4.0.0.4.4.0.5.3.2.0.1.3.0.0.0⟧, please"},
                    Marked{"IBAN_CODE", "the IBAN ⟦DE8-9-3-7-0-4-0-0-4-4-0-5-3-2-0-1-3-0-0-0⟧, please"},
                    Marked{"IBAN_CODE", "the IBAN ⟦GB8 2 WEST 1 2 3 4 5 6 9 8 7 6 5 4 3 2⟧"},
                    Marked{"SECRET", "key ⟦sk-proj-a8Fk2LmQ9 3zXcVbN7rTyUiOpLkJhGfDsA1qW⟧ now"},
                    Marked{"SECRET", "key ⟦sk-proj-a8Fk2LmQ9.3zXcVbN7rTyUiOpLkJhGfDsA1qW⟧ now"},
                    Marked{"CRYPTO", "wallet ⟦1BoatSLRHtKNngkdXEeobR7 6b5 3LETtpyT⟧ it is"}, Marked{"MAC_ADDRESS", "nic ⟦4F:7 0:B9:B8:3E:D7⟧ up"},
                    Marked{"MAC_ADDRESS", "nic ⟦4F:7.0:B9:B8:3E:D7⟧ up"}, Marked{"IP_ADDRESS", "host ⟦fe8 0::6eda:7 4ff:feaa:5db5⟧ is down"},
                    Marked{"IP_ADDRESS", "host ⟦1 9 2.1 6 8.1 7.2 5⟧ is down"}, Marked{"EMAIL_ADDRESS", "to ⟦harold_park5 0@example.net⟧ now"},
                    Marked{"IT_FISCAL_CODE", "codice fiscale ⟦RSSMRA8 5T1 0A5 6 2S⟧, grazie"},
                    Marked{"PASSPORT", "passport number ⟦R7 0 0 5 3 4 2 6⟧."}, Marked{"DATE_OF_BIRTH", "date of birth: ⟦2 7 Nov 1 9 6 6⟧, thanks"},
                    Marked{"DATE_OF_BIRTH", "date of birth: ⟦2.7 Nov 1.9.6.6⟧, thanks"}));

INSTANTIATE_TEST_SUITE_P(
    LettersAmongDigitWords, Undoes,
    testing::Values(
        Marked{"IBAN_CODE",
               "it is ⟦D E eight nine three seven zero four zero zero four four zero five three two zero one three zero zero zero⟧, please"},
        Marked{"IP_ADDRESS", "server address ⟦two zero zero one : d b eight : three b five f : seven six zero d : : four two⟧ as agreed"},
        Marked{"IP_ADDRESS", "server address ⟦two zero three dot zero dot one one three dot seven⟧ as agreed"},
        Marked{"MAC_ADDRESS", "nic ⟦four F : seven zero : B nine : B eight : three E : D seven⟧ is up"},
        Marked{"IT_FISCAL_CODE", "codice fiscale ⟦R S S M R A eight five T one zero A five six two S⟧, grazie"},
        Marked{"PASSPORT", "passport number ⟦W S eight six zero one eight two eight⟧ as agreed"},
        Marked{"DATE_OF_BIRTH", "date of birth: ⟦one nine six seven - one two - one five⟧ as agreed"},
        Marked{"PHONE_NUMBER", "my phone: ⟦( two one one ) five zero nine - zero one five six⟧."}));

INSTANTIATE_TEST_SUITE_P(BeyondTheLine, Undoes,
                         testing::Values(Marked{"PHONE_NUMBER", "call me, phone ⟦+49 30 3\n170 0922⟧ today"},
                                         Marked{"PHONE_NUMBER", "phone ⟦+81 90-7\n791-3239⟧ as agreed"},
                                         Marked{"PHONE_NUMBER", "phone ⟦+27 82 \n392 9747⟧."},
                                         Marked{"IBAN_CODE", "IBAN ⟦GB82 WEST 1234 5698\n 7654 32⟧ please"},
                                         Marked{"IBAN_CODE", "IBAN ⟦GB82 WEST 1234 5\n698 7654 32⟧ please"},
                                         Marked{"DATE_OF_BIRTH", "date of birth ⟦27 No\nv 1966⟧, thanks"},
                                         Marked{"CREDIT_CARD", "card=⟦533\n4 3418 0463 2713⟧ amount"}));

INSTANTIATE_TEST_SUITE_P(LookAlikesAtTheEnds, Undoes,
                         testing::Values(Marked{"PASSPORT", "The passport number is ⟦Х35546078⟧, thank you."},
                                         Marked{"PHONE_NUMBER", "please call ⟦(503) 254-2086 ехt. 363⟧ now"},
                                         Marked{"SECRET", "The token is ⟦АКІАРСQ4GGNQ9АWYТН0С⟧."}));

INSTANTIATE_TEST_SUITE_P(Breaks, Undoes,
                         testing::Values(Marked{"CREDIT_CARD", "pay ⟦4111 1111\n1111 1111⟧ now"},
                                         Marked{"CREDIT_CARD", "pay ⟦4111-1111-\n1111-1111⟧"}, Marked{"CREDIT_CARD", "⟦41111111\r\n11111111⟧"},
                                         Marked{"EMAIL_ADDRESS", "to ⟦ada@exam\nple.org⟧"}, Marked{"EMAIL_ADDRESS", "to ⟦ada@\nexample.org⟧"},
                                         Marked{"IBAN_CODE", "⟦DE89370400440\n532013000⟧"}));

INSTANTIATE_TEST_SUITE_P(ManyLines, Undoes,
                         testing::Values(Marked{"SECRET", "key ⟦sk-proj-a8Fk2LmQ93zX\ncVbN7rTyUiOpLkJhGfDs\nA1qWeRtYuIoP4sDfGh⟧"},
                                         Marked{"SECRET", "key ⟦sk-proj-a8Fk2LmQ93zXcVbN7rTyUiOpLkJh\nGfDsA1qWeRtYuIoP4sDfGh12⟧ is ours"},
                                         Marked{"SECRET", "> key ⟦sk-proj-a8Fk2LmQ93zX\n> cVbN7rTyUiOpLkJhGfDs\n> A1qWeRtYuIoP4sDfGh⟧"},
                                         Marked{"EMAIL_ADDRESS", "to ⟦ada.love\nlace@exam\nple.org⟧"},
                                         Marked{"IBAN_CODE", "⟦DE893704\n00440532\n013000⟧"}));

INSTANTIATE_TEST_SUITE_P(Brackets, Undoes,
                         testing::Values(Marked{"EMAIL_ADDRESS", "write ⟦ada (dot) lovelace (at) example (dot) org⟧ soon"},
                                         Marked{"EMAIL_ADDRESS", "write ⟦ada@example[.]org⟧ soon"},
                                         Marked{"EMAIL_ADDRESS", "write ⟦ada[@]example[.]org⟧ soon"},
                                         Marked{"EMAIL_ADDRESS", "write ⟦ada@example dot org⟧ soon"},
                                         Marked{"EMAIL_ADDRESS", "at work (at) localhost or ⟦bob (at) example (dot) org⟧"},
                                         Marked{"EMAIL_ADDRESS", "⟦ada (at) example dot org⟧"},
                                         Marked{"IP_ADDRESS", "host ⟦203[.]0[.]113[.]7⟧ is down"}));

INSTANTIATE_TEST_SUITE_P(
    Escapes, Undoes,
    testing::Values(Marked{"EMAIL_ADDRESS", "x=⟦ada%40example.org⟧&y"}, Marked{"EMAIL_ADDRESS", "⟦%61%64%61%40%65%78ample.org⟧"},
                    Marked{"EMAIL_ADDRESS", "⟦ada&#64;example.org⟧"}, Marked{"EMAIL_ADDRESS", "⟦ada&#x40;example&period;org⟧"},
                    Marked{"EMAIL_ADDRESS", "⟦&#97;&#100;&#97;&commat;example.org⟧"}, Marked{"EMAIL_ADDRESS", "⟦ada\\u0040example.org⟧"},
                    Marked{"EMAIL_ADDRESS", "⟦ada\\x40example.org⟧"}, Marked{"EMAIL_ADDRESS", "⟦ada=40example.org⟧"},
                    Marked{"EMAIL_ADDRESS", "⟦ada@exam=\nple.org⟧"}, Marked{"CREDIT_CARD", "⟦%34111%31111%31111%31111⟧"},
                    Marked{"CREDIT_CARD", "n=⟦4111+1111+1111+1111⟧&x=1"}, Marked{"US_SSN", "q=my+social+security+number%3A+⟦521449382⟧%2C+thank+you"},
                    Marked{"PHONE_NUMBER", "q=call%3A%20⟦+447700900123⟧"}, Marked{"EMAIL_ADDRESS", "⟦ada%2540example.org⟧"},
                    Marked{"EMAIL_ADDRESS", "⟦ada%252540example.org⟧"}, Marked{"EMAIL_ADDRESS", "mail ⟦ada\\_lovelace@example.org⟧ now"},
                    Marked{"EMAIL_ADDRESS", "mail ⟦ada&#95;lovelace@example.org⟧"}, Marked{"EMAIL_ADDRESS", "⟦ada@example.co&#46;uk⟧"},
                    Marked{"EMAIL_ADDRESS", "⟦ada\\u005flovelace@example.org⟧"}, Marked{"EMAIL_ADDRESS", "⟦ada=5Flovelace@example.org⟧"},
                    Marked{"EMAIL_ADDRESS", "⟦ada\\.l\\@example\\.org⟧"}, Marked{"CREDIT_CARD", "⟦4111\\-1111\\-1111\\-1111⟧"},
                    Marked{"SECRET", "key ⟦sk\\_live\\_4eC39HqLyjWDarjtT1zdp7dc⟧"}, Marked{"DATE_OF_BIRTH", "born ⟦27\\/11\\/1966⟧"},
                    Marked{"PHONE_NUMBER", "⟦\\(212\\) 555\\-0123⟧"}, Marked{"EMAIL_ADDRESS", "⟦\\141\\144\\141\\100example.org⟧"},
                    Marked{"EMAIL_ADDRESS", "⟦ada%u0040example.org⟧"}, Marked{"EMAIL_ADDRESS", "⟦ada%U0040example.org⟧"},
                    Marked{"EMAIL_ADDRESS", "⟦ada\\U00000040example.org⟧"}));

INSTANTIATE_TEST_SUITE_P(SpacedAts, Undoes,
                         testing::Values(Marked{"EMAIL_ADDRESS", "write to ⟦ada @ example.org⟧ soon"},
                                         Marked{"EMAIL_ADDRESS", "⟦ada @ example . org⟧"},
                                         Marked{"EMAIL_ADDRESS", "⟦ada.l@ mail.example.org⟧, thanks"}));

INSTANTIATE_TEST_SUITE_P(Tags, Undoes,
                         testing::Values(Marked{"EMAIL_ADDRESS", "mail ⟦ada@<wbr>example.org⟧"},
                                         Marked{"EMAIL_ADDRESS", "<em>⟦ada</em>@example.org⟧, "},
                                         Marked{"EMAIL_ADDRESS", "⟦ada<b>lovelace</b>@example.org⟧"},
                                         Marked{"EMAIL_ADDRESS", "⟦ada@<span class=\"hit\">example</span>.org⟧"},
                                         Marked{"CREDIT_CARD", "<b>⟦4111</b> 1111 <I>1111</I> 1111⟧ is it"},
                                         Marked{"CREDIT_CARD", "⟦4111<wbr/>1111<wbr>1111<wbr>1111⟧"}));

TEST(Readings, CellsAreNoOneValue) {
  EXPECT_EQ(detectors().find("<tr><td>4111</td><td>1111</td><td>1111</td><td>1111</td></tr>").size(), 0U);
  EXPECT_EQ(detectors().find("a < 4111 && 1111 > b").size(), 0U);
}

TEST(Readings, AMentionIsNoAddress) {
  for (const std::string_view text : {"thanks @example.org", "see you @ 5 p.m.", "lunch @ noon. Tell everybody", "x @ y"})
    EXPECT_EQ(detectors().find(text).size(), 0U) << text;
}

INSTANTIATE_TEST_SUITE_P(Runs, Undoes,
                         testing::Values(Marked{"EMAIL_ADDRESS", "note: ⟦YWRhQGV4YW1wbGUub3Jn⟧ end"},
                                         Marked{"EMAIL_ADDRESS", "⟦bXkgbWFpbCBpcyBhZGFAZXhhbXBsZS5vcmcgb2sh⟧"},
                                         Marked{"EMAIL_ADDRESS", "⟦WVdSaFFHVjRZVzF3YkdVdWIzSm4=⟧ twice"},
                                         Marked{"EMAIL_ADDRESS", "hex ⟦616461406578616d706c652e6f7267⟧ "},
                                         Marked{"EMAIL_ADDRESS", "hex ⟦61 64 61 40 65 78 61 6d 70 6c 65 2e 6f 72 67 2e 63 6f⟧"},
                                         Marked{"CREDIT_CARD", "⟦NDExMTExMTExMTExMTExMQ==⟧"},
                                         Marked{"CREDIT_CARD", "/files/⟦NDExMTExMTExMTExMTExMQ⟧/x"},
                                         Marked{"EMAIL_ADDRESS", "data:text/plain;base64,⟦YWRhQGV4YW1wbGUub3Jn⟧"}));

// Other alphabets in base64, and what follows a value there.
TEST(Readings, BaseSixtyFourIsReadAsFarAsItIsText) {
  for (const std::string& inside :
       {std::string("Номер карты моей жены 4111 1111 1111 1111, спасибо большое"), std::string("карта 4111111111111111 вот"),
        "the card 4111 1111 1111 1111 and then" + std::string("\0\1\2\xff\xfe", 5) + "a lot of other bytes",
        "the card is 4111 1111 1111 1111" + std::string(300, '\x81'), std::string("page 1\fthe card is 4111 1111 1111 1111")}) {
    const auto found = detectors().find("note " + to_base64(inside) + " end");
    ASSERT_EQ(found.size(), 1U) << inside;
    EXPECT_EQ(found[0].type, "CREDIT_CARD");
  }
}

// As PowerShell, Windows and older mails write texts before they are encoded.
TEST(Readings, EncodedBytesAreReadInEveryEncodingOfTexts) {
  using enum Charset::Form;
  for (const std::string_view inside :
       {"card 4111 1111 1111 1111", "Müller, card 4111 1111 1111 1111", "Grüße aus Köln, Straße; card 4111 1111 1111 1111",
        "It costs €5, “the card” 4111 1111 1111 1111", "This is a long beginning in English, then ü and the card 4111 1111 1111 1111"})
    for (const Charset charset :
         {Charset{utf16_le, false}, Charset{utf16_le, true}, Charset{utf16_be, false}, Charset{utf16_be, true}, Charset{windows_1252, false}}) {
      const std::string bytes = encode_text(charset, inside);
      for (const std::string& encoded : {to_base64(bytes), to_hex(bytes), "v1_" + to_base64(bytes)}) {
        const auto found = detectors().find("note " + encoded + " end");
        ASSERT_EQ(found.size(), 1U) << inside << " " << static_cast<int>(charset.form) << charset.has_mark << " " << encoded;
        EXPECT_EQ(found[0].type, "CREDIT_CARD");
      }
    }
  for (const std::string_view inside :
       {"Кому: карта 4111 1111 1111 1111", "Łódź, karta 4111 1111 1111 1111", "Name: 山田太郎 😀 card 4111 1111 1111 1111"})
    for (const Charset charset : {Charset{utf16_le, false}, Charset{utf16_le, true}, Charset{utf16_be, false}, Charset{utf16_be, true}})
      EXPECT_EQ(detectors().find(to_base64(encode_text(charset, inside))).size(), 1U) << inside << static_cast<int>(charset.form);
  for (const std::string_view prefix : {"AGD_", "VAG", "AAFa-", "AG_"})  // read from here, ASCII is Chinese
    EXPECT_EQ(detectors().find("see " + std::string(prefix) + to_base64("the card is 4111 1111 1111 1111 thanks")).size(), 1U) << prefix;
}

// What is undone in one place hides nothing that stands far from it, however deep either is.
TEST(Readings, DisguisesFarApartAreUndoneEach) {
  std::string prose;
  for (int i = 0; i < 60; ++i) prose += "It was a quiet day and nothing much had happened. ";
  for (const std::string_view escape : {"100%20sure", "a%2520b", "a%25252525252525252520b", "&#32;", "=\n"})
    for (const std::string_view value :
         {"YWRhQGV4YW1wbGUub3Jn", "WVdSaFFHVjRZVzF3YkdVdWIzSm4=", "616461406578616d706c652e6f7267", "YWRhJTQwZXhhbXBsZS5vcmc=", "ada&#64;example.org",
          "a&#32;d a @ e x a m p l e . o r&#32;g", "а&#100;а@example.org", "ada (at) example (dot) org"}) {
      for (const std::string& text : {prose + std::string(escape) + prose + std::string(value) + " " + prose,
                                      prose + std::string(value) + " " + prose + std::string(escape) + prose}) {
        const auto found = detectors().find(text);
        ASSERT_EQ(found.size(), 1U) << escape << " " << value;
        EXPECT_EQ(found[0].type, "EMAIL_ADDRESS");
      }
      const std::string both = prose + std::string(value) + " " + prose + "YWJjZGVmZ2hpamtsbW5vcA==" + prose + std::string(escape);
      EXPECT_EQ(detectors().find(both).size(), 1U) << escape << " " << value;
    }
}

TEST(Readings, AnOrdinaryTextHasOne) {
  for (const std::string_view text :
       {"The build takes nine minutes on two cores.\nIt is 100% done & fine = good.", "int main() { return x * 2; } // see RFC 2045",
        "Ein Text mit Umlauten: Grüße aus Köln, naïve Übung.", "getUserAccountNameFromDatabase(connectionStringBuilder)", "Привет, как дела?"})
    EXPECT_EQ(Readings(text).size(), 1U) << text;
}

TEST(Readings, HarmlessTextsHoldNothing) {
  for (const std::string_view text :
       {"1, 2, 3, 4, 5, 6, 7, 8, 9, 10", "12345678\n87654321\n11223344\n55667788\n99887766", "one two three testing one two three",
        "look at dot net and at dot com boom", "Meet me at noon (at) the gate",
        "sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4",
        "x = a %20 b &copy; 2024 \\u00e9t\\u00e9", "react@18.2.0 and @scope/pkg@1.2.3-beta.rc", "e4 e5 2 Nf3 Nc6 3 Bb5 a6 4 Ba4",
        "grades 1 2 3 4 5 6, rows a1 b2 c3", "1.2 3.4 5.6 7.8", "I have one two three four five"})
    EXPECT_TRUE(detectors().find(text).empty()) << text << " " << detectors().find(text)[0].type;
}

TEST(Readings, SaysWhatWasUndone) { EXPECT_EQ(detectors().find("YWRhQGV4YW1wbGUub3Jn").at(0).reason.substr(0, 7), "encoded"); }

// Spans stay inside the text, on whole characters, whatever the bytes are.
TEST(Readings, SpansAreOfTheTextWhateverItIs) {
  std::mt19937 random(7);
  const std::vector<std::string> bits = {"4",
                                         "1",
                                         "1 1 1 1",
                                         "%34",
                                         "&#64;",
                                         "ada",
                                         "@",
                                         "example.org",
                                         "\n",
                                         "\\u0040",
                                         "one ",
                                         "four ",
                                         "YWRhQGV4YW1wbGUub3Jn",
                                         "а",
                                         "𝟒",
                                         "\u0301",
                                         "=40",
                                         "=\n",
                                         "-",
                                         " ",
                                         "616461406578616d706c652e6f7267",
                                         "(at)",
                                         " dot ",
                                         "\xff",
                                         "\xe2\x80",
                                         "4111 1111 1111 1111"};
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (int i = 0; i < 12; ++i) text += bits[random() % bits.size()];
    for (const Finding& finding : detectors().find(text)) {
      ASSERT_LT(finding.begin, finding.end) << text;
      ASSERT_LE(finding.end, text.size()) << text;
    }
  }
}

// Values under random disguises, nested: found, and covered as a whole.
TEST(Readings, NestedDisguisesAreUndone) {
  std::mt19937 random(11);
  using Disguise = std::function<std::string(const std::string&)>;
  const auto escape_some = [&](const std::string& text, const std::function<std::string(char)>& as) {
    std::string out;
    for (const char c : text) out += random() % 3 == 0 ? as(c) : std::string(1, c);
    return out;
  };
  const auto hex2 = [](char c) { return to_hex(std::string_view(&c, 1)); };
  const std::vector<Disguise> disguises = {
      [&](const std::string& t) { return escape_some(t, [&](char c) { return "%" + hex2(c); }); },
      [&](const std::string& t) { return escape_some(t, [&](char c) { return "&#" + std::to_string(c) + ";"; }); },
      [&](const std::string& t) { return escape_some(t, [&](char c) { return "\\u00" + hex2(c); }); },
      [&](const std::string& t) { return to_base64(t); },
      [&](const std::string& t) { return to_hex(t); },
  };
  const std::vector<std::string> values = {"ada@example.org", "4111 1111 1111 1111", "DE89370400440532013000", "521-44-9382",
                                           "sk-proj-a8Fk2LmQ93zXcVbN7rTyUiOpLkJhGfDsA1qW"};
  for (int round = 0; round < 2000; ++round) {
    const std::string& value = values[random() % values.size()];
    std::string hidden = "to " + value + " now, thanks";
    const unsigned depth = 1 + random() % 3;
    for (unsigned i = 0; i < depth; ++i) hidden = disguises[random() % disguises.size()](hidden);
    const std::vector<Finding> found = detectors().find("note: " + hidden + " end");
    ASSERT_GE(found.size(), 1U) << value << " in " << hidden;
  }
}

}  // namespace
}  // namespace demarc::privacy
