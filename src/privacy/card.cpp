#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/check.hpp"
#include "privacy/chars.hpp"
#include "privacy/checks.hpp"
#include "privacy/context.hpp"
#include "privacy/number_rules.hpp"
#include "privacy/tables.hpp"

namespace demarc::privacy {
namespace {

enum class Proof : std::uint8_t { none, with_context, alone };

struct CardRange {
  std::string network;
  std::string from, to;  // prefixes of equal length
  std::vector<std::size_t> lengths, alone;
};

const std::vector<CardRange>& ranges() {
  static const std::vector<CardRange> all = [] {
    std::vector<CardRange> read;
    for (const auto& row : YAML::Load(kNumbersYaml)["card_ranges"]) {
      read.push_back({row["network"].as<std::string>(), row["from"].as<std::string>(), row["to"].as<std::string>(),
                      row["lengths"].as<std::vector<std::size_t>>(), row["alone"].as<std::vector<std::size_t>>()});
      CHECK(read.back().from.size() == read.back().to.size());
    }
    return read;
  }();
  return all;
}

struct Issued {
  Proof proof = Proof::none;
  std::string_view network{};
};

Issued issued(std::string_view digits) {
  Issued best;
  for (const CardRange& range : ranges()) {
    const std::string_view prefix = digits.substr(0, range.from.size());
    if (prefix < range.from || prefix > range.to) continue;
    const auto has = [&](const std::vector<std::size_t>& lengths) {
      return std::find(lengths.begin(), lengths.end(), digits.size()) != lengths.end();
    };
    if (has(range.alone)) return {Proof::alone, range.network};
    if (has(range.lengths)) best = {Proof::with_context, range.network};
  }
  return best;
}

// As cards are printed: one block, fours (the last may be shorter), 4-6-5 and 4-6-4.
bool usual_groups(const DigitRun& run, std::size_t first, std::size_t last) {
  const auto size = [&](std::size_t i) { return run.groups[i].size(); };
  if (first == last) return true;
  if (last == first + 2 && size(first) == 4 && size(first + 1) == 6) return size(last) == 5 || size(last) == 4;
  for (std::size_t i = first; i < last; ++i) {
    if (size(i) != 4) return false;
  }
  return size(last) <= 4;
}

}  // namespace

bool passes_luhn(std::string_view digits) {
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    int d = digits[digits.size() - 1 - i] - '0';
    if (i % 2 == 1) d = d * 2 > 9 ? d * 2 - 9 : d * 2;
    sum += d;
  }
  return sum % 10 == 0;
}

std::optional<NumberMatch> match_card(const Text& text, const DigitRun& run, std::size_t first) {
  const std::size_t begin = run.groups[first].begin;
  if (before(text.text, begin) == '.' || (before(text.text, begin) == '-' && begin >= 2 && is_alnum(text.text[begin - 2]) && first == 0)) {
    return std::nullopt;  // a decimal fraction; the tail of a UUID or part number
  }
  std::optional<NumberMatch> found;
  for (std::size_t last = first; last < run.group_count; ++last) {
    if (last > first) {
      const char separator = text.text[run.groups[last].begin - 1];
      if (separator != ' ' && separator != '-' && separator != '.') break;
    }
    const std::string_view digits = run.digits_of(first, last);
    if (digits.size() > 19) break;
    if (digits.size() < 12 || is_all_one_digit(digits) || !passes_luhn(digits)) continue;
    const std::size_t end = run.groups[last].end;
    const char next = after(text.text, end);
    if (last == first && (next == '.' || next == '-') && is_alnum(after(text.text, end + 1))) continue;
    const auto [proof, network] = issued(digits);
    if (proof == Proof::none) continue;
    const bool usual = usual_groups(run, first, last);
    const std::optional<Topic> topic = Context::instance().nearest(text, begin, end, Topic::card);
    const bool named = topic == Topic::card;
    if (!named && (proof == Proof::with_context || !usual)) continue;
    found = {{.type = "CREDIT_CARD",
              .begin = begin,
              .end = end,
              .score = named                   ? 1.0F
                       : topic == Topic::other ? 0.7F
                                               : 0.9F,
              .reason = "Luhn; " + std::string(network) + (named ? "; " + word_beside(Topic::card) : "")},
             last};
    if (usual && proof == Proof::alone) break;  // do not swallow the expiry date
  }
  return found;
}

std::optional<NumberMatch> match_us_ssn(const Text& text, const DigitRun& run, std::size_t first) {
  const auto& groups = run.groups;
  const auto valid = [](std::string_view d) {
    return d.substr(0, 3) != "000" && d.substr(0, 3) != "666" && d[0] != '9' && d.substr(3, 2) != "00" && d.substr(5) != "0000";
  };
  const std::size_t begin = groups[first].begin;
  const char left = before(text.text, begin);
  if (left == '-' || left == '.' || left == '/' || left == '+') return std::nullopt;
  std::size_t last = first;
  char separator = 0;
  if (groups[first].size() == 3 && first + 2 < run.group_count && groups[first + 1].size() == 2 && groups[first + 2].size() == 4) {
    last = first + 2;
    separator = text.text[groups[first].end];
    const bool same = groups[first + 1].begin == groups[first].end + 1 && groups[last].begin == groups[first + 1].end + 1 &&
                      text.text[groups[first + 1].end] == separator;
    if (!same || (separator != '-' && separator != ' ' && separator != '.')) return std::nullopt;
  } else if (groups[first].size() != 9) {
    return std::nullopt;
  }
  const std::size_t end = groups[last].end;
  const char right = after(text.text, end);
  if ((right == '-' || right == '/') && is_alnum(after(text.text, end + 1))) return std::nullopt;
  if (!valid(run.digits_of(first, last))) return std::nullopt;
  const bool named = Context::instance().nearest(text, begin, end, Topic::ssn) == Topic::ssn;
  if (!named && separator != '-') return std::nullopt;
  return NumberMatch{
      {.type = "US_SSN", .begin = begin, .end = end, .score = named ? 1.0F : 0.85F, .reason = named ? word_beside(Topic::ssn) : "form and ranges"},
      last};
}

}  // namespace demarc::privacy
