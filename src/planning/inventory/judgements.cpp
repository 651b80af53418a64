#include "planning/inventory/judgements.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/strings.hpp"
#include "core/json/or_null.hpp"

namespace demarc::planning {
namespace {

std::string said(const StoreError& error) { return error.message; }

std::string printed(const std::vector<std::pair<Feature, double>>& features) {
  std::string out;
  for (const auto& [feature, value] : features) out += (out.empty() ? "" : " ") + std::string(to_string(feature)) + "=" + std::to_string(value);
  return out;
}

std::vector<std::pair<Feature, double>> parsed(std::string_view text) {
  std::vector<std::pair<Feature, double>> out;
  for (const std::string_view part : split(text, ' ')) {
    const std::size_t equals = part.find('=');
    const auto feature = parse_feature(part.substr(0, equals));
    if (feature && equals != std::string_view::npos) out.emplace_back(*feature, std::strtod(std::string(part.substr(equals + 1)).c_str(), nullptr));
  }
  return out;
}

std::string percent(double share) { return std::to_string(std::lround(share * 100)) + " %"; }

}  // namespace

Result<Judgements, std::string> Judgements::open(UsageBook& book) {
  Judgements out(book.connection());
  TRY(book.connection()
          .execute("CREATE TABLE IF NOT EXISTS corrections(workload TEXT PRIMARY KEY, side INTEGER NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL, "
                   "date TEXT NOT NULL, features TEXT NOT NULL);"
                   "CREATE TABLE IF NOT EXISTS hints(workload TEXT NOT NULL, feature TEXT NOT NULL, value REAL NOT NULL, who TEXT NOT NULL, date "
                   "TEXT NOT NULL, PRIMARY KEY(workload, feature));")
          .map_error(said));
  TRY(out.load());
  return out;
}

Result<void, std::string> Judgements::load() {
  corrections_.clear(), hints_.clear();
  store::Statement& read =
      *TRY(connection_->prepare("SELECT workload, side, who, why, date, features FROM corrections ORDER BY workload").map_error(said));
  while (TRY(connection_->step(read).map_error(said)))
    corrections_.push_back(
        {read.text(0), read.number(1) == 0 ? Side::boring : Side::strategic, read.text(2), read.text(3), read.text(4), parsed(read.text(5))});
  connection_->reset(read);
  store::Statement& hints = *TRY(connection_->prepare("SELECT workload, feature, value * 1000 FROM hints").map_error(said));
  while (TRY(connection_->step(hints).map_error(said)))
    if (const auto feature = parse_feature(hints.text(1))) hints_[hints.text(0)][*feature] = static_cast<double>(hints.number(2)) / 1000;
  connection_->reset(hints);
  return {};
}

Result<void, std::string> Judgements::correct(const Correction& c) {
  store::Statement& write = *TRY(connection_->prepare("INSERT OR REPLACE INTO corrections VALUES (?, ?, ?, ?, ?, ?)").map_error(said));
  const std::string features = printed(c.features);
  write.bind(1, std::string_view(c.workload)), write.bind(2, static_cast<std::int64_t>(c.side)), write.bind(3, std::string_view(c.who)),
      write.bind(4, std::string_view(c.why));
  write.bind(5, std::string_view(c.date)), write.bind(6, std::string_view(features));
  TRY(connection_->run(write).map_error(said));
  return load();
}

Result<void, std::string> Judgements::hint(const std::string& workload, Feature feature, double value, const std::string& who,
                                           const std::string& date) {
  store::Statement& write = *TRY(connection_->prepare("INSERT OR REPLACE INTO hints VALUES (?, ?, ? / 1000.0, ?, ?)").map_error(said));
  write.bind(1, std::string_view(workload)), write.bind(2, to_string(feature)), write.bind(3, static_cast<std::int64_t>(value * 1000)),
      write.bind(4, std::string_view(who)), write.bind(5, std::string_view(date));
  TRY(connection_->run(write).map_error(said));
  return load();
}

Hints Judgements::hints(const std::string& workload) const {
  const auto found = hints_.find(workload);
  return found == hints_.end() ? Hints() : found->second;
}

std::vector<Classified> classify_all(const std::vector<Workload>& inventory, const Judgements& judgements) {
  const Weights weights = learned(kStartWeights, judgements.corrections());
  std::vector<Classified> out;
  for (const Workload& w : inventory) {
    // What was said of a whole before it was found to have parts holds for each of them.
    Hints hints = judgements.hints(w.name);
    if (!w.part_of.empty()) hints.merge(judgements.hints(w.part_of));
    Classified found = classify(w, hints, weights);
    const auto said_of = [&](const std::string& name) {
      return std::ranges::any_of(judgements.corrections(), [&](const Correction& c) { return c.workload == name; });
    };
    const std::string& judged = w.part_of.empty() || said_of(w.name) ? w.name : w.part_of;
    for (const Correction& c : judgements.corrections())
      if (c.workload == judged) found.side = c.side, found.corrected = true, found.by = c.who + ", " + c.date + (c.why.empty() ? "" : ": " + c.why);
    out.push_back(std::move(found));
  }
  return out;
}

std::string print(const std::vector<Workload>& inventory, const std::vector<Classified>& classes) {
  std::string out;
  for (std::size_t i = 0; i < inventory.size(); ++i) {
    const Classified& c = classes[i];
    out += inventory[i].name + ": " + std::string(to_string(c.side)) +
           (c.corrected ? " (" + c.by + "; by itself it would score " + percent(c.score) + ")"
                        : ", score " + percent(c.score) + ", known " + percent(c.evidence)) +
           "\n";
    for (const Reason& r : c.reasons)
      out += "  " + std::string(r.value >= 0.5 ? "+ " : "- ") + std::string(to_string(r.feature)) + ": " + r.says + "\n";
    if (c.side == Side::unknown)
      out += "  too little is known or it lies in the middle: demarc plan classify " + inventory[i].name +
             " --bucket boring|strategic --why …, or state features with --feature\n";
  }
  return out.empty() ? "nothing was imported yet: demarc plan import FILE\n" : out;
}

std::string to_json(const std::vector<Workload>& inventory, const std::vector<Classified>& classes) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.array("workloads", [&] {
      for (std::size_t i = 0; i < inventory.size(); ++i)
        json.object([&] {
          const Classified& c = classes[i];
          json.field("name", inventory[i].name), json.field("bucket", to_string(c.side)), json.field("score", c.score),
              json.field("evidence", c.evidence), json.field("usd_per_month", inventory[i].usd_per_month);
          json.field("corrected", c.corrected), text_or_null(json, "by", c.by);
          json.array("reasons", [&] {
            for (const Reason& r : c.reasons)
              json.object([&] {
                json.field("feature", to_string(r.feature)), json.field("value", r.value), json.field("weight", r.weight), json.field("says", r.says);
              });
          });
        });
    });
  });
  return out;
}

}  // namespace demarc::planning
