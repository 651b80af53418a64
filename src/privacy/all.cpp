#include "privacy/all.hpp"

#include <array>

namespace demarc::privacy {
namespace {

constexpr std::array kScanners = {&make_number_scanner, &make_iban_scanner, &make_identifier_scanner};

class DigitDetector final : public Detector {
 public:
  DigitDetector() {
    for (const auto make : kScanners) scanners_.push_back(make());
  }
  [[nodiscard]] std::string_view name() const override { return "digits"; }
  [[nodiscard]] std::vector<std::string_view> covers() const override {
    std::vector<std::string_view> all;
    for (const auto& scanner : scanners_) {
      for (const std::string_view type : scanner->covers()) all.push_back(type);
    }
    return all;
  }
  void find(const Text& text, std::vector<Finding>& out) const override {
    const Digits digits(text.text);
    if (digits.next(0) == text.text.size()) return;
    for (const auto& scanner : scanners_) scanner->find(text, digits, out);
  }

 private:
  std::vector<std::unique_ptr<const DigitScanner>> scanners_;
};

std::unique_ptr<const Detector> make_digit_detector() { return std::make_unique<DigitDetector>(); }

// Every detector that needs no model. Add a line; the tests, the documentation's table and the gateway find it here.
constexpr std::array kStructured = {&make_email_detector, &make_digit_detector, &make_network_detector, &make_secret_detector};

}  // namespace

Detectors Detectors::structured() {
  Detectors detectors;
  for (const auto make : kStructured) detectors.add(make());
  return detectors;
}

}  // namespace demarc::privacy
