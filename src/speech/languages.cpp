#include "speech/languages.hpp"

#include <algorithm>
#include <map>

#include "base/check.hpp"
#include "speech/said.hpp"
#include "speech/words_table.hpp"

namespace demarc::speech {
namespace {

using Languages = std::map<std::string, Language, std::less<>>;

void add_negation(Language& to, std::string_view word) {
  if (word.starts_with('-')) return void(to.negation_endings.emplace_back(word.substr(1)));
  if (word.ends_with('-')) return void(to.negation_beginnings.emplace_back(word.substr(0, word.size() - 1)));
  to.negations.insert(said(word));
}

void add_alike(Language& to, std::string_view group) {
  const std::vector<std::string_view> words = split(group, '/');
  for (const std::string_view word : words)
    for (const std::string_view other : words)
      if (other != word) to.alike[std::string(word)].emplace_back(other);
}

void add_line(std::string_view line, Languages& to) {
  const std::size_t space = line.find(' '), colon = line.find(':');
  CHECK(space != std::string_view::npos && colon != std::string_view::npos && space < colon);
  const std::string_view code = line.substr(0, space), kind = line.substr(space + 1, colon - space - 1);
  Language& language = to[code == "any" ? std::string() : std::string(code)];
  language.code = code == "any" ? "" : code;
  for (const std::string_view word : split(line.substr(colon + 1), ' ')) {
    if (word.empty()) continue;
    if (kind == "negation") {
      add_negation(language, word);
      continue;
    }
    if (kind == "alike") {
      add_alike(language, word);
      continue;
    }
    Language::Words* words = kind == "filler"    ? &language.fillers
                             : kind == "perhaps" ? &language.perhaps
                             : kind == "stutter" ? &language.stutters
                             : kind == "joined"  ? &language.joined
                             : kind == "twice"   ? &language.twice
                             : kind == "restart" ? &language.restarts
                             : kind == "number"  ? &language.number_parts
                             : kind == "link"    ? &language.links
                             : kind == "date"    ? &language.dates
                             : kind == "unit"    ? &language.units
                                                 : nullptr;
    CHECK(words != nullptr);
    words->insert(said(word));
  }
}

Languages read_all() {
  Languages all;
  for (const std::string_view line : split(kWords, '\n'))
    if (!trim(line).empty() && !line.starts_with('#')) add_line(trim(line), all);
  Language& any = all[""];
  any.is_known = false;
  const auto add = [](auto& to, const auto& from) { to.insert(from.begin(), from.end()); };
  for (const auto& [code, one] : all) {
    if (code.empty()) continue;
    add(any.number_parts, one.number_parts), add(any.links, one.links);
    add(any.negations, one.negations), add(any.dates, one.dates), add(any.units, one.units);
    any.negation_beginnings.insert(any.negation_beginnings.end(), one.negation_beginnings.begin(), one.negation_beginnings.end());
    any.negation_endings.insert(any.negation_endings.end(), one.negation_endings.begin(), one.negation_endings.end());
  }
  return all;
}

const Languages& all() {
  static const Languages table = read_all();
  return table;
}

// Put together from number parts, with links between: "zweiundzwanzig", "twentyfive" (twenty-five), "ventidue".
bool is_number(const Language& language, std::string_view word) {
  constexpr std::size_t kLongest = 96;  // bytes; longer ones are no words
  if (language.number_parts.contains(word)) return true;
  if (word.empty() || word.size() > kLongest) return false;
  enum : std::uint8_t { no, after_link, after_part };
  std::vector<std::uint8_t> reached(word.size() + 1, no);
  reached[0] = after_link;
  for (std::size_t from = 0; from < word.size(); ++from) {
    if (reached[from] == no) continue;
    for (std::size_t size = 1; size <= word.size() - from; ++size) {
      const std::string_view part = word.substr(from, size);
      if (language.number_parts.contains(part) && (size > 1 || from == 0)) reached[from + size] = after_part;
      if (from > 0 && reached[from] == after_part && reached[from + size] == no && language.links.contains(part)) reached[from + size] = after_link;
    }
  }
  return reached[word.size()] == after_part;
}

// "uhhhh" → "uh" and "uhh": one and two of each letter that stands three times or more.
bool holds_drawn_out(const Language::Words& words, std::string_view said) {
  if (words.contains(said)) return true;
  std::string once, twice;
  bool is_drawn_out = false;
  for (std::size_t at = 0; at < said.size();) {
    std::size_t end = at;
    while (end < said.size() && said[end] == said[at]) ++end;
    const bool is_long = end - at >= 3 && static_cast<unsigned char>(said[at]) < 0x80;
    is_drawn_out = is_drawn_out || is_long;
    once.append(is_long ? 1 : end - at, said[at]), twice.append(is_long ? 2 : end - at, said[at]);
    at = end;
  }
  return is_drawn_out && (words.contains(once) || words.contains(twice));
}

}  // namespace

std::string_view to_string(Lock lock) {
  switch (lock) {
    case Lock::none: return "";
    case Lock::digits: return "digits";
    case Lock::number: return "number";
    case Lock::negation: return "negation";
    case Lock::date: return "date";
    case Lock::unit: return "unit";
    case Lock::name: return "name";
  }
  return "";
}

Lock Language::lock_of(std::string_view said) const {
  if (said.empty()) return Lock::none;
  if (has_digit(said)) return Lock::digits;
  if (negations.contains(said) || std::ranges::any_of(negation_beginnings, [&](const std::string& with) { return said.starts_with(with); }) ||
      std::ranges::any_of(negation_endings, [&](const std::string& with) { return said.ends_with(with); }))
    return Lock::negation;
  if (dates.contains(said)) return Lock::date;
  if (units.contains(said)) return Lock::unit;
  if (is_number(*this, said)) return Lock::number;
  const bool is_sign = said.find_first_of("%$+&@#=") != std::string_view::npos || said.find("°") != std::string_view::npos;
  return is_sign || said.find("€") != std::string_view::npos || said.find("£") != std::string_view::npos ? Lock::unit : Lock::none;
}

bool Language::is_filler(std::string_view said) const { return holds_drawn_out(fillers, said); }
bool Language::is_perhaps_filler(std::string_view said) const { return holds_drawn_out(perhaps, said); }

const Language& language(std::string_view code) {
  const std::string plain = to_lower(code.substr(0, code.find_first_of("-_")));
  const auto found = all().find(plain);
  return found == all().end() ? all().at("") : found->second;
}

std::vector<std::string> known_languages() {
  std::vector<std::string> codes;
  for (const auto& [code, one] : all())
    if (one.is_known) codes.push_back(code);
  return codes;
}

}  // namespace demarc::speech
