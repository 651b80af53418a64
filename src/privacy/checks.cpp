#include "privacy/checks.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "privacy/chars.hpp"
#include "privacy/number_rules.hpp"

namespace demarc::privacy {
namespace {

using View = std::string_view;

int digit(char c) { return c - '0'; }
int number(View digits) {
  int value = 0;
  for (char c : digits) value = value * 10 + digit(c);
  return value;
}
bool all_digits(View text) { return std::all_of(text.begin(), text.end(), is_digit); }
bool is_month(int month) { return month >= 1 && month <= 12; }
bool is_day(int day) { return day >= 1 && day <= 31; }

bool luhn(const Candidate& c) { return !is_all_one_digit(c.compact) && passes_luhn(c.compact); }

// ISO/IEC 7812 prefix 80840 before the ten digits.
bool npi(const Candidate& c) { return (c.compact[0] == '1' || c.compact[0] == '2') && passes_luhn("80840" + std::string(c.compact)); }

bool dea(const Candidate& c) {
  const View d = c.compact;
  if (View("ABCDEFGHJKLMPRSTUX").find(d[0]) == View::npos || (!is_letter(d[1]) && d[1] != '9')) return false;
  return (digit(d[2]) + digit(d[4]) + digit(d[6]) + 2 * (digit(d[3]) + digit(d[5]) + digit(d[7]))) % 10 == digit(d[8]);
}

bool nhs(const Candidate& c) {
  constexpr int kWeights[] = {10, 9, 8, 7, 6, 5, 4, 3, 2};
  const int check = (11 - weighted_sum(c.compact.substr(0, 9), kWeights) % 11) % 11;
  return check == digit(c.compact[9]) && !is_all_one_digit(c.compact);  // a check of 10 never equals a digit
}

bool nino(const Candidate& c) {
  const View d = c.compact;
  if (View("DFIQUV").find(d[0]) != View::npos || View("DFIQUVO").find(d[1]) != View::npos) return false;
  for (View never : {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}) {
    if (d.starts_with(never)) return false;
  }
  return d.back() >= 'A' && d.back() <= 'D';
}

bool aadhaar(const Candidate& c) {  // Verhoeff: the dihedral group of order ten, multiplied through
  constexpr View kTimes[] = {"0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
                             "5987604321", "6598710432", "7659821043", "8765932104", "9876543210"};
  constexpr View kMoved[] = {"0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258"};
  if (c.compact[0] < '2' || is_all_one_digit(c.compact)) return false;
  int state = 0;
  for (std::size_t i = 0; i < c.compact.size(); ++i) {
    const char moved = kMoved[i % 8][static_cast<std::size_t>(digit(c.compact[c.compact.size() - 1 - i]))];
    state = digit(kTimes[static_cast<std::size_t>(state)][static_cast<std::size_t>(digit(moved))]);
  }
  return state == 0;
}

bool pan(const Candidate& c) { return View("ABCFGHJLPT").find(c.compact[3]) != View::npos && c.compact.substr(5, 4) != "0000"; }

bool za_id(const Candidate& c) { return is_date_yymmdd(c.compact.substr(0, 6)) && c.compact[10] <= '2' && passes_luhn(c.compact); }

bool personnummer(const Candidate& c) {
  std::string ten(c.compact.substr(c.compact.size() - 10));
  if (!passes_luhn(ten)) return false;
  if (ten[4] >= '6') ten[4] = static_cast<char>(ten[4] - 6);  // a coordination number adds 60 to the day
  const bool century = c.compact.size() == 10 || c.compact.starts_with("19") || c.compact.starts_with("20");
  return century && is_date_yymmdd(View(ten).substr(0, 6));
}

bool hetu(const Candidate& c) {
  const View d = c.raw;
  if (d.size() != 11 || View("+-ABCDEFYXWVU").find(d[6]) == View::npos) return false;
  if (!is_day(number(d.substr(0, 2))) || !is_month(number(d.substr(2, 2)))) return false;
  const int rest = (number(d.substr(0, 6)) * 1000 + number(d.substr(7, 3))) % 31;
  return View("0123456789ABCDEFHJKLMNPRSTUVWXY")[static_cast<std::size_t>(rest)] == c.compact.back();
}

bool de_tax(const Candidate& c) {  // ISO/IEC 7064 mod 11,10; of the first ten digits one stands two or three times
  const View d = c.compact;
  std::array<int, 10> seen{};
  for (char one : d.substr(0, 10)) ++seen[static_cast<std::size_t>(digit(one))];
  const auto most = *std::max_element(seen.begin(), seen.end());
  if (d[0] == '0' || most < 2 || most > 3) return false;
  int product = 10;
  for (char one : d.substr(0, 10)) {
    const int sum = (digit(one) + product) % 10;
    product = (sum == 0 ? 10 : sum) * 2 % 11;
  }
  return (11 - product) % 10 == digit(d[10]);
}

bool letter_mod23(int value, char letter) { return View("TRWAGMYFPDXBNJZSQVHLCKE")[static_cast<std::size_t>(value % 23)] == letter; }
bool nif(const Candidate& c) { return letter_mod23(number(c.compact.substr(0, 8)), c.compact[8]); }
bool nie(const Candidate& c) {
  const std::size_t first = View("XYZ").find(c.compact[0]);
  return first != View::npos && letter_mod23(static_cast<int>(first) * 10'000'000 + number(c.compact.substr(1, 7)), c.compact[8]);
}

bool fiscal_code(const Candidate& c) {
  constexpr int kOdd[] = {1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23};
  const View d = c.compact;
  for (std::size_t i : {6U, 7U, 9U, 10U, 12U, 13U, 14U}) {  // digits, or the letters that stand for them where two people share a code
    if (!is_digit(d[i]) && View("LMNPQRSTUV").find(d[i]) == View::npos) return false;
  }
  if (View("ABCDEHLMPRST").find(d[8]) == View::npos) return false;  // months
  int sum = 0;
  for (std::size_t i = 0; i < 15; ++i) {
    const int value = is_digit(d[i]) ? digit(d[i]) : d[i] - 'A';
    sum += i % 2 == 0 ? kOdd[value] : value;
  }
  return sum % 26 == d[15] - 'A';
}

bool pesel(const Candidate& c) {
  constexpr int kWeights[] = {1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1};
  return is_month(number(c.compact.substr(2, 2)) % 20) && is_day(number(c.compact.substr(4, 2))) && weighted_sum(c.compact, kWeights) % 10 == 0;
}

bool nir(const Candidate& c) {
  std::string d(c.compact);
  if (View("123478").find(d[0]) == View::npos) return false;
  if (d[5] == '2' && (d[6] == 'A' || d[6] == 'B')) d.replace(5, 2, d[6] == 'A' ? "19" : "18");  // Corsica
  if (!all_digits(d)) return false;
  const int month = number(View(d).substr(3, 2));
  if (!is_month(month) && !(month >= 20 && month <= 42) && month < 50) return false;
  return 97 - modulo(View(d).substr(0, 13), 97) == number(View(d).substr(13));
}

bool bsn(const Candidate& c) {
  constexpr int kWeights[] = {9, 8, 7, 6, 5, 4, 3, 2, -1};
  return weighted_sum(c.compact, kWeights) % 11 == 0 && !is_all_one_digit(c.compact);
}

bool be_national(const Candidate& c) {
  const View d = c.compact;
  if (number(d.substr(2, 2)) % 20 > 12 || number(d.substr(2, 2)) >= 53 || number(d.substr(4, 2)) > 31) return false;
  const int check = number(d.substr(9));
  return 97 - modulo(d.substr(0, 9), 97) == check || 97 - modulo("2" + std::string(d.substr(0, 9)), 97) == check;
}

int mod11_digit(View text, View weights) {  // of Brazil; letters count as their ASCII code less 48
  int sum = 0;
  for (std::size_t i = 0; i < text.size(); ++i) sum += (text[i] - '0') * (weights[i] - '0');
  return sum % 11 < 2 ? 0 : 11 - sum % 11;
}
bool cpf(const Candidate& c) {
  const View d = c.compact;
  return !is_all_one_digit(d) && mod11_digit(d.substr(0, 9), ":98765432") == digit(d[9]) &&
         mod11_digit(d.substr(0, 10), ";:98765432") == digit(d[10]);
}
bool cnpj(const Candidate& c) {
  const View d = c.compact;
  return !is_all_one_digit(d) && mod11_digit(d.substr(0, 12), "543298765432") == digit(d[12]) &&
         mod11_digit(d.substr(0, 13), "6543298765432") == digit(d[13]);
}

bool nric(const Candidate& c) {
  constexpr int kWeights[] = {2, 7, 6, 5, 4, 3, 2};
  const View d = c.compact;
  const int sum = weighted_sum(d.substr(1, 7), kWeights);
  const auto at = [&](View table, int more) { return table[static_cast<std::size_t>((sum + more) % 11)] == d[8]; };
  switch (d[0]) {
    case 'S': return at("JZIHGFEDCBA", 0);
    case 'T': return at("JZIHGFEDCBA", 4);
    case 'F': return at("XWUTRQPNMLK", 0);
    case 'G': return at("XWUTRQPNMLK", 4);
    case 'M': return at("XWUTRQPNJLK", 3);
    default: return false;
  }
}

bool rrn(const Candidate& c) { return is_date_yymmdd(c.compact.substr(0, 6)) && c.compact[6] >= '1' && c.compact[6] <= '8'; }

bool tfn(const Candidate& c) {
  constexpr int kNine[] = {1, 4, 3, 7, 5, 8, 6, 9, 10}, kEight[] = {10, 7, 8, 4, 6, 3, 5, 1};
  return weighted_sum(c.compact, c.compact.size() == 9 ? kNine : kEight) % 11 == 0 && !is_all_one_digit(c.compact);
}
bool abn(const Candidate& c) {
  constexpr int kWeights[] = {10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19};
  return c.compact[0] != '0' && (weighted_sum(c.compact, kWeights) - 10) % 89 == 0;
}
bool au_medicare(const Candidate& c) {
  constexpr int kWeights[] = {1, 3, 7, 9, 1, 3, 7, 9};
  const View d = c.compact;
  return d[0] >= '2' && d[0] <= '6' && weighted_sum(d.substr(0, 8), kWeights) % 10 == digit(d[8]);
}

bool itin(const Candidate& c) {
  const int group = number(c.compact.substr(3, 2));
  return c.compact[0] == '9' && ((group >= 50 && group <= 65) || (group >= 70 && group <= 88) || (group >= 90 && group <= 92) || group >= 94);
}

bool aba(const Candidate& c) {
  constexpr int kWeights[] = {3, 7, 1, 3, 7, 1, 3, 7, 1};
  const int bank = number(c.compact.substr(0, 2));
  const bool known = bank <= 12 || (bank >= 21 && bank <= 32) || (bank >= 61 && bank <= 72) || bank == 80;
  return known && weighted_sum(c.compact, kWeights) % 10 == 0 && !is_all_one_digit(c.compact);
}

bool ahv(const Candidate& c) {  // EAN-13
  constexpr int kWeights[] = {1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1};
  return c.compact.starts_with("756") && weighted_sum(c.compact, kWeights) % 10 == 0;
}

bool fodselsnummer(const Candidate& c) {
  constexpr int kFirst[] = {3, 7, 6, 1, 8, 9, 4, 5, 2, 1}, kSecond[] = {5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1};
  const int day = number(c.compact.substr(0, 2)), month = number(c.compact.substr(2, 2));
  return is_day(day > 40 ? day - 40 : day) && is_month(month > 40 ? month - 40 : month) && weighted_sum(c.compact.substr(0, 10), kFirst) % 11 == 0 &&
         weighted_sum(c.compact, kSecond) % 11 == 0;
}

bool cpr(const Candidate& c) { return is_day(number(c.compact.substr(0, 2))) && is_month(number(c.compact.substr(2, 2))); }

bool ppsn(const Candidate& c) {
  constexpr int kWeights[] = {8, 7, 6, 5, 4, 3, 2};
  const int ninth = c.compact.size() == 9 && c.compact[8] != 'W' ? (c.compact[8] - 'A' + 1) * 9 : 0;
  return View("WABCDEFGHIJKLMNOPQRSTUV")[static_cast<std::size_t>((weighted_sum(c.compact.substr(0, 7), kWeights) + ninth) % 23)] == c.compact[7];
}

bool pt_nif(const Candidate& c) {
  constexpr int kWeights[] = {9, 8, 7, 6, 5, 4, 3, 2};
  const int rest = weighted_sum(c.compact.substr(0, 8), kWeights) % 11;
  return c.compact[0] != '0' && (rest < 2 ? 0 : 11 - rest) == digit(c.compact[8]);
}

bool vin(const Candidate& c) {  // no I, O, Q (ISO 3779); the check digit is North America's only, so it is not asked for
  return c.compact.find_first_of("IOQ") == View::npos && std::any_of(c.compact.begin(), c.compact.end(), is_letter) &&
         std::count_if(c.compact.begin(), c.compact.end(), is_digit) >= 4;
}

// Papers whose issuers publish no check: a third of it is digits, as of no word.
bool many_digits(const Candidate& c) {
  const auto digits = static_cast<std::size_t>(std::count_if(c.compact.begin(), c.compact.end(), is_digit));
  return digits >= 4 && digits * 3 >= c.compact.size() && c.compact.find_first_not_of('0') != View::npos;
}

constexpr std::array kChecks = {
    Check{"luhn", "Luhn", &luhn},
    Check{"npi", "Luhn", &npi},
    Check{"dea", "check digit", &dea},
    Check{"nhs", "mod 11", &nhs},
    Check{"nino", "form and prefixes", &nino},
    Check{"aadhaar", "Verhoeff", &aadhaar},
    Check{"pan", "form and holder", &pan},
    Check{"za_id", "date and Luhn", &za_id},
    Check{"personnummer", "date and Luhn", &personnummer},
    Check{"hetu", "date and mod 31", &hetu},
    Check{"de_tax", "mod 11,10", &de_tax},
    Check{"nif", "mod 23", &nif},
    Check{"nie", "mod 23", &nie},
    Check{"fiscal_code", "check letter", &fiscal_code},
    Check{"pesel", "date and check digit", &pesel},
    Check{"nir", "mod 97", &nir},
    Check{"bsn", "mod 11", &bsn},
    Check{"be_national", "date and mod 97", &be_national},
    Check{"cpf", "two check digits", &cpf},
    Check{"cnpj", "two check digits", &cnpj},
    Check{"nric", "check letter", &nric},
    Check{"rrn", "date and form", &rrn},
    Check{"tfn", "mod 11", &tfn},
    Check{"abn", "mod 89", &abn},
    Check{"au_medicare", "check digit", &au_medicare},
    Check{"itin", "ranges", &itin},
    Check{"aba", "3-7-1", &aba},
    Check{"ahv", "check digit", &ahv},
    Check{"fodselsnummer", "date and two check digits", &fodselsnummer},
    Check{"cpr", "date and form", &cpr},
    Check{"ppsn", "mod 23", &ppsn},
    Check{"pt_nif", "mod 11", &pt_nif},
    Check{"vin", "form", &vin},
    Check{"many_digits", "form", &many_digits},
};

}  // namespace

const Check* find_check(std::string_view name) {
  const auto found = std::find_if(kChecks.begin(), kChecks.end(), [&](const Check& check) { return check.name == name; });
  return found == kChecks.end() ? nullptr : &*found;
}

bool is_date_yymmdd(std::string_view six) { return is_month(number(six.substr(2, 2))) && is_day(number(six.substr(4, 2))); }

bool is_all_one_digit(std::string_view digits) { return digits.find_first_not_of(digits[0]) == std::string_view::npos; }

int weighted_sum(std::string_view digits, const int* weights) {
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) sum += digit(digits[i]) * weights[i];
  return sum;
}

int modulo(std::string_view digits, int divisor) {
  int rest = 0;
  for (char c : digits) rest = (rest * 10 + digit(c)) % divisor;
  return rest;
}

}  // namespace demarc::privacy
