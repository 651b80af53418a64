// test(): one condition against one request or candidate, in Kleene's three values. What each attribute is when absent or unknown stands in
// config.md.
#include <re2/re2.h>

#include <algorithm>
#include <cmath>

#include "base/check.hpp"
#include "policy/facts.hpp"

namespace demarc::policy {
namespace {

constexpr Truth truth(bool b) { return b ? Truth::yes : Truth::no; }

bool in_texts(const Condition& c, std::string_view text) { return std::binary_search(c.texts.begin(), c.texts.end(), text); }
bool matches(const Condition& c, std::string_view text) { return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *c.pattern); }
bool fits(const Condition& c, std::string_view text) { return c.test == Test::matches ? matches(c, text) : in_texts(c, text); }

Truth test_text(const Condition& c, TextFact fact) {
  if (fact.presence == Presence::unknown) return Truth::unknown;
  const bool present = fact.presence == Presence::known;
  if (c.test == Test::any) return truth(present);
  if (c.test == Test::none) return truth(!present);
  return truth(present && fits(c, fact.text));
}

Truth test_number(const Condition& c, __int128 number) {
  switch (c.test) {
    case Test::any: return truth(number > 0);
    case Test::none: return truth(number == 0);
    case Test::in_range: return truth(c.low <= number && number <= c.high);
    case Test::number_of: return truth(std::find(c.numbers.begin(), c.numbers.end(), number) != c.numbers.end());
    case Test::one_of:
    case Test::matches: break;
  }
  CHECK(false);  // the compiler made such a condition
  return Truth::no;
}

Truth test_count(const Condition& c, const Attribute<std::int64_t>& attribute) {
  if (attribute.unknown()) return Truth::unknown;
  return attribute.get() ? test_number(c, *attribute.get()) : truth(c.test == Test::none);
}

// A value of an enum of which only the possible ones are known. Never absent.
Truth test_possible(const Condition& c, std::uint32_t possible) {
  if (c.test == Test::any) return Truth::yes;
  if (c.test == Test::none) return Truth::no;
  if ((possible & c.mask) == 0) return Truth::no;
  return (possible & ~c.mask) == 0 ? Truth::yes : Truth::unknown;
}

Truth test_flag(const Condition& c, std::optional<bool> flag) { return test_possible(c, flag ? 1U << static_cast<unsigned>(*flag) : 3U); }

Truth test_flag(const Condition& c, const Attribute<bool>& flag) {
  return test_flag(c, flag.get() ? std::optional(*flag.get()) : flag.unknown() ? std::nullopt : std::optional(false));
}

// Meaning 4. `fits` is asked of every element; there must be one.
template <class List, class Fits>
Truth test_elements(const Condition& c, const List& list, Fits fits) {
  if (c.quantifier == Quantifier::one) return truth(std::any_of(list.begin(), list.end(), fits));
  return truth(!list.empty() && std::all_of(list.begin(), list.end(), fits));
}

template <class Element, class Fits>
Truth test_list(const Condition& c, const Attribute<std::vector<Element>>& attribute, Fits fits) {
  if (attribute.unknown()) return Truth::unknown;
  static const std::vector<Element> kEmpty;
  const std::vector<Element>& list = attribute.get() ? *attribute.get() : kEmpty;
  if (c.test == Test::one_of || c.test == Test::matches) return test_elements(c, list, fits);
  return test_number(c, static_cast<__int128>(list.size()));
}

Truth test_findings(const Condition& c, const RequestFacts& facts) {
  if (facts.findings == nullptr) return Truth::unknown;
  if (c.test != Test::one_of && c.test != Test::matches) return test_number(c, facts.direct_findings);
  bool all = true;
  bool some = false;
  for (const auto& [type, count] : *facts.findings) {
    if (count == 0) continue;
    const bool fit = fits(c, type);
    some = some || fit, all = all && fit;
  }
  return truth(c.quantifier == Quantifier::one ? some : some && all);
}

Truth test_finding_type(const Condition& c, const RequestFacts& facts) {
  if (facts.findings == nullptr) return Truth::unknown;
  const auto at = facts.findings->find(c.type);
  return test_number(c, at == facts.findings->end() ? 0 : at->second);
}

Truth test_budget(const Condition& c, const Attribute<BudgetLeft>& budget) {
  if (budget.unknown()) return Truth::unknown;
  const Money* left = budget.get() ? std::get_if<Money>(budget.get()) : nullptr;
  if (left != nullptr) return test_number(c, left->pico());
  return truth(c.test == Test::in_range && c.high == kNoUpperBound);  // unlimited: above every bound
}

Truth test_time(const Condition& c, const RequestFacts& facts) {
  const Attribute<Instant>& time = facts.attributes.time;
  if (time.unknown()) return Truth::unknown;
  if (time.get() == nullptr) return Truth::no;
  return c.test == Test::matches ? truth(matches(c, facts.time_text)) : test_number(c, time.get()->unix_ns);
}

}  // namespace

Truth test(const Condition& c, const RequestFacts& facts) {
  const Attributes& a = facts.attributes;
  const auto text = [](const Attribute<std::string>& v) {
    return v.unknown() ? TextFact{Presence::unknown} : v.get() ? TextFact{Presence::known, *v.get()} : TextFact{};
  };
  const auto fits_text = [&](const std::string& element) { return fits(c, element); };
  switch (c.field) {
    case Field::caller_key: return test_text(c, text(a.caller_key));
    case Field::caller_team: return test_text(c, text(a.caller_team));
    case Field::caller_role: return test_text(c, text(a.caller_role));
    case Field::workload: return test_text(c, facts.workload);
    case Field::operation: return test_possible(c, 1U << static_cast<unsigned>(a.operation));
    case Field::dialect: return test_text(c, a.dialect.empty() ? TextFact{} : TextFact{Presence::known, a.dialect});
    case Field::declared: return test_possible(c, facts.declared.possible());
    case Field::sensitivity: return test_possible(c, facts.sensitivity.possible());
    case Field::findings: return test_findings(c, facts);
    case Field::finding_type: return test_finding_type(c, facts);
    case Field::context_tokens: return test_count(c, a.context_tokens);
    case Field::output_tokens: return test_count(c, a.output_tokens);
    case Field::tools: return test_count(c, a.tools);
    case Field::tool_names: return test_list(c, a.tool_names, fits_text);
    case Field::stream: return test_flag(c, a.stream);
    case Field::batch: return test_flag(c, a.batch);
    case Field::media: return test_list(c, a.media, [&](Media medium) { return (c.mask >> static_cast<unsigned>(medium) & 1U) != 0; });
    case Field::model: return test_text(c, {Presence::known, a.model});
    case Field::repository: return test_list(c, a.repository, fits_text);
    case Field::path: return test_list(c, a.path, fits_text);
    case Field::budget_left: return test_budget(c, a.budget_left);
    case Field::time: return test_time(c, facts);
    case Field::upstream_name:
    case Field::upstream_model:
    case Field::upstream_tier:
    case Field::upstream_region:
    case Field::upstream_provider:
    case Field::upstream_healthy:
    case Field::upstream_queue_ms:
    case Field::upstream_quality_percent:
    case Field::upstream_pinned:
    case Field::upstream_no_store: break;
  }
  CHECK(!is_per_candidate(c.field));
  return Truth::unknown;
}

Truth test(const Condition& c, const CandidateFacts& facts) {
  CHECK(is_per_candidate(c.field));
  if (c.field == Field::upstream_name) return test_text(c, {Presence::known, facts.upstream.name});
  if (c.field == Field::upstream_model) return test_text(c, {Presence::known, facts.model.name});
  if (c.field == Field::upstream_tier) return test_possible(c, 1U << static_cast<unsigned>(facts.upstream.tier));
  if (c.field == Field::upstream_region) return test_text(c, facts.region());
  if (c.field == Field::upstream_healthy) return test_flag(c, facts.state.healthy);
  if (c.field == Field::upstream_pinned) return test_flag(c, std::optional(facts.pinned()));
  if (c.field == Field::upstream_no_store) return test_flag(c, std::optional(facts.no_store()));
  if (c.field == Field::upstream_quality_percent)
    return facts.state.quality ? test_number(c, std::llround(*facts.state.quality * 100)) : Truth::unknown;
  if (c.field == Field::upstream_queue_ms) return facts.state.queue_ms ? test_number(c, *facts.state.queue_ms) : Truth::unknown;
  if (facts.upstream.tier == Tier::local) return truth(c.test == Test::none);  // only a cloud upstream has a provider
  return test_possible(c, 1U << static_cast<unsigned>(facts.upstream.provider));
}

}  // namespace demarc::policy
