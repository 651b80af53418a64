#include "privacy/all.hpp"

#include <array>
#include <string>

#include "privacy/chars.hpp"

namespace demarc::privacy {
namespace {

constexpr std::array kDigitScanners = {&make_number_scanner, &make_iban_scanner, &make_identifier_scanner, &make_ipv4_scanner};
constexpr std::array kLiteralScanners = {&make_secret_scanner, &make_medical_scanner};

template <class Scanners>
std::vector<std::string_view> covered_by(const Scanners& scanners) {
  std::vector<std::string_view> all;
  for (const auto& scanner : scanners) {
    for (const std::string_view type : scanner->covers()) all.push_back(type);
  }
  return all;
}

class DigitDetector final : public Detector {
 public:
  DigitDetector() {
    for (const auto make : kDigitScanners) scanners_.push_back(make());
  }
  [[nodiscard]] std::string_view name() const override { return "digits"; }
  [[nodiscard]] std::vector<std::string_view> covers() const override { return covered_by(scanners_); }
  void find(const Text& text, std::vector<Finding>& out) const override {
    const Digits digits(text.text);
    if (digits.next(0) == text.text.size()) return;
    for (const auto& scanner : scanners_) scanner->find(text, digits, out);
  }

 private:
  std::vector<std::unique_ptr<const DigitScanner>> scanners_;
};

class LiteralDetector final : public Detector {
 public:
  explicit LiteralDetector(SearchBy by) {
    std::vector<Literal> literals;
    for (const auto make : kLiteralScanners) {
      scanners_.push_back(make());
      for (std::size_t i = 0; i < scanners_.back()->literals().size(); ++i) {
        literals.push_back(scanners_.back()->literals()[i]);
        owners_.push_back({scanners_.back().get(), i});
      }
    }
    search_ = make_literal_search(literals, by);
  }
  [[nodiscard]] std::string_view name() const override { return "literals"; }
  [[nodiscard]] std::vector<std::string_view> covers() const override { return covered_by(scanners_); }
  void find(const Text& text, std::vector<Finding>& out) const override {
    find_in(text.text, out);
    if (!text.label.empty()) find_labelled(text, out);
  }

 private:
  struct Owner {
    const LiteralScanner* scanner;
    std::size_t literal;
  };

  void find_in(std::string_view text, std::vector<Finding>& out) const {
    search_->each(text, [&](std::size_t literal, std::size_t at) { owners_[literal].scanner->look(text, owners_[literal].literal, at, out); });
  }

  // {"api_key": "…"}: the name is the label, the value alone is the text.
  void find_labelled(const Text& input, std::vector<Finding>& out) const {
    if (input.text.size() > 512 || input.label.size() > 64 || !has_digit_and_letter(input.text)) return;
    const std::string joined = std::string(input.label) + ": " + std::string(input.text);
    std::vector<Finding> found;
    find_in(joined, found);
    const std::size_t shift = input.label.size() + 2;
    for (Finding& finding : found) {
      if (finding.begin < shift) continue;
      finding.begin -= shift;
      finding.end -= shift;
      out.push_back(std::move(finding));
    }
  }

  std::vector<std::unique_ptr<const LiteralScanner>> scanners_;
  std::vector<Owner> owners_;  // by number of the literal in the search
  std::unique_ptr<const LiteralSearch> search_;
};

std::unique_ptr<const Detector> make_digit_detector() { return std::make_unique<DigitDetector>(); }
std::unique_ptr<const Detector> make_best_literal_detector() { return make_literal_detector(best_search()); }

// Every detector that needs no model. Add a line; the tests, the documentation's table and the gateway find it here.
constexpr std::array kStructured = {&make_email_detector, &make_digit_detector, &make_network_detector, &make_best_literal_detector};

}  // namespace

std::unique_ptr<const Detector> make_literal_detector(SearchBy by) { return std::make_unique<LiteralDetector>(by); }

Detectors Detectors::structured() {
  Detectors detectors;
  for (const auto make : kStructured) detectors.add(make());
  return detectors;
}

}  // namespace demarc::privacy
