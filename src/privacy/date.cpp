// Dates as people write them, with year, month and day: 1980-03-12, 12/31/1980, 19800312, 31.12.1980, 3 March 1980, March 3rd, 1980, 3. März 1980, 3
// de marzo de 1980.
#include <yaml-cpp/yaml.h>

#include <bitset>
#include <string>
#include <unordered_set>

#include "base/check.hpp"
#include "base/strings.hpp"
#include "privacy/chars.hpp"
#include "privacy/number_rules.hpp"
#include "privacy/tables.hpp"

namespace demarc::privacy {
namespace {

constexpr std::size_t kLongestMonth = 16;

bool is_word(char c) { return is_letter(c) || c < 0; }

struct MonthNames {
  std::unordered_set<std::string> all;
  std::bitset<32768> begins;  // by quick(): most words are none by that alone
  MonthNames() {
    for (const auto& month : YAML::Load(kNumbersYaml)["month_names"]) {
      const auto name = month.as<std::string>();
      CHECK(name.size() >= 3 && name.size() <= kLongestMonth);
      begins.set(quick(name));
      all.insert(name);
    }
  }
  static std::size_t quick(std::string_view word) {  // the first three bytes, letter case aside
    return (word[0] & 31U) << 10U | (word[1] & 31U) << 5U | (word[2] & 31U);
  }
};

struct Number {
  int value = 0;
  std::size_t size = 0, end = 0;
};

Number number_at(std::string_view text, std::size_t at) {
  Number number{0, 0, at};
  while (number.end < text.size() && is_digit(text[number.end]) && number.size < 5) {
    number.value = number.value * 10 + (text[number.end++] - '0');
    ++number.size;
  }
  return number;
}

bool is_year(const Number& n) { return n.size == 4 && n.value >= 1900 && n.value <= 2099; }
bool is_day(const Number& n) { return (n.size == 1 || n.size == 2) && n.value >= 1 && n.value <= 31; }
bool is_month(const Number& n) { return is_day(n) && n.value <= 12; }

bool ends_here(std::string_view text, std::size_t end) {
  return !is_alnum(after(text, end)) && (std::string_view("-/.").find(after(text, end)) == std::string_view::npos || !is_digit(after(text, end + 1)));
}

std::optional<Span> numeric(std::string_view text, std::size_t begin) {
  const Number first = number_at(text, begin);
  const char gap = after(text, first.end);
  if (gap != '-' && gap != '/' && gap != '.') return std::nullopt;
  std::size_t at = first.end + 1;
  if (gap == '.' && after(text, at) == ' ') ++at;
  const Number second = number_at(text, at);
  if (after(text, second.end) != gap) return std::nullopt;
  at = second.end + 1;
  if (gap == '.' && after(text, at) == ' ') ++at;
  const Number third = number_at(text, at);
  const bool time_follows = after(text, third.end) == 'T' && is_digit(after(text, third.end + 1));
  if (!ends_here(text, third.end) && !time_follows) return std::nullopt;
  const bool year_first = is_year(first) && is_month(second) && is_day(third);
  const bool year_last = (is_year(third) || third.size == 2) && ((is_day(first) && is_month(second)) || (is_month(first) && is_day(second)));
  if (!year_first && !year_last) return std::nullopt;
  return Span{begin, third.end};
}

// 19800312, 12031980, 03121980.
std::optional<Span> compact(std::string_view text, std::size_t begin) {
  constexpr std::size_t kDigits = 8;
  std::size_t end = begin;
  while (end < text.size() && is_digit(text[end]) && end - begin <= kDigits) ++end;
  if (end - begin != kDigits || !ends_here(text, end)) return std::nullopt;
  const auto part = [&](std::size_t at, std::size_t size) { return number_at(text.substr(begin + at, size), 0); };
  const bool year_first = is_year(part(0, 4)) && is_month(part(4, 2)) && is_day(part(6, 2));
  const bool day_first = is_day(part(0, 2)) && is_month(part(2, 2)), month_first = is_month(part(0, 2)) && is_day(part(2, 2));
  if (!year_first && !(is_year(part(4, 4)) && (day_first || month_first))) return std::nullopt;
  return Span{begin, end};
}

// Small words between day, month and year: "3rd of March, 1980", "3 de marzo de 1980", "1er mars".
std::size_t skip_filler(std::string_view text, std::size_t at) {
  for (int round = 0; round < 3; ++round) {
    while (at < text.size() && (text[at] == ' ' || text[at] == '.' || text[at] == ',' || text[at] == '-' || text[at] == '\n')) ++at;
    std::size_t end = at;
    while (end < text.size() && is_word(text[end]) && end - at < 4) ++end;
    if (end == at || std::string_view("snrtode").find(ascii_lower(text[at])) == std::string_view::npos) return at;
    const std::string word = to_lower(text.substr(at, end - at));
    if (word != "st" && word != "nd" && word != "rd" && word != "th" && word != "of" && word != "de" && word != "del" && word != "er") return at;
    at = end;
  }
  return at;
}

std::optional<std::size_t> month_end(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_word(text[end]) && end - at <= kLongestMonth) ++end;
  if (!is_month_name(text.substr(at, end - at))) return std::nullopt;
  return end;
}

std::optional<Span> day_first(std::string_view text, std::size_t begin) {
  const Number day = number_at(text, begin);
  if (!is_day(day)) return std::nullopt;
  const auto end = month_end(text, skip_filler(text, day.end));
  if (!end) return std::nullopt;
  const Number year = number_at(text, skip_filler(text, *end));
  if (!is_year(year) || !ends_here(text, year.end)) return std::nullopt;
  return Span{begin, year.end};
}

std::optional<Span> month_first(std::string_view text, std::size_t begin) {
  std::size_t at = begin;
  while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '.' || text[at - 1] == '\n')) --at;
  std::size_t month = at;
  while (month > 0 && is_word(text[month - 1]) && at - month <= kLongestMonth) --month;
  if (at == begin || at == month || !is_month_name(text.substr(month, at - month))) return std::nullopt;
  const Number day = number_at(text, begin);
  if (!is_day(day)) return std::nullopt;
  const Number year = number_at(text, skip_filler(text, day.end));
  if (!is_year(year) || !ends_here(text, year.end)) return std::nullopt;
  return Span{month, year.end};
}

}  // namespace

bool is_month_name(std::string_view word) {
  static const MonthNames months;
  return word.size() >= 3 && word.size() <= kLongestMonth && months.begins.test(MonthNames::quick(word)) && months.all.contains(to_lower(word));
}

std::optional<Span> read_date(std::string_view text, std::size_t begin) {
  if (!is_digit(text[begin]) || is_alnum(before(text, begin)) ||
      (std::string_view("-/.").find(before(text, begin)) != std::string_view::npos && begin >= 2 && is_digit(text[begin - 2])))
    return std::nullopt;
  if (auto date = numeric(text, begin)) return date;
  if (auto date = compact(text, begin)) return date;
  if (auto date = day_first(text, begin)) return date;
  return month_first(text, begin);
}

}  // namespace demarc::privacy
