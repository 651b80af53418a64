#include "privacy/surrogate.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <vector>

#include "base/check.hpp"
#include "base/strings.hpp"
#include "privacy/chars.hpp"
#include "privacy/number_rules.hpp"
#include "privacy/tables.hpp"

namespace demarc::privacy {
namespace {

using List = std::vector<std::string>;

struct Prefix {
  std::string when, prefix;
};
struct PhoneRange {
  std::string code, national;
};
struct Tables {
  std::vector<Prefix> cards;
  std::vector<PhoneRange> phones;
  std::string ssn_area, ipv6, mac;
  List email, ipv4, given, surnames, towns, companies, streets;
};

const Tables& tables() {
  static const Tables all = [] {
    const YAML::Node root = YAML::Load(kSurrogatesYaml);
    const auto list = [&](const char* name) { return root[name].as<List>(); };
    Tables t{.cards = {},
             .phones = {},
             .ssn_area = root["ssn"]["area"].as<std::string>(),
             .ipv6 = root["ipv6"].as<std::string>(),
             .mac = root["mac"].as<std::string>(),
             .email = list("email"),
             .ipv4 = list("ipv4"),
             .given = list("given"),
             .surnames = list("surnames"),
             .towns = list("towns"),
             .companies = list("companies"),
             .streets = list("streets")};
    for (const auto& row : root["cards"]) t.cards.push_back({row["when"].as<std::string>(), row["prefix"].as<std::string>()});
    for (const auto& row : root["phones"]) t.phones.push_back({row["code"].as<std::string>(), row["national"].as<std::string>()});
    return t;
  }();
  return all;
}

const std::string& one_of(const List& list, Draw& draw) { return list[draw.below(static_cast<std::uint32_t>(list.size()))]; }

std::string only(std::string_view text, bool (*keep)(char)) {
  std::string out;
  out.reserve(text.size());  // of a value no copy is left behind by growing
  for (char c : text)
    if (keep(c)) out += c;
  return out;
}
std::string digits_of(std::string_view text) {
  return only(text, [](char c) { return is_digit(c); });
}

// The characters of `with` in the places of those of `form` that `holds` names; the rest of the form stays. As many as there are places.
std::string filled(std::string_view form, std::string_view with, bool (*holds)(char)) {
  std::string out(form);
  std::size_t next = 0;
  for (char& c : out)
    if (holds(c) && next < with.size()) c = with[next++];
  return out;
}

std::string drawn(std::string_view pattern, Draw& draw) {  // n: any digit
  std::string out(pattern);
  for (char& c : out) c = c == 'n' ? draw.digit() : c;
  return out;
}

std::optional<std::string> card(std::string_view value, Draw& draw) {
  std::string digits = digits_of(value);
  if (digits.size() < 12) return {};
  const auto& cards = tables().cards;
  const auto range = std::ranges::find_if(cards, [&](const Prefix& p) { return digits.starts_with(p.when); });
  CHECK(range != cards.end());
  digits.replace(0, range->prefix.size(), range->prefix);
  for (std::size_t i = range->prefix.size(); i < digits.size(); ++i) digits[i] = draw.digit();
  for (char c = '0'; c <= '9'; ++c)
    if (digits.back() = c; passes_luhn(digits)) break;
  return filled(value, digits, [](char c) { return is_digit(c); });
}

unsigned mod97(std::string_view rearranged) {
  unsigned rest = 0;
  for (char c : rearranged) {
    const bool letter = is_letter(c);
    rest = (rest * (letter ? 100 : 10) + static_cast<unsigned>(letter ? ascii_lower(c) - 'a' + 10 : c - '0')) % 97;
  }
  return rest;
}

// The bank's place holds zeros or Xs, which no country gives to a bank; the account is drawn; digits stay digits, letters letters.
std::optional<std::string> iban(std::string_view value, Draw& draw) {
  std::string plain = only(value, is_alnum);
  if (plain.size() < 15) return {};
  for (std::size_t i = 4; i < plain.size(); ++i) {
    const bool bank = i < 8;
    if (is_digit(plain[i])) {
      plain[i] = bank ? '0' : draw.digit();
    } else {
      const char letter = bank ? 'X' : draw.capital();
      plain[i] = plain[i] >= 'a' ? ascii_lower(letter) : letter;
    }
  }
  const unsigned check = 98 - mod97(plain.substr(4) + plain.substr(0, 2) + "00");
  plain[2] = static_cast<char>('0' + check / 10), plain[3] = static_cast<char>('0' + check % 10);
  return filled(value, plain, is_alnum);
}

// In the grouping of the value if the numbers are of the same length, else in one of its own.
std::string phone(std::string_view value, Draw& draw) {
  const std::string digits = digits_of(value);
  const std::size_t plus = value.find('+');
  const bool international = plus != std::string_view::npos || digits.starts_with("00");
  const std::string bare = international && plus == std::string_view::npos ? digits.substr(2) : digits;
  const bool american = !international && digits.size() == 10 && digits[0] != '0';
  const auto& phones = tables().phones;
  const auto range =
      std::ranges::find_if(phones, [&](const PhoneRange& p) { return american ? p.code == "1" : international && bare.starts_with(p.code); });
  if (range == phones.end()) return "+1 " + drawn(phones.front().national, draw);
  const std::string national = drawn(range->national, draw);
  const std::string number = american ? national : range->code + national;
  if (number.size() != (american ? digits : bare).size()) return "+" + range->code + " " + national;
  return filled(value, (digits.size() > bare.size() ? "00" : "") + number, [](char c) { return is_digit(c); });
}

std::string ip(std::string_view value, Draw& draw) {
  if (value.find(':') == std::string_view::npos) return one_of(tables().ipv4, draw) + std::to_string(1 + draw.below(254));
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = tables().ipv6;
  for (int group = 0; group < 2; ++group) {
    out += group == 0 ? "" : "::";
    out += kHex[1 + draw.below(15)];
    for (int i = 0; i < 3; ++i) out += kHex[draw.below(16)];
  }
  return out;
}

std::string mac(std::string_view value, Draw& draw) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string hex = tables().mac;
  for (int i = 0; i < 2; ++i) hex += kHex[draw.below(16)];
  const bool small = std::ranges::any_of(value, [](char c) { return c >= 'a' && c <= 'f'; });
  return filled(value, small ? to_lower(hex) : hex, is_hex);
}

std::optional<std::string> ssn(std::string_view value, Draw& draw) {
  if (digits_of(value).size() != 9) return {};
  return filled(value, tables().ssn_area + drawn("nn", draw) + drawn("nnnn", draw), [](char c) { return is_digit(c); });
}

std::string email(Draw& draw) {
  return to_lower(one_of(tables().given, draw) + "." + one_of(tables().surnames, draw)) + drawn("nn", draw) + "@" + one_of(tables().email, draw);
}

std::string street(std::string_view value, Draw& draw) {
  std::string out = std::to_string(1 + draw.below(189)) + " " + one_of(tables().streets, draw);
  return value.find(',') == std::string_view::npos ? out : out + ", " + one_of(tables().towns, draw);
}

// A number with words around it: a bare one would stand for every such number of the answer.
std::optional<std::string> age(std::string_view value, Shift shift) {
  const std::string digits = digits_of(value);
  const auto is_ascii_letter = [](char c) { return is_letter(c); };
  if (digits.empty() || digits.size() > 3 || std::ranges::none_of(value, is_ascii_letter)) return {};
  const int old = std::stoi(digits);
  const int least = old < 18 ? 0 : 18, most = old < 18 ? 17 : 120;
  int moved = old + shift.years;
  if (moved < least || moved > most) moved = old - shift.years;
  return std::string(value.substr(0, value.find(digits))) + std::to_string(moved) + std::string(value.substr(value.find(digits) + digits.size()));
}

std::string in_case_of(std::string_view like, std::string word) {
  const bool capitals = like.size() > 1 && std::ranges::none_of(like, [](char c) { return c >= 'a' && c <= 'z'; });
  if (like[0] >= 'a' && like[0] <= 'z') return to_lower(word);
  if (!capitals) return word;
  for (char& c : word)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  return word;
}

}  // namespace

Shift shift_of(Draw draw) {
  Shift shift;
  shift.days = 7 * static_cast<std::int32_t>(5 + draw.below(48));
  shift.years = 1 + static_cast<std::int32_t>(draw.below(4));
  if (draw.below(2) == 1) shift.days = -shift.days;
  if (draw.below(2) == 1) shift.years = -shift.years;
  return shift;
}

std::optional<std::string> surrogate(std::string_view type, std::string_view value, Draw& draw, Shift shift) {
  if (type == "CREDIT_CARD") return card(value, draw);
  if (type == "IBAN_CODE") return iban(value, draw);
  if (type == "PHONE_NUMBER") return phone(value, draw);
  if (type == "EMAIL_ADDRESS") return email(draw);
  if (type == "IP_ADDRESS") return ip(value, draw);
  if (type == "MAC_ADDRESS") return mac(value, draw);
  if (type == "US_SSN") return ssn(value, draw);
  if (type == "LOCATION" || type == "GPE") return in_case_of(value, one_of(tables().towns, draw));
  if (type == "STREET_ADDRESS") return street(value, draw);
  if (type == "ORGANIZATION") return one_of(tables().companies, draw) + " Example Ltd";
  if (type == "DATE_TIME" || type == "DATE" || type == "DATE_OF_BIRTH") return shifted_date(value, shift.days);
  if (type == "AGE") return age(value, shift);
  return std::nullopt;
}

std::string name_surrogate(NamePart part, std::string_view word, Draw& draw, bool doubled) {
  const List& list = part == NamePart::given ? tables().given : tables().surnames;
  std::string out = one_of(list, draw);
  if (doubled) out += "-" + one_of(list, draw);
  return in_case_of(word, std::move(out));
}

}  // namespace demarc::privacy
