#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <string>
#include <unordered_set>

#include "privacy/chars.hpp"
#include "privacy/context.hpp"
#include "privacy/number_rules.hpp"
#include "privacy/tables.hpp"

namespace demarc::privacy {
namespace {

constexpr std::size_t kShortest = 7, kLongest = 15;  // digits; E.164 allows 15

bool is_calling_code(std::string_view code) {
  static const std::unordered_set<std::string> all = [] {
    std::unordered_set<std::string> read;
    for (const auto& code : YAML::Load(kNumbersYaml)["calling_codes"]) read.insert(code.as<std::string>());
    return read;
  }();
  return all.contains(std::string(code));
}

bool begins_with_calling_code(std::string_view digits) {
  return is_calling_code(digits.substr(0, 1)) || is_calling_code(digits.substr(0, 2)) || is_calling_code(digits.substr(0, 3));
}

struct Candidate {
  const Text& text;
  const DigitRun& run;
  std::size_t first, last;
  [[nodiscard]] std::size_t size(std::size_t i) const { return run.groups[i].size(); }
  [[nodiscard]] std::size_t groups() const { return last - first + 1; }
  [[nodiscard]] std::string_view digits() const { return run.digits_of(first, last); }
  [[nodiscard]] char gap(std::size_t i) const { return text.text[run.groups[i].end]; }  // between groups i and i + 1
};

// 2 to 9, then two digits: a North American area code or exchange (NANP); an area may not end in 11.
bool is_nanp(std::string_view ten) { return ten[0] >= '2' && ten[3] >= '2' && ten.substr(1, 2) != "11"; }

bool is_north_american(const Candidate& c) {
  std::size_t first = c.first;
  if (c.groups() == 4 && c.size(first) == 1 && c.run.digits_of(first, first) == "1") ++first;
  if (c.last - first != 2 || c.size(first) != 3 || c.size(first + 1) != 3 || c.size(first + 2) != 4) return false;
  if (!is_nanp(c.run.digits_of(first, c.last))) return false;
  const char one = c.gap(first), two = c.gap(first + 1);
  return one == ')' || ((one == '-' || one == '.') && one == two);  // with spaces only it needs a word beside it
}

bool is_french(const Candidate& c) {  // 01.84.17.61.18
  if (c.groups() != 5 || c.digits()[0] != '0' || c.digits()[1] == '0') return false;
  for (std::size_t i = c.first; i <= c.last; ++i) {
    if (c.size(i) != 2 || (i < c.last && (c.gap(i) != c.gap(c.first) || c.gap(i) == '/'))) return false;
  }
  return true;
}

bool is_british_mobile(const Candidate& c) {  // 07700 900 123
  return c.groups() >= 2 && c.digits().size() == 11 && c.digits().starts_with("07") && c.size(c.first) == 5;
}

bool looks_like_date(const Candidate& c) {
  if (c.groups() != 3) return false;
  const auto number = [&](std::size_t i) { return std::stoi(std::string(c.run.digits_of(i, i))); };
  if (c.size(c.first) == 4 && c.size(c.first + 1) <= 2 && c.size(c.last) <= 2) return number(c.first + 1) <= 12 && number(c.last) <= 31;
  if (c.size(c.last) == 4 && c.size(c.first) <= 2 && c.size(c.first + 1) <= 2) return number(c.first) <= 31 && number(c.first + 1) <= 31;
  return false;
}

bool dotted_or_slashed_oddly(const Candidate& c) {  // 3.14159265, 192.168.10.254, 1/2/3: not how numbers are dialled
  if (c.groups() == 1) return false;
  std::size_t dots = 0;
  for (std::size_t i = c.first; i < c.last; ++i) dots += c.gap(i) == '.' || c.gap(i) == '/' ? 1 : 0;
  if (c.groups() == 2 && c.gap(c.first) == '/' && c.digits()[0] == '0' && c.size(c.first) >= 3 && c.size(c.last) >= 4) return false;  // 030/901820
  return dots == c.groups() - 1 && (c.groups() < 3 || (c.groups() == 4 && c.size(c.last) <= 3));
}

// The extension ("x4587", " ext. 12") after a number, if there is one: its end.
std::size_t extension_end(std::string_view text, std::size_t end) {
  std::size_t at = end;
  if (at < text.size() && text[at] == ' ') ++at;
  if (text.substr(at, 3) == "ext")
    at += text.substr(at, 4) == "ext." ? 4 : 3;
  else if (after(text, at) == 'x' && at == end)
    ++at;
  else
    return end;
  if (at < text.size() && text[at] == ' ') ++at;
  const std::size_t digits = at;
  while (at < text.size() && at - digits < 6 && is_digit(text[at])) ++at;
  return at > digits && !is_alnum(after(text, at)) ? at : end;
}

struct Judged {
  float score = 0;  // 0: no phone number
  std::string reason{};
};

Judged judge(const Candidate& c, bool plus) {
  const std::string_view digits = c.digits();
  if (digits.size() < kShortest || digits.size() > kLongest) return {};
  if (digits.find_first_not_of(digits[0]) == std::string_view::npos) return {};
  const std::size_t begin = c.run.groups[c.first].begin, end = c.run.groups[c.last].end;
  if (plus) return digits.size() >= 8 && begins_with_calling_code(digits) ? Judged{0.95F, "+ and calling code"} : Judged{};
  const std::string_view all = c.text.text;
  const char left = before(all, begin);
  if ((left == '-' || left == '.' || left == '/' || left == ':' || left == '#') && begin >= 2 && is_alnum(all[begin - 2])) return {};
  if (looks_like_date(c)) return {};
  const std::optional<Topic> topic = Context::instance().nearest(c.text, begin, end, Topic::phone);
  const bool named = topic == Topic::phone;
  const std::string_view form = is_north_american(c)   ? "North American form"
                                : is_french(c)         ? "French form"
                                : is_british_mobile(c) ? "British mobile form"
                                                       : "";
  if (!form.empty())
    return {named ? 1.0F : topic == Topic::other ? 0.5F : 0.75F, std::string(form) + (named ? "; " + word_beside(Topic::phone) : "")};
  const bool long_distance = digits.starts_with("00") && c.groups() >= 3 && digits.size() >= 10 && begins_with_calling_code(digits.substr(2));
  if (long_distance && topic != Topic::other) return {0.8F, "00 and calling code"};
  if (!named || dotted_or_slashed_oddly(c) || digits.size() > 13) return {};
  return {0.7F, word_beside(Topic::phone)};
}

}  // namespace

std::optional<NumberMatch> match_phone(const Text& text, const DigitRun& run, std::size_t first) {
  const std::size_t begin = run.groups[first].begin;
  const char left = before(text.text, begin);
  const bool plus = left == '+' && !is_alnum(before(text.text, begin - 1)) && before(text.text, begin - 1) != '+';
  if (first > 0 && !plus && text.text[begin - 1] == '.') return std::nullopt;
  std::optional<NumberMatch> best;
  for (std::size_t last = first; last < run.group_count; ++last) {
    const Candidate candidate{text, run, first, last};
    if (candidate.digits().size() > kLongest) break;
    Judged judged = judge(candidate, plus);
    if (judged.score > 0 && (!best || judged.score >= best->finding.score)) {
      best = {{.type = "PHONE_NUMBER", .begin = begin, .end = run.groups[last].end, .score = judged.score, .reason = std::move(judged.reason)}, last};
    }
  }
  if (!best) return best;
  const bool bracketed = left == '(' && text.text.substr(begin, best->finding.end - begin).find(')') != std::string_view::npos;
  if (plus || bracketed) --best->finding.begin;
  best->finding.end = extension_end(text.text, best->finding.end);
  return best;
}

}  // namespace demarc::privacy
