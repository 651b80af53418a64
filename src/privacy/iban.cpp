// IBANs (ISO 13616): a country of data/numbers.yaml with its length, the whole modulo 97 equal to 1 (ISO/IEC 7064), written in one piece or in fours.
#include <yaml-cpp/yaml.h>

#include <array>
#include <string>

#include "base/strings.hpp"
#include "privacy/all.hpp"
#include "privacy/chars.hpp"
#include "privacy/digits.hpp"
#include "privacy/tables.hpp"

namespace demarc::privacy {
namespace {

constexpr char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

int mod97(std::string_view iban) {
  int rest = 0;
  for (std::size_t i = 0; i < iban.size(); ++i) {
    const char c = iban[(i + 4) % iban.size()];
    rest = is_digit(c) ? (rest * 10 + (c - '0')) % 97 : (rest * 100 + (c - 'A' + 10)) % 97;
  }
  return rest;
}

class IbanScanner final : public DigitScanner {
 public:
  IbanScanner() {
    for (const auto& row : YAML::Load(kNumbersYaml)["iban_lengths"]) {
      const std::string country = row.first.as<std::string>();
      lengths_.at(index(country[0], country[1])) = row.second.as<std::uint8_t>();
    }
  }
  [[nodiscard]] std::vector<std::string_view> covers() const override { return {"IBAN_CODE"}; }

  void find(const Text& input, const Digits& digits, std::vector<Finding>& out) const override {
    const std::string_view text = input.text;
    for (std::size_t at = 0; at + 15 <= text.size(); ++at) {  // the shortest has 15 characters
      at = digits.next(at + 2) - 2;
      if (at + 15 > text.size()) return;
      if (!is_digit(text[at + 3]) || !is_letter(text[at]) || !is_letter(text[at + 1]) || is_alnum(before(text, at))) continue;
      const std::size_t length = lengths_[index(upper(text[at]), upper(text[at + 1]))];
      if (length == 0) continue;
      const std::size_t end = read(text, at, length);
      if (end == 0) continue;
      out.push_back(
          {.type = "IBAN_CODE", .begin = at, .end = end, .score = 1.0F, .reason = std::string("mod 97; ") + upper(text[at]) + upper(text[at + 1])});
      at = end - 1;
    }
  }

 private:
  static std::size_t index(char a, char b) { return static_cast<std::size_t>(a - 'A') * 26 + static_cast<std::size_t>(b - 'A'); }

  static std::size_t read(std::string_view text, std::size_t begin, std::size_t length) {  // its end; 0: it is none
    std::array<char, 34> iban;
    std::size_t taken = 0, at = begin;
    char separator = 0;  // what stands between the first two fours stands between all
    while (taken < length) {
      if (at >= text.size()) return 0;
      const char c = text[at];
      if (is_alnum(c)) {
        if (taken > 0 && taken % 4 == 0 && separator != 0 && text[at - 1] != separator) return 0;
        iban[taken++] = upper(c);
      } else if ((c == ' ' || c == '-') && taken % 4 == 0 && (separator == c || (separator == 0 && taken == 4)) && is_alnum(text[at - 1])) {
        separator = c;
      } else {
        return 0;
      }
      ++at;
    }
    if (is_alnum(after(text, at)) || after(text, at) == '_') return 0;
    return mod97({iban.data(), length}) == 1 ? at : 0;
  }

  std::array<std::uint8_t, std::size_t{26} * 26> lengths_{};
};

}  // namespace

std::unique_ptr<const DigitScanner> make_iban_scanner() { return std::make_unique<IbanScanner>(); }

}  // namespace demarc::privacy
