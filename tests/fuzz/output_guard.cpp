// However an answer is cut, the same is hidden and the same is counted; what comes out is UTF-8 if what went in was.
#include "privacy/output_guard.hpp"

#include "base/strings.hpp"
#include "fuzz.hpp"

namespace demarc::fuzz {
namespace {

std::vector<std::string> masks(Choices& choices) {
  switch (choices.below(5)) {
    case 0: return {"SECRET"};
    case 1: return {"EMAIL_ADDRESS", "IP_ADDRESS"};
    case 2: return {"CREDIT_CARD", "PHONE_NUMBER", "US_SSN", "IBAN_CODE"};
    case 3: return {"SECRET", "EMAIL_ADDRESS", "CREDIT_CARD", "IBAN_CODE", "MAC_ADDRESS"};
    default: return {};
  }
}

struct Run {
  std::string out;
  FindingCounts counts;
};

Run run(const std::vector<std::string>& mask, const std::vector<std::string_view>& pieces) {
  privacy::OutputGuard guard(detectors(), mask);
  Run result;
  for (const std::string_view piece : pieces) result.out += guard.feed({}, piece);
  result.out += guard.flush({});
  CHECK(guard.holding().empty());
  result.counts = guard.counts();
  return result;
}

}  // namespace
}  // namespace demarc::fuzz

FUZZ(output_guard) {
  Choices choices(bytes);
  const std::vector<std::string> mask = masks(choices);
  std::string_view plan = bytes.substr(0, bytes.size() / 3);
  const std::string text = with_values(bytes.substr(plan.size()));
  Choices cuts(plan);
  const Run whole = run(mask, {text}), pieces = run(mask, cut(text, cuts));
  CHECK(whole.out == pieces.out);
  CHECK(whole.counts == pieces.counts);
  if (is_utf8(text)) CHECK(is_utf8(whole.out));
  if (mask.empty()) CHECK(whole.out == text);
}
