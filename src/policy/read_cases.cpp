// read_cases(): JSON Lines to Cases.
#include <simdjson.h>

#include <algorithm>
#include <set>

#include "base/strings.hpp"
#include "policy/cases.hpp"

namespace demarc::policy {
namespace {

namespace dom = simdjson::dom;

const std::vector<std::string> kCaseKeys = {"id", "request", "expect", "note"};
const std::vector<std::string> kRequestKeys = {"operation", "dialect",        "model",         "caller", "workload",   "sensitivity", "declared",
                                               "findings",  "context_tokens", "output_tokens", "tools",  "tool_names", "stream",      "batch",
                                               "media",     "repository",     "path",          "budget", "time",       "upstreams"};
const std::vector<std::string> kStateKeys = {"healthy", "queue_ms", "pinned", "region", "quality", "price_usd"};
const std::vector<std::string> kExpectKeys = {"effect", "tier", "upstream", "model", "rules", "requires", "sensitivity", "class"};

// What is wrong with one line, thrown by the readers below and caught in read_cases. Never leaves this file.
struct Wrong {
  std::string message, nearest;
};

[[noreturn]] void wrong(std::string message) { throw Wrong{std::move(message), {}}; }

std::string_view text_of(dom::element value, const std::string& where) {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) wrong(where + ": expected a string");
  return text;
}

std::int64_t count_of(dom::element value, const std::string& where) {
  std::int64_t number = 0;
  if (value.get(number) != simdjson::SUCCESS || number < 0) wrong(where + ": expected a whole number from 0");
  return number;
}

bool flag_of(dom::element value, const std::string& where) {
  bool flag = false;
  if (value.get(flag) != simdjson::SUCCESS) wrong(where + ": expected true or false");
  return flag;
}

double number_of(dom::element value, const std::string& where) {
  double number = 0;
  if (value.get(number) != simdjson::SUCCESS) wrong(where + ": expected a number");
  return number;
}

Money money_of(dom::element value, const std::string& where) {
  std::int64_t whole = 0;
  if (value.get(whole) == simdjson::SUCCESS && whole > -1'000'000'000'000 && whole < 1'000'000'000'000) return Money::from_usd(whole);
  const double dollars = number_of(value, where);  // a case's budget: to a millionth of a dollar, which a double of this size holds
  if (!(dollars > -1e9 && dollars < 1e9)) wrong(where + ": out of range");
  const double millionths = dollars * 1e6;
  return Money::from_pico(static_cast<Money::Pico>(millionths + (millionths < 0 ? -0.5 : 0.5)) * 1'000'000);
}

std::vector<std::string> texts_of(dom::element value, const std::string& where) {
  dom::array array;
  if (value.get(array) != simdjson::SUCCESS) wrong(where + ": expected a list of strings");
  std::vector<std::string> texts;
  for (const dom::element item : array) texts.emplace_back(text_of(item, where));
  return texts;
}

template <class Enum>
Enum word_of(dom::element value, const std::string& where, std::optional<Enum> (*parse)(std::string_view)) {
  const std::string_view text = text_of(value, where);
  const auto word = parse(text);
  if (!word) wrong(where + ": no such word \"" + std::string(text) + '"');
  return *word;
}

std::vector<Media> media_of(dom::element value, const std::string& where) {
  std::vector<Media> media;
  for (const std::string& text : texts_of(value, where)) {
    if (text != "image" && text != "audio" && text != "file") wrong(where + ": image, audio or file");
    media.push_back(text == "image" ? Media::image : text == "audio" ? Media::audio : Media::file);
  }
  return media;
}

FindingCounts findings_of(dom::element value, const std::string& where) {
  dom::object object;
  if (value.get(object) != simdjson::SUCCESS) wrong(where + ": expected {TYPE: count}");
  FindingCounts counts;
  for (const auto [type, count] : object) {
    const std::int64_t number = count_of(count, where + "." + std::string(type));
    if (number > 1'000'000'000) wrong(where + ": too many");
    counts[std::string(type)] = static_cast<std::uint32_t>(number);
  }
  return counts;
}

// null is unknown; anything else is read.
template <class T, class Read>
Attribute<T> attribute(dom::element value, Read read) {
  if (value.is_null()) return Unknown{};
  return Attribute<T>(read());
}

template <class T, class Read>
std::optional<T> known(dom::element value, Read read) {
  if (value.is_null()) return std::nullopt;
  return read();
}

// Calls visit(key, value) for every field; keys outside `allowed` and duplicates are errors.
template <class Visit>
void each_field(dom::element value, const std::string& where, const std::vector<std::string>& allowed, Visit visit) {
  dom::object object;
  if (value.get(object) != simdjson::SUCCESS) wrong((where.empty() ? "the line" : where) + ": expected an object");
  std::set<std::string_view> seen;
  for (const auto [key, field] : object) {
    const std::string path = where.empty() ? std::string(key) : where + "." + std::string(key);
    if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), key) == allowed.end())
      throw Wrong{"unknown field \"" + path + '"', nearest(key.substr(0, 100), allowed).value_or("")};
    if (!seen.insert(key).second) wrong("duplicate field \"" + path + '"');
    visit(key, field, path);
  }
}

void read_caller(dom::element value, const std::string& where, Attributes& a) {
  each_field(value, where, {"key", "team", "role"}, [&](std::string_view key, dom::element field, const std::string& path) {
    auto& into = key == "key" ? a.caller_key : key == "team" ? a.caller_team : a.caller_role;
    into = attribute<std::string>(field, [&] { return std::string(text_of(field, path)); });
  });
}

void read_states(dom::element value, const std::string& where, std::vector<CaseState>& out) {
  each_field(value, where, {}, [&](std::string_view name, dom::element fields, const std::string& path) {
    CaseState state{.name = std::string(name)};
    each_field(fields, path, kStateKeys, [&](std::string_view key, dom::element v, const std::string& p) {
      if (key == "healthy") state.healthy = known<bool>(v, [&] { return flag_of(v, p); });
      if (key == "pinned") state.pinned = known<bool>(v, [&] { return flag_of(v, p); });
      if (key == "queue_ms") state.queue_ms = known<std::int64_t>(v, [&] { return count_of(v, p); });
      if (key == "region") state.region = known<std::string>(v, [&] { return std::string(text_of(v, p)); });
      if (key == "quality") state.quality = known<double>(v, [&] { return number_of(v, p); });
      if (key == "price_usd") state.price_usd = known<double>(v, [&] { return number_of(v, p); });
    });
    out.push_back(std::move(state));
  });
}

void read_request_field(std::string_view key, dom::element v, const std::string& path, Case& out) {
  Attributes& a = out.request;
  const auto text = [&] { return std::string(text_of(v, path)); };
  const auto texts = [&] { return texts_of(v, path); };
  const auto count = [&] { return count_of(v, path); };
  const auto flag = [&] { return flag_of(v, path); };
  const auto level = [&] { return word_of<Sensitivity>(v, path, &parse_sensitivity); };
  if (key == "operation") a.operation = word_of<Operation>(v, path, &parse_operation);
  if (key == "dialect") a.dialect = text();
  if (key == "model") a.model = text();
  if (key == "caller") read_caller(v, path, a);
  if (key == "workload") a.workload = attribute<std::string>(v, text);
  if (key == "sensitivity") a.header_sensitivity = attribute<Sensitivity>(v, level);
  if (key == "declared") a.key_sensitivity = attribute<Sensitivity>(v, level);
  if (key == "findings") a.findings = attribute<FindingCounts>(v, [&] { return findings_of(v, path); });
  if (key == "context_tokens") a.context_tokens = attribute<std::int64_t>(v, count);
  if (key == "output_tokens") a.output_tokens = attribute<std::int64_t>(v, count);
  if (key == "tools") a.tools = attribute<std::int64_t>(v, count);
  if (key == "tool_names") a.tool_names = attribute<std::vector<std::string>>(v, texts);
  if (key == "stream") a.stream = attribute<bool>(v, flag);
  if (key == "batch") a.batch = attribute<bool>(v, flag);
  if (key == "media") a.media = attribute<std::vector<Media>>(v, [&] { return media_of(v, path); });
  if (key == "repository") a.repository = attribute<std::vector<std::string>>(v, texts);
  if (key == "path") a.path = attribute<std::vector<std::string>>(v, texts);
  if (key == "upstreams") read_states(v, path, out.states);
  if (key == "budget")
    each_field(v, path, {"left_usd"}, [&](std::string_view, dom::element left, const std::string& p) {
      a.budget_left = attribute<BudgetLeft>(left, [&] { return BudgetLeft{money_of(left, p)}; });
    });
  if (key == "time")
    a.time = attribute<Instant>(v, [&] {
      const auto at = parse_rfc3339(text_of(v, path));
      if (!at) wrong(path + ": expected a time as in 2026-11-24T09:30:00Z");
      return *at;
    });
}

void read_expect_field(std::string_view key, dom::element v, const std::string& path, Expectation& e) {
  if (key == "rules" || key == "requires") {
    (key == "rules" ? e.rules : e.requires_) = texts_of(v, path);
    return;
  }
  auto& into = key == "effect"     ? e.effect
               : key == "tier"     ? e.tier
               : key == "upstream" ? e.upstream
               : key == "model"    ? e.model
               : key == "class"    ? e.work_class
                                   : e.sensitivity;
  into = std::string(text_of(v, path));
  if (key == "effect" && into != "permit" && into != "deny" && into != "unavailable") wrong(path + ": permit, deny or unavailable");
  if (key == "tier") word_of<Tier>(v, path, &parse_tier);
  if (key == "sensitivity") word_of<Sensitivity>(v, path, &parse_sensitivity);
  if (key == "class" && into != "-") word_of<WorkClass>(v, path, &parse_work_class);
}

Case read_case(dom::element line) {
  Case out;
  out.request.context_tokens = std::int64_t{0};
  bool expects = false;
  each_field(line, "", kCaseKeys, [&](std::string_view key, dom::element value, const std::string& path) {
    if (key == "id") out.id = std::string(text_of(value, path));
    if (key == "request")
      each_field(value, path, kRequestKeys, [&](std::string_view k, dom::element v, const std::string& p) { read_request_field(k, v, p, out); });
    if (key == "expect") {
      expects = true;
      each_field(value, path, kExpectKeys, [&](std::string_view k, dom::element v, const std::string& p) { read_expect_field(k, v, p, out.expect); });
    }
  });
  if (out.id.empty()) wrong("no id");
  if (!expects) wrong("no expect");
  return out;
}

}  // namespace

Result<std::vector<Case>, std::vector<PolicyProblem>> read_cases(std::string_view jsonl, std::string_view file_name) {
  std::vector<PolicyProblem> problems;
  const auto problem = [&](int line, Wrong what) {
    problems.push_back({Severity::error, std::string(file_name), line, line > 0 ? 1 : 0, std::move(what.message), std::move(what.nearest)});
  };
  if (jsonl.size() > kMaxCasesBytes) return problem(0, {"too large: at most 64 MiB", {}}), fail(problems);
  constexpr std::size_t kMaxProblems = 100;
  std::vector<Case> cases;
  std::set<std::string> ids;
  dom::parser parser;
  int number = 0;
  for (const std::string_view line : split(jsonl, '\n')) {
    ++number;
    if (trim(line).empty()) continue;
    if (cases.size() >= kMaxCases) problem(number, {"too many cases: at most " + std::to_string(kMaxCases), {}});
    if (problems.size() >= kMaxProblems || cases.size() >= kMaxCases) break;
    try {
      dom::element element;
      if (parser.parse(simdjson::padded_string(line)).get(element) != simdjson::SUCCESS) wrong("not JSON");
      Case one = read_case(element);
      one.line = number;
      if (!ids.insert(one.id).second) wrong("duplicate id \"" + one.id + '"');
      cases.push_back(std::move(one));
    } catch (Wrong& what) {
      problem(number, std::move(what));
    }
  }
  if (!problems.empty()) return fail(std::move(problems));
  return cases;
}

}  // namespace demarc::policy
