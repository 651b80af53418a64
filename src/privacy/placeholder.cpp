#include "privacy/placeholder.hpp"

#include <algorithm>

#include "privacy/chars.hpp"

namespace demarc::privacy {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";  // Crockford's: no I, L, O, U
constexpr std::size_t kBody = kPlaceholderDigits - 1;

// Times x in GF(2)[x] / (x^5 + x^2 + 1), whose powers of x are all different up to the 31st.
constexpr unsigned times_x(unsigned a) { return (a << 1U & 0x1FU) ^ ((a & 0x10U) != 0 ? 0x05U : 0U); }

// x^8 d0 + x^7 d1 + … + x d7: one wrong character, or two exchanged, change it.
char check_of(std::string_view body) {
  unsigned sum = 0;
  for (char c : body) sum = times_x(sum ^ static_cast<unsigned>(kAlphabet.find(c)));
  return kAlphabet[sum];
}

}  // namespace

std::string placeholder_word(std::string_view type) {
  struct Word {
    std::string_view type, word;
  };
  constexpr std::array kShort = {Word{"EMAIL_ADDRESS", "EMAIL"}, Word{"PHONE_NUMBER", "PHONE"}, Word{"CREDIT_CARD", "CARD"},
                                 Word{"IBAN_CODE", "IBAN"},      Word{"US_SSN", "SSN"},         Word{"IP_ADDRESS", "IP"},
                                 Word{"MAC_ADDRESS", "MAC"}};
  for (const Word& word : kShort) {
    if (word.type == type) return std::string(word.word);
  }
  std::string out;
  for (char c : type) {
    if (is_letter(c) && out.size() < kPlaceholderWord) out += c >= 'a' ? static_cast<char>(c - 32) : c;
  }
  return out;
}

std::string placeholder_digits(const std::array<std::uint8_t, 32>& digest) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < 8; ++i) bits = bits << 8U | digest[i];
  std::string out;
  for (std::size_t i = 0; i < kBody; ++i, bits <<= 5U) out += kAlphabet[bits >> 59U];
  return out += check_of(out);
}

bool check_holds(std::string_view digits) {
  if (digits.size() != kPlaceholderDigits || digits.find_first_not_of(kAlphabet) != std::string_view::npos) return false;
  return check_of(digits.substr(0, kBody)) == digits.back();
}

char fold_placeholder(char c) {
  c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  if (c == 'O') return '0';
  if (c == 'I' || c == 'L') return '1';
  return c;
}

std::string fold_placeholder(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return fold_placeholder(c); });
  return out;
}

}  // namespace demarc::privacy
