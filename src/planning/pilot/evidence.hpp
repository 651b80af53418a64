// Evidence: the pilot's requests and its raw rows, one JSON object a line, and what follows from them. Rows hold answers: their file is the owner's
// alone.
//
//   auto requests = read_pilot_requests(text, "requests.jsonl");
//   PilotReport report = report_of(rows, setup);
//   std::cout << print(report);
//
// Pure; any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/money.hpp"
#include "planning/pilot/trial.hpp"

namespace demarc::planning {

enum class CheckKind : std::uint8_t { none, exact, json, contains };

struct PilotRequest {
  std::string id, messages;  // messages: JSON, as a chat request has them
  std::string prompt;        // the last message's text, for people who judge
  std::optional<std::int64_t> max_tokens;
  CheckKind check = CheckKind::none;
  std::string reference;
  std::optional<double> at_s;  // when it came, from the log's beginning
};
Result<std::vector<PilotRequest>, std::string> read_pilot_requests(std::string_view jsonl, const std::string& file);

// exact: the same but for white space and case. json: the same value, whatever the order of its keys. contains: the reference's text occurs.
bool passes(CheckKind check, std::string_view reference, std::string_view answer);

enum class PilotSide : std::uint8_t { present, candidate };

struct PilotRow {
  std::string id, model, answer, error;
  PilotSide side = PilotSide::present;
  int stratum = 0, status = 0;
  double ms = 0;
  std::int64_t input_tokens = 0, output_tokens = 0;
  std::optional<Money> usd;
  bool local = false;
};
std::string to_json(const PilotRow& row);
Result<PilotRow, std::string> read_pilot_row(std::string_view json);

struct Judgement {  // of a pair that no reference decides
  std::string id;
  bool present = false, candidate = false;  // accepted
  bool undecided = false;                   // a judge that says otherwise when the order is turned round
  std::string by, at;                       // "people" or a model; RFC 3339, "" where nobody noted it
  std::optional<PilotSide> shown_first;     // to people
};

struct EnergyUse {  // of the candidate's machine while it answered: one run
  double watts = 0, seconds = 0;
  std::string of;  // what told it
};
std::string to_json(const EnergyUse& drawn);
std::vector<EnergyUse> read_drawn(const std::vector<std::string>& lines);

struct JudgeBias {  // of a model as judge, against people on the same pairs
  std::string model;
  std::int64_t pairs = 0, turned = 0;  // judged in both orders; those whose verdict changed with the order
  std::int64_t against_people = 0;     // pairs that people judged too
  double favours_candidate = 0;        // its accepted share of candidates less people's, there
  double agrees = 0;                   // share of sides judged alike, there
};

struct PilotSetup {
  std::string name, present, candidate, command, today;
  double margin = 0.03;
  std::int64_t needed = 0;
  std::vector<EnergyUse> drawn;  // of all runs; empty: nothing told it
  std::vector<Stratum> strata;
};

struct SideReport {
  std::string model;
  std::int64_t answered = 0, failed = 0, accepted = 0;
  double p50_ms = 0, p95_ms = 0, p99_ms = 0, input_tokens = 0, output_tokens = 0;  // tokens a request
  std::optional<Money> usd, usd_per_accepted;                                      // of all answers; of those that were judged, by those accepted
};

struct PilotReport {
  PilotSetup setup;
  SideReport present, candidate;
  PairCounts counts;
  Comparison comparison;
  std::int64_t pairs = 0, unjudged = 0, by_check = 0, by_people = 0, by_model = 0;
  std::optional<JudgeBias> bias;
  double token_ratio = 0;  // candidate's tokens ÷ present's, of the same requests
  std::optional<double> kwh, wh_per_accepted;
  std::int64_t one_accepted = 0, first_shown_of_these = 0;  // by people: whether what stands first is favoured for that
};

PilotReport report_of(const std::vector<PilotRequest>& requests, const std::vector<PilotRow>& rows, const std::map<std::string, Judgement>& people,
                      const std::map<std::string, Judgement>& model, const std::optional<JudgeBias>& bias, const PilotSetup& setup);
JudgeBias bias_of(const std::string& judge, const std::map<std::string, Judgement>& model, const std::map<std::string, Judgement>& people);
std::string print(const PilotReport& report);
std::string to_json(const PilotReport& report);

}  // namespace demarc::planning
