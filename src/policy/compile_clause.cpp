#include "policy/compile_clause.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>

#include "base/strings.hpp"
#include "base/time.hpp"
#include "core/attributes.hpp"
#include "core/money.hpp"
#include "policy/compile.hpp"

namespace demarc::policy {
namespace {

constexpr std::int64_t kPatternMemoryBytes = 256 << 10;
const std::vector<std::string> kOperators = {"over", "under", "at_least", "at_most", "matches"};

const std::vector<std::string>& words_of(ValueKind kind) {
  static const std::vector<std::string> operations = [] {
    std::vector<std::string> names;
    for (int i = 0; i < kOperationCount; ++i) names.emplace_back(to_string(static_cast<Operation>(i)));
    return names;
  }();
  static const std::vector<std::string> sensitivities = {"public", "internal", "confidential", "restricted"};
  static const std::vector<std::string> tiers = {"local", "cloud"};
  static const std::vector<std::string> providers = {"openai", "anthropic", "gemini", "mistral", "bedrock", "azure"};
  static const std::vector<std::string> flags = {"false", "true"};
  static const std::vector<std::string> media = {"image", "audio", "file"};
  static const std::vector<std::string> free;
  switch (kind) {
    case ValueKind::operation: return operations;
    case ValueKind::sensitivity: return sensitivities;
    case ValueKind::tier: return tiers;
    case ValueKind::provider: return providers;
    case ValueKind::flag: return flags;
    case ValueKind::media: return media;
    case ValueKind::text:
    case ValueKind::count:
    case ValueKind::money:
    case ValueKind::time:
    case ValueKind::findings:
    case ValueKind::texts: return free;
  }
  return free;
}

bool is_list(ValueKind kind) { return kind == ValueKind::findings || kind == ValueKind::media || kind == ValueKind::texts; }
bool is_number(ValueKind kind) { return kind == ValueKind::count || kind == ValueKind::money || kind == ValueKind::time; }

bool looks_like_a_number(const YamlNode& node) {
  return !node.quoted && node.text.find_first_of("0123456789") != std::string::npos &&
         node.text.find_first_not_of("-.0123456789") == std::string::npos;
}

bool is_word(const YamlNode& node, std::string_view word) { return node.kind == YamlKind::scalar && !node.quoted && node.text == word; }

// Meaning 4: what loosens must hold for every element, what tightens for one.
Quantifier quantifier_of(ClausePlace place) {
  const bool when = place.role == ClauseRole::when;
  switch (place.kind) {
    case RuleKind::permit: return when ? Quantifier::every : Quantifier::one;
    case RuleKind::forbid:
    case RuleKind::label:
    case RuleKind::invariant: return when ? Quantifier::one : Quantifier::every;
    case RuleKind::work_class:
    case RuleKind::prefer: return Quantifier::one;
  }
  return Quantifier::one;
}

}  // namespace

void Problems::error(const YamlNode& at, std::string message, const std::vector<std::string>& candidates, std::string_view written) {
  ++errors_;
  add({Severity::error, file_, at.line, at.column, std::move(message)}, candidates, written);
}

void Problems::warning(int line, int column, std::string message, const std::vector<std::string>& candidates, std::string_view written) {
  add({Severity::warning, file_, line, column, std::move(message)}, candidates, written);
}

void Problems::add(PolicyProblem problem, const std::vector<std::string>& candidates, std::string_view written) {
  if (list_.size() >= kMaxProblems) return;
  constexpr std::size_t kLongestWord = 100;  // edit distance is quadratic
  if (!candidates.empty() && written.size() <= kLongestWord) problem.nearest = nearest(written, candidates).value_or("");
  list_.push_back(std::move(problem));
}

std::string print_flow(const YamlNode& node) {
  if (node.kind == YamlKind::null) return "null";
  if (node.kind == YamlKind::scalar) return node.quoted ? '\'' + node.text + '\'' : node.text;
  const bool map = node.kind == YamlKind::map;
  std::string out(1, map ? '{' : '[');
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    if (i > 0) out += ", ";
    if (map) out += node.keys[i].text + ": ";
    out += print_flow(node.items[i]);
  }
  return out + (map ? '}' : ']');
}

ParsedClause ClauseCompiler::parse(const YamlNode& node, ClausePlace place) {
  ParsedClause out;
  if (node.kind != YamlKind::map) {
    problems_.error(node, "expected {attribute: condition, …}");
  } else if (node.keys.empty()) {
    problems_.error(node, "no condition in it: leave it out");
  } else {
    for (std::size_t i = 0; i < node.keys.size(); ++i) parse_attribute(node.keys[i], node.items[i], place, out);
  }
  return out;
}

void ClauseCompiler::parse_attribute(const YamlNode& key, const YamlNode& value, ClausePlace place, ParsedClause& out) {
  const auto field = parse_field(key.text);
  if (!field) return problems_.error(key, "unknown attribute \"" + key.text + '"', field_names(), key.text);
  if (place.kind == RuleKind::label && (*field == Field::sensitivity || is_per_candidate(*field)))
    return problems_.error(key, "a label decides the sensitivity before any upstream is looked at: it cannot read " + key.text);
  if (place.kind == RuleKind::work_class && is_per_candidate(*field))
    return problems_.error(key, "a class is given before any upstream is looked at: it cannot read " + key.text);
  Condition c;
  c.field = *field, c.quantifier = quantifier_of(place), c.source = key.text + ": " + print_flow(value);
  if (*field == Field::finding_type) {
    c.type = key.text.substr(std::string_view("findings.").size());
    if (!check_type(key, c.type)) return;
  }
  std::vector<Condition> parsed;
  switch (value.kind) {
    case YamlKind::null: return problems_.error(value, key.text + " has no value");
    case YamlKind::scalar:
      if (parse_scalar(value, c)) parsed.push_back(std::move(c));
      break;
    case YamlKind::list:
      if (parse_list(value, c)) parsed.push_back(std::move(c));
      break;
    case YamlKind::map:
      if (!parse_operators(value, c, parsed)) return;
  }
  auto& into = is_per_candidate(*field) ? out.candidate : out.request;
  std::move(parsed.begin(), parsed.end(), std::back_inserter(into));
}

bool ClauseCompiler::check_type(const YamlNode& at, std::string_view type) {
  if (types_.contains(type)) return true;
  problems_.error(at, "unknown finding type \"" + std::string(type) + '"', {types_.begin(), types_.end()}, type);
  return false;
}

bool ClauseCompiler::parse_scalar(const YamlNode& value, Condition& c) {
  const ValueKind kind = kind_of(c.field);
  if (is_word(value, "any") || is_word(value, "none")) {
    c.test = value.text == "any" ? Test::any : Test::none;
    if (kind != ValueKind::flag && kind != ValueKind::money && kind != ValueKind::time) return true;
    problems_.error(value, kind == ValueKind::flag    ? "expected true or false"
                           : kind == ValueKind::money ? "say how much: {over: 0} or {at_most: 0}"
                                                      : "expected a time (RFC 3339) or {under: …}, {matches: …}");
    return false;
  }
  if (is_number(kind) || (is_list(kind) && looks_like_a_number(value))) {  // a list's number is its length
    c.test = Test::in_range;
    if (!parse_number(value, is_list(kind) ? ValueKind::count : kind, c.low)) return false;
    c.high = c.low;
    return true;
  }
  c.test = Test::one_of;
  return parse_word(value, c);
}

bool ClauseCompiler::parse_list(const YamlNode& value, Condition& c) {
  if (value.items.empty()) return problems_.error(value, "an empty list matches nothing: leave the condition out, or write none"), false;
  if (value.items.size() > kMaxListLength) return problems_.error(value, "too many values: at most " + std::to_string(kMaxListLength)), false;
  const bool numbers = is_number(kind_of(c.field));
  c.test = numbers ? Test::number_of : Test::one_of;
  bool good = true;
  for (const YamlNode& item : value.items) {
    if (is_word(item, "any") || is_word(item, "none")) {
      problems_.error(item, item.text + " stands alone, not in a list (in quotes it is a word like others)"), good = false;
    } else if (numbers) {
      __int128 number = 0;
      good = parse_number(item, kind_of(c.field), number) && good;
      c.numbers.push_back(number);
    } else {
      good = parse_word(item, c) && good;
    }
  }
  std::sort(c.texts.begin(), c.texts.end());
  return good;
}

bool ClauseCompiler::parse_word(const YamlNode& value, Condition& c) {
  if (value.kind != YamlKind::scalar) return problems_.error(value, "expected a word"), false;
  const ValueKind kind = kind_of(c.field);
  if (kind == ValueKind::findings && !check_type(value, value.text)) return false;
  const std::vector<std::string>& words = words_of(kind);
  if (words.empty()) {
    if (value.text.empty()) return problems_.error(value, "an empty word matches nothing: write none"), false;
    return c.texts.push_back(value.text), true;
  }
  const auto at = std::find(words.begin(), words.end(), value.text);
  if (at == words.end() || (kind == ValueKind::flag && value.quoted)) {
    problems_.error(value, "\"" + value.text + "\" is no value of " + std::string(to_string(c.field)), words, value.text);
    return false;
  }
  c.mask |= 1U << static_cast<unsigned>(at - words.begin());
  return true;
}

bool ClauseCompiler::parse_operators(const YamlNode& value, const Condition& base, std::vector<Condition>& out) {
  if (value.keys.empty()) return problems_.error(value, "no operator in it: over, under, at_least, at_most or matches"), false;
  bool good = true;
  Condition bounds = base;
  bounds.test = kind_of(base.field) == ValueKind::sensitivity ? Test::one_of : Test::in_range;
  bounds.mask = ~0U;
  bool bounded = false;
  for (std::size_t i = 0; i < value.keys.size(); ++i) {
    const YamlNode& op = value.keys[i];
    if (std::find(kOperators.begin(), kOperators.end(), op.text) == kOperators.end()) {
      problems_.error(op, "unknown operator \"" + op.text + '"', kOperators, op.text), good = false;
    } else if (op.text == "matches") {
      Condition c = base;
      good = parse_pattern(value.items[i], c) && good;
      out.push_back(std::move(c));
    } else {
      bounded = true;
      good = parse_bound(op, value.items[i], bounds) && good;
    }
  }
  if (bounded) out.push_back(std::move(bounds));
  return good;
}

// over, under, at_least, at_most: narrows c's range, or c's levels for a sensitivity.
bool ClauseCompiler::parse_bound(const YamlNode& op, const YamlNode& value, Condition& c) {
  const ValueKind kind = kind_of(c.field);
  const bool upper = op.text == "under" || op.text == "at_most";
  const bool strict = op.text == "over" || op.text == "under";
  if (kind == ValueKind::sensitivity) {
    Condition level = c;
    level.mask = 0;
    if (!parse_word(value, level)) return false;
    const std::uint32_t below = level.mask - 1, all = 0xF;  // a single bit less one: every level below it
    c.mask &= upper ? (strict ? below : below | level.mask) : all & (strict ? ~(below | level.mask) : ~below);
    return true;
  }
  if (!is_number(kind) && !is_list(kind))
    return problems_.error(op, std::string(to_string(c.field)) + " has no order: " + op.text + " does not apply"), false;
  __int128 bound = 0;
  if (!parse_number(value, is_list(kind) ? ValueKind::count : kind, bound)) return false;
  if (upper) c.high = std::min(c.high, bound - (strict ? 1 : 0));
  if (!upper) c.low = std::max(c.low, bound + (strict ? 1 : 0));
  return true;
}

bool ClauseCompiler::parse_pattern(const YamlNode& value, Condition& c) {
  const ValueKind kind = kind_of(c.field);
  if (kind == ValueKind::sensitivity || kind == ValueKind::flag || kind == ValueKind::count || kind == ValueKind::money)
    return problems_.error(value, std::string(to_string(c.field)) + " is no text: matches does not apply"), false;
  if (value.kind != YamlKind::scalar || value.text.empty()) return problems_.error(value, "expected a regular expression (RE2)"), false;
  if (value.text.size() > kMaxPatternBytes)
    return problems_.error(value, "pattern too long: at most " + std::to_string(kMaxPatternBytes) + " bytes"), false;
  if (++patterns_ > kMaxPatterns) return problems_.error(value, "too many patterns: at most " + std::to_string(kMaxPatterns)), false;
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kPatternMemoryBytes);
  auto pattern = std::make_shared<const RE2>(value.text, options);
  if (!pattern->ok()) return problems_.error(value, "not an RE2 pattern: " + pattern->error()), false;
  const std::vector<std::string>& words = words_of(kind);
  if (words.empty()) return c.test = Test::matches, c.pattern = std::move(pattern), true;
  c.test = Test::one_of;  // of few words, decided here once
  for (std::size_t i = 0; i < words.size(); ++i)
    if (RE2::PartialMatch(words[i], *pattern)) c.mask |= 1U << i;
  return true;
}

bool ClauseCompiler::parse_number(const YamlNode& value, ValueKind kind, __int128& out) {
  if (value.kind != YamlKind::scalar) return problems_.error(value, "expected a single value"), false;
  if (kind == ValueKind::time) {
    const auto at = parse_rfc3339(value.text);
    if (!at) return problems_.error(value, "expected a time as in \"2027-01-01T00:00:00Z\""), false;
    return out = at->unix_ns, true;
  }
  if (kind == ValueKind::money) {
    const auto usd = value.quoted ? std::nullopt : Money::parse(value.text);
    if (!usd) return problems_.error(value, "expected dollars as in 12.50"), false;
    return out = usd->pico(), true;
  }
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value.text.data(), value.text.data() + value.text.size(), number);
  if (value.quoted || error != std::errc{} || end != value.text.data() + value.text.size() || number < 0)
    return problems_.error(value, "expected a whole number from 0, without a unit"), false;
  return out = number, true;
}

}  // namespace demarc::policy
