// Medical terms of data/medical.txt as whole words, in any letter case. They say something about somebody only beside a name, so they are not in the
// group `direct`.
#include <string>

#include "base/strings.hpp"
#include "privacy/all.hpp"
#include "privacy/chars.hpp"
#include "privacy/tables.hpp"

namespace demarc::privacy {
namespace {

bool is_word(char c) { return is_alnum(c) || c == '_'; }
bool is_tail(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

class MedicalScanner final : public LiteralScanner {
 public:
  MedicalScanner() {
    for (const std::string_view line : split(kMedicalTerms, '\n')) {
      if (line.empty() || line[0] == '#') continue;
      literals_.push_back({std::string(line), LetterCase::any});
      const std::size_t apostrophe = line.find('\'');
      if (apostrophe != std::string_view::npos)
        literals_.push_back({std::string(line.substr(0, apostrophe)) + "\u2019" + std::string(line.substr(apostrophe + 1)), LetterCase::any});
    }
  }
  [[nodiscard]] std::vector<std::string_view> covers() const override { return {"MEDICAL_TERM"}; }
  [[nodiscard]] const std::vector<Literal>& literals() const override { return literals_; }
  void look(std::string_view text, std::size_t literal, std::size_t at, std::vector<Finding>& out) const override {
    const std::size_t end = at + literals_[literal].text.size();
    if (is_word(before(text, at)) || is_tail(before(text, at)) || is_word(after(text, end))) return;
    out.push_back({.type = "MEDICAL_TERM", .begin = at, .end = end, .score = 0.8F, .reason = "term of a list"});
  }

 private:
  std::vector<Literal> literals_;
};

}  // namespace

std::unique_ptr<const LiteralScanner> make_medical_scanner() { return std::make_unique<MedicalScanner>(); }

}  // namespace demarc::privacy
