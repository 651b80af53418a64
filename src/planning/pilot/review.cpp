#include "planning/pilot/review.hpp"

#include <simdjson.h>

#include "base/check.hpp"
#include "core/json/or_null.hpp"

namespace demarc::planning {
namespace {

namespace dom = simdjson::dom;

std::string text_at(const dom::element& root, const char* key) {
  std::string_view text;
  return root[key].get_string().get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

}  // namespace

std::map<std::string, Judgement> read_judgements(const std::vector<std::string>& lines) {
  std::map<std::string, Judgement> out;
  dom::parser parser;
  for (const std::string& line : lines) {
    dom::element root;
    std::string_view id;
    if (parser.parse(simdjson::padded_string(line)).get(root) != simdjson::SUCCESS || root["id"].get_string().get(id) != simdjson::SUCCESS) continue;
    const auto flag = [&](const char* key) {
      bool value = false;
      return root[key].get_bool().get(value) == simdjson::SUCCESS && value;
    };
    const std::string shown = text_at(root, "shown_first");
    Judgement judgement{.id = std::string(id),
                        .present = flag("present"),
                        .candidate = flag("candidate"),
                        .undecided = flag("undecided"),
                        .by = text_at(root, "by"),
                        .at = text_at(root, "at")};
    if (shown == "present" || shown == "candidate") judgement.shown_first = shown == "present" ? PilotSide::present : PilotSide::candidate;
    out[judgement.id] = std::move(judgement);
  }
  return out;
}

std::string to_json(const Judgement& j) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("id", j.id), json.field("present", j.present), json.field("candidate", j.candidate), json.field("undecided", j.undecided),
        json.field("by", j.by);
    if (j.shown_first) json.field("shown_first", *j.shown_first == PilotSide::present ? "present" : "candidate");
    if (!j.at.empty()) json.field("at", j.at);
  });
  return out;
}

std::vector<Pair> open_pairs(const std::vector<PilotRequest>& requests, const std::vector<PilotRow>& rows,
                             const std::map<std::string, Judgement>& judged) {
  std::map<std::string_view, Pair> answered;
  for (const PilotRow& row : rows)
    if (row.status == 200) (row.side == PilotSide::present ? answered[row.id].present : answered[row.id].candidate) = &row;
  std::vector<Pair> out;
  for (const PilotRequest& request : requests) {
    if (request.check != CheckKind::none || judged.contains(request.id)) continue;
    const auto found = answered.find(request.id);
    if (found == answered.end() || found->second.present == nullptr || found->second.candidate == nullptr) continue;
    out.push_back({&request, found->second.present, found->second.candidate});
  }
  return out;
}

Review::Review(std::vector<Pair> pairs, LineFile file, Random& random) : pairs_(std::move(pairs)), file_(std::move(file)) {
  for (std::size_t i = 0; i < pairs_.size(); ++i) present_first_.push_back((random.bytes<1>()[0] & 1) != 0);
}

std::size_t Review::judged() const {
  MutexLock lock(mutex_);
  return verdicts_.size();
}

const std::string& Review::answer(std::size_t pair, bool first) const {
  CHECK(pair < pairs_.size());
  return present_first_[pair] == first ? pairs_[pair].present->answer : pairs_[pair].candidate->answer;
}

std::string Review::shown(std::size_t pair) const {
  CHECK(pair < pairs_.size());
  std::optional<ReviewVerdict> verdict;
  std::size_t judged = 0;
  {
    MutexLock lock(mutex_);
    judged = verdicts_.size();
    if (const auto found = verdicts_.find(pair); found != verdicts_.end()) verdict = found->second;
  }
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("of", pairs_.size()), json.field("judged", judged);
    json.raw_field("conversation", pairs_[pair].request->messages);
    json.field("first", answer(pair, true)), json.field("second", answer(pair, false));
    json.name("verdict");
    if (!verdict) return json.value(json_null);
    json.object([&] { json.field("first", verdict->first), json.field("second", verdict->second); });
  });
  return out;
}

Result<void, std::string> Review::judge(std::size_t pair, ReviewVerdict verdict, Instant at) {
  CHECK(pair < pairs_.size());
  const bool present_first = present_first_[pair];
  const Judgement judgement{.id = pairs_[pair].request->id,
                            .present = present_first ? verdict.first : verdict.second,
                            .candidate = present_first ? verdict.second : verdict.first,
                            .by = "people",
                            .at = format_rfc3339(at),
                            .shown_first = present_first ? PilotSide::present : PilotSide::candidate};
  MutexLock lock(mutex_);
  TRY(file_.add(to_json(judgement)));
  verdicts_[pair] = verdict;
  return {};
}

}  // namespace demarc::planning
