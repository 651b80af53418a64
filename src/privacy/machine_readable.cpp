// Machine-readable zones of passports and identity cards (ICAO Doc 9303, parts 4 to 6): the line with the check digits of weights 7-3-1, and the
// lines of the same zone around it.
#include <algorithm>
#include <string>

#include "privacy/chars.hpp"
#include "privacy/number_rules.hpp"

namespace demarc::privacy {
namespace {

bool is_zone(char c) { return is_digit(c) || (c >= 'A' && c <= 'Z') || c == '<'; }

int value(char c) { return is_digit(c) ? c - '0' : c == '<' ? 0 : c - 'A' + 10; }

bool checks(std::string_view field, char digit) {
  constexpr int kWeights[] = {7, 3, 1};
  int sum = 0;
  for (std::size_t i = 0; i < field.size(); ++i) sum += value(field[i]) * kWeights[i % 3];
  return is_digit(digit) && sum % 10 == digit - '0';
}

bool is_passport(std::string_view line) {  // TD3, and TD2 with 36 characters: number, nation, birth, sex, expiry
  if (line.size() != 44 && line.size() != 36) return false;
  return checks(line.substr(0, 9), line[9]) && checks(line.substr(13, 6), line[19]) && checks(line.substr(21, 6), line[27]);
}

bool is_card(std::string_view line) {  // TD1, second line: birth, sex, expiry, nation
  return line.size() == 30 && checks(line.substr(0, 6), line[6]) && checks(line.substr(8, 6), line[14]) &&
         std::string_view("MFX<").find(line[7]) != std::string_view::npos;
}

// The line of the zone that ends just before the line break at `end`; its begin, or npos.
std::size_t line_before(std::string_view text, std::size_t begin, std::size_t size) {
  std::size_t end = begin;
  while (end > 0 && begin - end < 3 && is_blank(text[end - 1])) --end;
  if (end == begin || end < size) return std::string_view::npos;
  const std::string_view line = text.substr(end - size, size);
  const bool zone = std::all_of(line.begin(), line.end(), is_zone) && line.find('<') != std::string_view::npos && !is_zone(before(text, end - size));
  return zone ? end - size : std::string_view::npos;
}

}  // namespace

std::optional<Finding> match_machine_readable(std::string_view text, std::size_t begin, std::size_t end) {
  while (begin > 0 && is_zone(text[begin - 1]) && end - begin < 45) --begin;
  while (end < text.size() && is_zone(text[end]) && end - begin < 45) ++end;
  const std::string_view line = text.substr(begin, end - begin);
  if (!is_passport(line) && !is_card(line)) return std::nullopt;
  const std::size_t first = line_before(text, begin, line.size());
  std::size_t last = end;
  if (line.size() == 30) {  // the name stands on the third line
    while (last < text.size() && last - end < 3 && is_blank(text[last])) ++last;
    const std::string_view name = text.substr(last, 30);
    last = name.size() == 30 && std::all_of(name.begin(), name.end(), is_zone) ? last + 30 : end;
  }
  return Finding{.type = "PASSPORT",
                 .begin = first == std::string_view::npos ? begin : first,
                 .end = last,
                 .score = 1.0F,
                 .reason = "7-3-1 in a machine-readable zone"};
}

}  // namespace demarc::privacy
