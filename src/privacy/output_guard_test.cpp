#include "privacy/output_guard.hpp"

#include <gtest/gtest.h>

namespace demarc::privacy {
namespace {

const Detectors& detectors() {
  static const Detectors all = Detectors::structured();
  return all;
}

std::string run(const std::vector<std::string>& mask, std::string_view text, std::size_t step, FindingCounts* counts = nullptr) {
  OutputGuard guard(detectors(), mask);
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += step) out += guard.feed({}, text.substr(at, step));
  out += guard.flush({});
  if (counts != nullptr) *counts = guard.counts();
  return out;
}

const std::string kKey = std::string("AKIA") + "IOSFODNN7EXAMPLE";
const std::string kPem = std::string("-----BEGIN PRIVATE") + " KEY-----\nMC4CAQAwBQYDK2VwBCIE\nINTuctv5E1hK1bbY8fdp\n-----END PRIVATE KEY-----";

TEST(OutputGuard, HidesTheTypesToMaskAndLeavesTheOthers) {
  EXPECT_EQ(run({"SECRET"}, "use " + kKey + " for ada@example.org", 1000), "use [SECRET] for ada@example.org");
  EXPECT_EQ(run({"EMAIL_ADDRESS"}, "use " + kKey + " for ada@example.org.", 1000), "use " + kKey + " for [EMAIL_ADDRESS].");
}

TEST(OutputGuard, GivesTheSameForEveryCut) {
  const std::string text = "use " + kKey + ", then\n" + kPem +
                           "\nor password = 'Tr0ub4dor&3xyz' and card 4111 1111 1111 1111 exp 12/27, call 416 60 039 office.\n" +
                           "IBAN GB29 NWBK 6016 1331 9268 19 is fine; 2026-11-24 12:30 and -----BEGIN CERTIFICATE----- too, SSN 521-44-9382";
  for (const std::vector<std::string>& mask :
       {std::vector<std::string>{"SECRET"}, {"SECRET", "CREDIT_CARD", "PHONE_NUMBER", "IBAN_CODE", "US_SSN"}}) {
    const std::string expected = run(mask, text, text.size());
    EXPECT_EQ(expected.find("AKIA"), std::string::npos);
    EXPECT_EQ(expected.find("MC4C"), std::string::npos);
    for (std::size_t step = 1; step < 80; ++step) ASSERT_EQ(run(mask, text, step), expected) << step;
  }
}

TEST(OutputGuard, CountsWhatItSeesHoweverTheStreamIsCut) {
  const std::string text = "ada@example.org " + kKey + " 4111 1111 1111 1111 ";
  std::string much;
  for (int i = 0; i < 3000; ++i) much += text;
  FindingCounts counts;
  for (std::size_t step : {std::size_t{17}, std::size_t{4096}, much.size()}) {
    (void)run({}, much, step, &counts);
    EXPECT_EQ(counts, (FindingCounts{{"CREDIT_CARD", 3000}, {"EMAIL_ADDRESS", 3000}, {"SECRET", 3000}})) << step;
  }
}

TEST(OutputGuard, HoldsNothingWithoutAMaskAndOneWordWithOne) {
  OutputGuard open(detectors(), {}), guard(detectors(), {"SECRET"});
  EXPECT_EQ(open.feed({}, "some wo"), "some wo");
  EXPECT_EQ(guard.feed({}, "some wo"), "some ");
  EXPECT_EQ(guard.feed({}, "rds"), "");
  EXPECT_EQ(guard.feed({}, " on"), "words ");
}

TEST(OutputGuard, HidesAKeyThatIsTooLongToHold) {
  std::string text = std::string("-----BEGIN RSA PRIVATE") + " KEY-----\n";
  while (text.size() < 40'000) text += "MIIEowIBAAKCAQEAMIIEowIBAAKCAQEAMIIEowIBAAKCAQEAMIIEowIBAAKCAQEA\n";
  for (std::size_t step : {std::size_t{100}, text.size()}) EXPECT_EQ(run({"SECRET"}, text, step).find("MIIE"), std::string::npos) << step;
}

}  // namespace
}  // namespace demarc::privacy
