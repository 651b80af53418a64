#include "speech/said.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>

namespace demarc::speech {
namespace {

constexpr std::string_view kSpace = " \t\r\n";
constexpr std::string_view kSpokenSigns = "%$+&@#°§=";

struct Char {
  utf8proc_int32_t code = -1;  // -1: not UTF-8, one byte
  std::size_t size = 1;
};

Char char_at(std::string_view text, std::size_t at) {
  Char out;
  const auto used =
      utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data() + at), static_cast<utf8proc_ssize_t>(text.size() - at), &out.code);
  if (used <= 0) return {};
  out.size = static_cast<std::size_t>(used);
  return out;
}

void append(std::string& out, utf8proc_int32_t code) {
  std::array<utf8proc_uint8_t, 4> bytes{};
  const auto size = utf8proc_encode_char(code, bytes.data());
  out.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(size));
}

bool is_letter_or_number(utf8proc_int32_t code) {
  const auto category = utf8proc_category(code);
  return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO;  // letters, marks, numbers
}

bool is_sign(utf8proc_int32_t code) {
  if (code < 0x80) return kSpokenSigns.find(static_cast<char>(code)) != std::string_view::npos;
  return code == 0xb0 || code == 0xa7 || utf8proc_category(code) == UTF8PROC_CATEGORY_SC || utf8proc_category(code) == UTF8PROC_CATEGORY_SM;
}

bool is_said(utf8proc_int32_t code) { return code < 0 || is_letter_or_number(code) || is_sign(code); }

bool is_digit(utf8proc_int32_t code) {
  return code >= 0 && utf8proc_category(code) >= UTF8PROC_CATEGORY_ND && utf8proc_category(code) <= UTF8PROC_CATEGORY_NO;
}

}  // namespace

std::string said(std::string_view word) {
  std::string out;
  for (std::size_t at = 0; at < word.size();) {
    Char c = char_at(word, at);
    if (c.code < 0) {
      out += word[at++];
      continue;
    }
    at += c.size;
    if (c.code == 0x2019) c.code = '\'';
    if (c.code == '\'' || is_said(c.code)) append(out, utf8proc_tolower(c.code));
  }
  const std::size_t first = out.find_first_not_of('\'');
  if (first == std::string::npos) return {};
  return out.substr(first, out.find_last_not_of('\'') - first + 1);
}

Core core_of(std::string_view word) {
  Core core;
  bool any = false;
  for (std::size_t at = 0; at < word.size();) {
    const Char c = char_at(word, at);
    if (is_said(c.code)) {
      if (!any) core.begin = at;
      any = true;
      core.end = at + c.size;
    }
    at += c.size;
  }
  if (!any) return {};
  const auto before = [&] { return core.begin == 0 ? '\0' : word[core.begin - 1]; };
  if (is_digit(char_at(word, core.begin).code)) {  // "-5", ".5", "−5"
    while (before() == '-' || before() == '.' || before() == '~') --core.begin;
  }
  return core;
}

std::vector<WordAt> words_at(std::string_view text) {
  std::vector<WordAt> words;
  for (std::size_t at = text.find_first_not_of(kSpace); at != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(kSpace, at), text.size());
    words.push_back({at, end, said(text.substr(at, end - at))});
    at = text.find_first_not_of(kSpace, end);
  }
  return words;
}

bool has_digit(std::string_view word) {
  for (std::size_t at = 0; at < word.size();) {
    const Char c = char_at(word, at);
    if (is_digit(c.code)) return true;
    at += c.size;
  }
  return false;
}

bool starts_upper(std::string_view word) {
  const Core core = core_of(word);
  if (core.begin == core.end) return false;
  const auto category = char_at(word, core.begin).code < 0 ? UTF8PROC_CATEGORY_CN : utf8proc_category(char_at(word, core.begin).code);
  return category == UTF8PROC_CATEGORY_LU || category == UTF8PROC_CATEGORY_LT;
}

// "Mr.", "Dr.", "J.": the full stop ends no sentence.
bool is_abbreviation(std::string_view word) {
  constexpr std::array<std::string_view, 21> kTitles = {"mr",   "mrs", "ms", "mx", "dr",  "prof", "st",  "sr",  "jr",   "vs", "mme",
                                                        "mlle", "nr",  "hr", "fr", "sra", "srta", "dra", "sig", "mevr", "dhr"};
  const std::string core = said(word);
  return std::ranges::find(kTitles, core) != kTitles.end() || (core.size() == 1 && starts_upper(word) && core != "i");
}

bool ends_sentence(std::string_view word) {
  if (word.ends_with('.') && is_abbreviation(word)) return false;
  for (const std::string_view closing : {"\"", "'", ")", "]", "}", "”", "’", "»", "“"})
    while (word.ends_with(closing)) word.remove_suffix(closing.size());
  return std::ranges::any_of(std::array<std::string_view, 10>{".", "?", "!", "…", "。", "？", "！", "؟", "۔", "।"},
                             [&](std::string_view mark) { return word.ends_with(mark); });
}

std::string capitalised(std::string_view word) {
  const Core core = core_of(word);
  if (core.begin == core.end) return std::string(word);
  const Char c = char_at(word, core.begin);
  if (c.code < 0 || utf8proc_category(c.code) != UTF8PROC_CATEGORY_LL) return std::string(word);
  std::string out(word.substr(0, core.begin));
  append(out, utf8proc_toupper(c.code));
  return out += word.substr(core.begin + c.size);
}

bool same_letters(std::string_view a, std::string_view b) {
  const auto next = [](std::string_view& text) {
    const Char c = char_at(text, 0);
    const utf8proc_int32_t code = c.code < 0 ? -1 - static_cast<unsigned char>(text[0]) : c.code == 0x2019 ? '\'' : utf8proc_tolower(c.code);
    text.remove_prefix(c.size);
    return code;
  };
  while (!a.empty() && !b.empty())
    if (next(a) != next(b)) return false;
  return a.empty() && b.empty();
}

}  // namespace demarc::speech
