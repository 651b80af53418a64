#include <algorithm>
#include <array>
#include <chrono>
#include <vector>

#include "base/strings.hpp"
#include "privacy/chars.hpp"
#include "privacy/surrogate.hpp"

namespace demarc::privacy {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"january", "february", "march",     "april",   "may",      "june",
                                                      "july",    "august",   "september", "october", "november", "december"};

struct Run {  // of digits or letters
  std::size_t begin = 0, end = 0;
  bool digits = false;
  [[nodiscard]] std::size_t size() const { return end - begin; }
};

std::vector<Run> runs_of(std::string_view text) {
  std::vector<Run> runs;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const bool digits = is_digit(text[at]);
    while (at < text.size() && (digits ? is_digit(text[at]) : is_letter(text[at]))) ++at;
    if (at > begin) runs.push_back({begin, at, digits});
    if (at == begin) ++at;
  }
  return runs;
}

int number(std::string_view text, const Run& run) {
  int out = 0;
  for (std::size_t i = run.begin; i < run.end && i < run.begin + 6; ++i) out = out * 10 + (text[i] - '0');
  return out;
}

// 1 to 12 for a month's name or its first three letters (or four: "Sept").
int month_of(std::string_view word) {
  const std::string small = to_lower(word);
  for (std::size_t m = 0; m < kMonths.size(); ++m)
    if (small == kMonths[m] || (small.size() >= 3 && small.size() <= 4 && kMonths[m].starts_with(small))) return static_cast<int>(m) + 1;
  return 0;
}

struct Fields {
  const Run* year = nullptr;
  const Run* month = nullptr;
  const Run* day = nullptr;
};

// Which number is which: a year has four digits or comes last; of the other two what is over 12 is the day; else the day is before a dot, behind a
// year or a slash.
std::optional<Fields> fields_of(std::string_view text, const std::vector<Run>& runs) {
  Fields fields;
  std::vector<const Run*> numbers;
  for (const Run& run : runs) {
    if (run.digits)
      numbers.push_back(&run);
    else if (month_of(text.substr(run.begin, run.size())) > 0)
      fields.month = &run;
  }
  if (numbers.size() != (fields.month != nullptr ? 2U : 3U)) return {};
  const auto year = std::ranges::find_if(numbers, [](const Run* run) { return run->size() == 4; });
  const bool year_first = year == numbers.begin() && numbers.size() > 1;
  fields.year = year != numbers.end() ? *year : numbers.back();
  std::erase(numbers, fields.year);
  if (fields.year->size() != 4 && fields.year->size() != 2) return {};
  if (fields.month != nullptr) return fields.day = numbers[0], fields;
  const bool dotted = text[numbers[0]->end] == '.';
  const bool day_first = number(text, *numbers[0]) > 12 || (dotted && !year_first);
  if (number(text, *numbers[1]) > 12 && day_first) return {};
  fields.day = numbers[day_first ? 0 : 1], fields.month = numbers[day_first ? 1 : 0];
  return fields;
}

std::string padded(int number, std::size_t width) {
  std::string out = std::to_string(number);
  return out.size() < width ? std::string(width - out.size(), '0') + out : out;
}

std::string month_name(int month, std::string_view like) {
  std::string out(kMonths[static_cast<std::size_t>(month) - 1]);
  if (like.size() <= 4 && month_of(like) != 5) out.resize(3);  // "May" is both
  const bool capitals = like.size() > 1 && like[1] >= 'A' && like[1] <= 'Z';
  for (std::size_t i = 0; i < out.size(); ++i)
    if (capitals || (i == 0 && like[0] <= 'Z')) out[i] = static_cast<char>(out[i] - 32);
  return out;
}

}  // namespace

std::optional<std::string> shifted_date(std::string_view value, std::int32_t days) {
  using namespace std::chrono;
  const std::vector<Run> runs = runs_of(value);
  const auto fields = fields_of(value, runs);
  if (!fields) return {};
  const bool named = !fields->month->digits;
  const std::string_view month_text = value.substr(fields->month->begin, fields->month->size());
  const int short_year = number(value, *fields->year), century = short_year > 50 ? 1900 : 2000;
  const year_month_day date{year{fields->year->size() == 4 ? short_year : century + short_year},
                            month{static_cast<unsigned>(named ? month_of(month_text) : number(value, *fields->month))},
                            day{static_cast<unsigned>(number(value, *fields->day))}};
  if (!date.ok()) return {};
  const year_month_day moved{sys_days{date} + std::chrono::days{days}};
  const int new_month = static_cast<int>(unsigned{moved.month()});

  std::string out;
  std::size_t at = 0;
  for (const Run& run : runs) {
    out += value.substr(at, run.begin - at);
    at = run.end;
    if (&run == fields->year)
      out += run.size() == 4 ? padded(int{moved.year()}, 4) : padded(int{moved.year()} % 100, 2);
    else if (&run == fields->month)
      out += named ? month_name(new_month, month_text) : padded(new_month, run.size());
    else if (&run == fields->day)
      out += padded(static_cast<int>(unsigned{moved.day()}), run.size());
    else
      out += value.substr(run.begin, run.size());
  }
  return out += value.substr(at);
}

}  // namespace demarc::privacy
