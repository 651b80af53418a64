#include "planning/pilot/evidence.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/strings.hpp"
#include "core/json/or_null.hpp"

namespace demarc::planning {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kMostRequests = 100'000;

std::string text_at(const dom::element& root, std::string_view key) {
  std::string_view text;
  return root[key].get_string().get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}
template <class Number>
std::optional<Number> number_at(const dom::element& root, std::string_view key) {
  double number = 0;
  // Whole numbers of a file that anybody may have written: what no count or status can be is none.
  if (root[key].get_double().get(number) != simdjson::SUCCESS || (std::is_integral_v<Number> && std::abs(number) > 2e9)) return {};
  return static_cast<Number>(number);
}

std::string folded(std::string_view text) {
  std::string out;
  for (const char c : trim(text)) {
    const bool space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!space)
      out += ascii_lower(c);
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  return out;
}

// A JSON value with its keys in order, so that two spellings of one value are one text.
void canonical(const dom::element& value, std::string& out, int depth) {
  dom::object object;
  dom::array array;
  if (depth < 64 && value.get_object().get(object) == simdjson::SUCCESS) {
    std::map<std::string, dom::element> fields;
    for (const auto field : object) fields.emplace(std::string(field.key), field.value);
    out += '{';
    for (const auto& [key, field] : fields) out += key + ':', canonical(field, out, depth + 1), out += ',';
    out += '}';
  } else if (depth < 64 && value.get_array().get(array) == simdjson::SUCCESS) {
    out += '[';
    for (const dom::element item : array) canonical(item, out, depth + 1), out += ',';
    out += ']';
  } else {
    double number = 0;
    out += value.is_number() && value.get_double().get(number) == simdjson::SUCCESS ? std::to_string(number) : simdjson::minify(value);
  }
}

std::optional<std::string> canonical(std::string_view text) {
  dom::parser parser;
  // Models put JSON into a fence.
  text = trim(text);
  if (text.starts_with("```")) text = text.substr(std::min(text.find('\n'), text.size() - 1) + 1), text = text.substr(0, text.rfind("```"));
  dom::element root;
  if (parser.parse(simdjson::padded_string(text)).get(root) != simdjson::SUCCESS) return {};
  std::string out;
  canonical(root, out, 0);
  return out;
}

double percentile(std::vector<double>& values, double share) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size()))) - 1];
}

std::string number(double value, int places) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%.*f", places, value);
  return text.data();
}

}  // namespace

Result<std::vector<PilotRequest>, std::string> read_pilot_requests(std::string_view jsonl, const std::string& file) {
  std::vector<PilotRequest> out;
  dom::parser parser;
  std::int64_t line = 0;
  for (const std::string_view text : split(jsonl, '\n')) {
    ++line;
    if (trim(text).empty()) continue;
    const auto wrong = [&](std::string_view what) { return fail(file + ":" + std::to_string(line) + ": " + std::string(what)); };
    if (out.size() == kMostRequests) return wrong("more than 100,000 requests");
    dom::element root;
    if (parser.parse(simdjson::padded_string(text)).get(root) != simdjson::SUCCESS || !root.is_object()) return wrong("is no JSON object");
    dom::element body = root, nested;
    if (root["request"].get(nested) == simdjson::SUCCESS) body = nested;
    dom::array messages;
    if (body["messages"].get_array().get(messages) != simdjson::SUCCESS || messages.size() == 0)
      return wrong("needs messages, as a chat request has them");
    PilotRequest request{.id = text_at(root, "id"),
                         .messages = simdjson::minify(body["messages"].value_unsafe()),
                         .max_tokens = number_at<std::int64_t>(body, "max_tokens"),
                         .reference = text_at(root, "reference"),
                         .at_s = number_at<double>(root, "at_s")};
    if (request.id.empty()) request.id = std::to_string(line);
    request.prompt = text_at(messages.at(messages.size() - 1).value_unsafe(), "content");
    const std::string check = text_at(root, "check");
    if (!check.empty() && check != "exact" && check != "json" && check != "contains") return wrong("check is exact, json or contains");
    if (!check.empty() && request.reference.empty()) return wrong("a check needs a reference");
    request.check = request.reference.empty() ? CheckKind::none
                    : check == "json"         ? CheckKind::json
                    : check == "contains"     ? CheckKind::contains
                                              : CheckKind::exact;
    out.push_back(std::move(request));
  }
  if (out.empty()) return fail(file + ": holds no requests");
  return out;
}

bool passes(CheckKind check, std::string_view reference, std::string_view answer) {
  switch (check) {
    case CheckKind::none: return false;
    case CheckKind::exact: return folded(reference) == folded(answer);
    case CheckKind::contains: return folded(answer).find(folded(reference)) != std::string::npos;
    case CheckKind::json: {
      const auto wanted = canonical(reference), given = canonical(answer);
      return wanted && given && *wanted == *given;
    }
  }
  return false;
}

std::string to_json(const PilotRow& row) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("id", row.id), json.field("side", row.side == PilotSide::present ? "present" : "candidate"), json.field("model", row.model),
        json.field("stratum", row.stratum), json.field("status", row.status), json.field("ms", row.ms);
    json.field("input_tokens", row.input_tokens), json.field("output_tokens", row.output_tokens),
        field_or_null(json, "usd", row.usd ? std::optional(row.usd->print()) : std::nullopt), json.field("local", row.local);
    text_or_null(json, "error", row.error), json.field("answer", row.answer);
  });
  return out;
}

Result<PilotRow, std::string> read_pilot_row(std::string_view text) {
  dom::parser parser;
  dom::element root;
  if (parser.parse(simdjson::padded_string(text)).get(root) != simdjson::SUCCESS || !root.is_object())
    return fail(std::string("a row is no JSON object"));
  PilotRow row{.id = text_at(root, "id"),
               .model = text_at(root, "model"),
               .answer = text_at(root, "answer"),
               .error = text_at(root, "error"),
               .side = text_at(root, "side") == "present" ? PilotSide::present : PilotSide::candidate};
  row.stratum = number_at<int>(root, "stratum").value_or(0), row.status = number_at<int>(root, "status").value_or(0),
  row.ms = number_at<double>(root, "ms").value_or(0);
  row.input_tokens = number_at<std::int64_t>(root, "input_tokens").value_or(0),
  row.output_tokens = number_at<std::int64_t>(root, "output_tokens").value_or(0);
  row.usd = Money::parse(text_at(root, "usd"));
  bool local = false;
  row.local = root["local"].get_bool().get(local) == simdjson::SUCCESS && local;
  return row;
}

std::string to_json(const EnergyUse& drawn) {
  std::string out;
  JsonWriter json(out);
  json.object([&] { json.field("watts", drawn.watts), json.field("seconds", drawn.seconds), json.field("of", drawn.of); });
  return out;
}

std::vector<EnergyUse> read_drawn(const std::vector<std::string>& lines) {
  std::vector<EnergyUse> out;
  dom::parser parser;
  for (const std::string& line : lines) {
    dom::element root;
    if (parser.parse(simdjson::padded_string(line)).get(root) != simdjson::SUCCESS || !root.is_object()) continue;
    const auto watts = number_at<double>(root, "watts"), seconds = number_at<double>(root, "seconds");
    if (watts && seconds) out.push_back({*watts, *seconds, text_at(root, "of")});
  }
  return out;
}

JudgeBias bias_of(const std::string& judge, const std::map<std::string, Judgement>& model, const std::map<std::string, Judgement>& people) {
  JudgeBias out{.model = judge};
  double alike = 0, candidates = 0;
  for (const auto& [id, own] : model) {
    ++out.pairs, out.turned += own.undecided ? 1 : 0;
    const auto theirs = people.find(id);
    if (theirs == people.end() || own.undecided) continue;
    ++out.against_people;
    alike += (own.present == theirs->second.present ? 0.5 : 0) + (own.candidate == theirs->second.candidate ? 0.5 : 0);
    candidates += (own.candidate ? 1 : 0) - (theirs->second.candidate ? 1 : 0);
  }
  if (out.against_people > 0)
    out.agrees = alike / static_cast<double>(out.against_people), out.favours_candidate = candidates / static_cast<double>(out.against_people);
  return out;
}

PilotReport report_of(const std::vector<PilotRequest>& requests, const std::vector<PilotRow>& rows, const std::map<std::string, Judgement>& people,
                      const std::map<std::string, Judgement>& model, const std::optional<JudgeBias>& bias, const PilotSetup& setup) {
  PilotReport out{.setup = setup, .bias = bias};
  out.present.model = setup.present, out.candidate.model = setup.candidate;
  std::map<std::string, std::pair<const PilotRow*, const PilotRow*>> pairs;
  std::array<std::vector<double>, 2> ms;
  std::array<std::optional<Money>, 2> usd{Money{}, Money{}};
  for (const PilotRow& row : rows) {
    const auto which = static_cast<std::size_t>(row.side);
    SideReport& side = row.side == PilotSide::present ? out.present : out.candidate;
    (row.side == PilotSide::present ? pairs[row.id].first : pairs[row.id].second) = &row;
    if (row.status != 200) {
      ++side.failed;
      continue;
    }
    ++side.answered, ms.at(which).push_back(row.ms);
    side.input_tokens += static_cast<double>(row.input_tokens), side.output_tokens += static_cast<double>(row.output_tokens);
    if (usd.at(which) && row.usd)
      *usd.at(which) += *row.usd;
    else
      usd.at(which).reset();  // a sum with a part that nobody knows is no sum
  }
  std::array<double, 2> paired_tokens{};
  std::array<std::optional<Money>, 2> judged_usd{Money{}, Money{}};
  for (const PilotRequest& request : requests) {
    const auto found = pairs.find(request.id);
    if (found == pairs.end() || found->second.first == nullptr || found->second.second == nullptr) continue;
    const PilotRow &a = *found->second.first, &b = *found->second.second;
    ++out.pairs;
    if (a.status == 200 && b.status == 200)
      paired_tokens[0] += static_cast<double>(a.input_tokens + a.output_tokens),
          paired_tokens[1] += static_cast<double>(b.input_tokens + b.output_tokens);
    bool present = false, candidate = false;
    const auto person = people.find(request.id), judge = model.find(request.id);
    if (request.check != CheckKind::none) {
      present = a.status == 200 && passes(request.check, request.reference, a.answer),
      candidate = b.status == 200 && passes(request.check, request.reference, b.answer);
      ++out.by_check;
    } else if (person != people.end()) {
      present = person->second.present, candidate = person->second.candidate, ++out.by_people;
      if (present != candidate && person->second.shown_first)
        ++out.one_accepted, out.first_shown_of_these += (*person->second.shown_first == PilotSide::present) == present ? 1 : 0;
    } else if (judge != model.end() && !judge->second.undecided) {
      present = judge->second.present, candidate = judge->second.candidate, ++out.by_model;
    } else {
      ++out.unjudged;
      continue;
    }
    for (const PilotRow* row : {&a, &b}) {
      std::optional<Money>& sum = judged_usd.at(static_cast<std::size_t>(row->side));
      if (row->status == 200) sum = sum && row->usd ? std::optional(*sum + *row->usd) : std::nullopt;
    }
    out.present.accepted += present ? 1 : 0, out.candidate.accepted += candidate ? 1 : 0;
    (present && candidate ? out.counts.both : present ? out.counts.only_present : candidate ? out.counts.only_candidate : out.counts.neither) += 1;
  }
  out.comparison = compare_pairs(out.counts, setup.margin);
  // A model that judges and was never held against people decides nothing.
  if (out.by_model > 0 && (!bias || bias->against_people < 20)) out.comparison.verdict = TrialVerdict::not_shown;
  for (const auto& [side, which] : {std::pair(&out.present, std::size_t{0}), std::pair(&out.candidate, std::size_t{1})}) {
    const double n = std::max<double>(1, static_cast<double>(side->answered));
    side->input_tokens /= n, side->output_tokens /= n;
    side->p50_ms = percentile(ms.at(which), 0.5), side->p95_ms = percentile(ms.at(which), 0.95), side->p99_ms = percentile(ms.at(which), 0.99);
    side->usd = side->answered > 0 ? usd.at(which) : std::nullopt;
    if (side->answered > 0 && side->accepted > 0 && judged_usd.at(which))
      side->usd_per_accepted = judged_usd.at(which)->times_ratio(1, side->accepted);
  }
  if (paired_tokens[0] > 0) out.token_ratio = paired_tokens[1] / paired_tokens[0];
  for (const EnergyUse& drawn : setup.drawn) out.kwh = out.kwh.value_or(0) + drawn.watts * drawn.seconds / 3.6e6;
  if (out.kwh && out.candidate.accepted > 0 && out.candidate.answered > 0) {
    const double judged = static_cast<double>(out.counts.all()) / static_cast<double>(out.candidate.answered);
    out.wh_per_accepted = *out.kwh * 1000 * std::min(1.0, judged) / static_cast<double>(out.candidate.accepted);
  }
  return out;
}

std::string print(const PilotReport& r) {
  std::string out = "pilot of " + r.setup.name + ", " + r.setup.today + ": " + r.setup.candidate + " in the place of " + r.setup.present + "\n";
  out += std::to_string(r.pairs) + " pairs (" + std::to_string(r.setup.needed) + " were computed beforehand for a margin of " +
         number(r.setup.margin * 100, 1) + " points); judged: " + std::to_string(r.by_check) + " by check, " + std::to_string(r.by_people) +
         " by people, " + std::to_string(r.by_model) + " by a model, " + std::to_string(r.unjudged) + " not yet\n";
  for (const SideReport* side : {&r.present, &r.candidate}) {
    out += "  " + side->model + ": accepted " + std::to_string(side->accepted) + ", failed " + std::to_string(side->failed) + ", p50 " +
           number(side->p50_ms, 0) + " ms, p95 " + number(side->p95_ms, 0) + " ms, p99 " + number(side->p99_ms, 0) + " ms, " +
           number(side->input_tokens, 0) + " → " + number(side->output_tokens, 0) + " tokens, " +
           (side->usd_per_accepted ? "$" + side->usd_per_accepted->print() + " an accepted answer" : "no price known") + "\n";
  }
  out += "accepted " + number(r.comparison.present * 100, 1) + " % against " + number(r.comparison.candidate * 100, 1) + " %: difference " +
         number(r.comparison.difference * 100, 1) + " points, 95 % from " + number(r.comparison.low * 100, 1) + " to " +
         number(r.comparison.high * 100, 1) + "\nverdict: " + std::string(to_string(r.comparison.verdict)) + "\n";
  if (r.token_ratio > 0) out += "the candidate uses " + number(r.token_ratio, 3) + " times the tokens for the same requests\n";
  out += r.kwh ? "energy: " + number(*r.kwh * 1000, 2) + " Wh (" + r.setup.drawn.back().of + ")" +
                     (r.wh_per_accepted ? ", " + number(*r.wh_per_accepted, 3) + " Wh an accepted answer" : std::string()) + "\n"
               : "energy: this machine does not tell what it draws; give a meter's CSV with --meter\n";
  if (r.one_accepted > 0)
    out += "people accepted one answer of " + std::to_string(r.one_accepted) + " pairs, and of these the one shown first in " +
           std::to_string(r.first_shown_of_these) + "\n";
  if (r.bias) {
    out +=
        "judge " + r.bias->model + ": " + std::to_string(r.bias->turned) + " of " + std::to_string(r.bias->pairs) + " verdicts turned with the order";
    out += r.bias->against_people >= 20
               ? "; against people on " + std::to_string(r.bias->against_people) + " pairs it agrees on " + number(r.bias->agrees * 100, 0) +
                     " % and favours the candidate by " + number(r.bias->favours_candidate * 100, 1) + " points\n"
               : "; its bias is not measured (people judged " + std::to_string(r.bias->against_people) +
                     " of its pairs, 20 are needed): it decides nothing. --review adds people's judgement\n";
  }
  out += "for plan.yaml: local.rework_percent: {value: " + number(std::max(0.0, -r.comparison.difference * 100), 2) +
         ", low: " + number(std::max(0.0, -r.comparison.high * 100), 2) + ", high: " + number(std::max(0.0, -r.comparison.low * 100), 2) +
         ", source: pilot, date: " + r.setup.today + ", confidence: measured}\n";
  return out + "again: " + r.setup.command + "\n";
}

std::string to_json(const PilotReport& r) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("name", r.setup.name), json.field("date", r.setup.today), json.field("command", r.setup.command), json.field("margin", r.setup.margin),
        json.field("needed", r.setup.needed), json.field("pairs", r.pairs);
    json.object("judged", [&] {
      json.field("check", r.by_check), json.field("people", r.by_people), json.field("model", r.by_model), json.field("not_yet", r.unjudged);
    });
    const auto write_side = [&](std::string_view name, const auto& side) {
      json.object(name, [&] {
        json.field("model", side.model), json.field("answered", side.answered), json.field("failed", side.failed),
            json.field("accepted", side.accepted), json.field("p50_ms", side.p50_ms), json.field("p95_ms", side.p95_ms),
            json.field("p99_ms", side.p99_ms);
        json.field("input_tokens", side.input_tokens), json.field("output_tokens", side.output_tokens),
            field_or_null(json, "usd", side.usd ? std::optional(side.usd->print()) : std::nullopt);
        field_or_null(json, "usd_per_accepted", side.usd_per_accepted ? std::optional(side.usd_per_accepted->print()) : std::nullopt);
      });
    };
    write_side("present", r.present), write_side("candidate", r.candidate);
    json.object("pairs_by_outcome", [&] {
      json.field("both", r.counts.both), json.field("only_present", r.counts.only_present), json.field("only_candidate", r.counts.only_candidate),
          json.field("neither", r.counts.neither);
    });
    json.field("difference", r.comparison.difference), json.field("low", r.comparison.low), json.field("high", r.comparison.high),
        json.field("verdict", to_string(r.comparison.verdict)), json.field("token_ratio", r.token_ratio);
    field_or_null(json, "kwh", r.kwh), field_or_null(json, "wh_per_accepted", r.wh_per_accepted);
    json.array("strata", [&] {
      for (const Stratum& s : r.setup.strata)
        json.object([&] { json.field("up_to_bytes", s.up_to), json.field("requests", s.all), json.field("taken", s.taken); });
    });
    json.object("people", [&] { json.field("one_accepted", r.one_accepted), json.field("first_shown_of_these", r.first_shown_of_these); });
    json.name("judge");
    if (r.bias)
      json.object([&] {
        json.field("model", r.bias->model), json.field("pairs", r.bias->pairs), json.field("turned", r.bias->turned),
            json.field("against_people", r.bias->against_people), json.field("favours_candidate", r.bias->favours_candidate),
            json.field("agrees", r.bias->agrees);
      });
    else
      json.value(json_null);
  });
  return out;
}

}  // namespace demarc::planning
