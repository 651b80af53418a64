// Payment cards, US social security numbers and phone numbers: one walk over the runs of digits, each tried as one after the other.
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/check.hpp"
#include "privacy/all.hpp"
#include "privacy/chars.hpp"
#include "privacy/context.hpp"
#include "privacy/digits.hpp"
#include "privacy/number_rules.hpp"

namespace demarc::privacy {
namespace {

class NumberScanner final : public DigitScanner {
 public:
  [[nodiscard]] std::vector<std::string_view> covers() const override { return {"CREDIT_CARD", "US_SSN", "PHONE_NUMBER"}; }

  void find(const Text& text, const Digits& digits, std::vector<Finding>& out) const override {
    std::size_t at = 0;
    for (DigitRun run; next_run(text.text, digits, at, run);) {
      if (run.digit_count < 7) continue;  // shorter than any of them
      for (std::size_t first = 0; first < run.group_count;) {
        const std::optional<NumberMatch> match = best(text, run, first);
        if (match) out.push_back(match->finding);
        first = match ? match->last_group + 1 : first + 1;
      }
    }
  }

 private:
  static std::optional<NumberMatch> best(const Text& text, const DigitRun& run, std::size_t first) {
    if (auto card = match_card(text, run, first)) return card;
    if (auto ssn = match_us_ssn(text, run, first)) return ssn;
    return match_phone(text, run, first);
  }
};

}  // namespace

std::unique_ptr<const DigitScanner> make_number_scanner() { return std::make_unique<NumberScanner>(); }

}  // namespace demarc::privacy
