#include "cli/pilot/sides.hpp"

#include <simdjson.h>

#include <algorithm>
#include <atomic>
#include <iostream>
#include <map>
#include <thread>

#include "base/mutex.hpp"
#include "cli/progress.hpp"
#include "core/json/writer.hpp"

namespace demarc::cli {
namespace {

namespace dom = simdjson::dom;
using namespace planning;

std::string body_of(const PilotRequest& request, const std::string& model) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("model", model), json.raw_field("messages", request.messages), json.field("temperature", 0);
    if (request.max_tokens) json.field("max_tokens", *request.max_tokens);
  });
  return out;
}

std::string answer_text(const std::string& body, std::int64_t& input, std::int64_t& output) {
  dom::parser parser;
  dom::element root;
  if (parser.parse(simdjson::padded_string(body)).get(root) != simdjson::SUCCESS) return {};
  std::int64_t number = 0;
  if (root.at_pointer("/usage/prompt_tokens").get_int64().get(number) == simdjson::SUCCESS) input = number;
  if (root.at_pointer("/usage/completion_tokens").get_int64().get(number) == simdjson::SUCCESS) output = number;
  std::string_view text;
  return root.at_pointer("/choices/0/message/content").get_string().get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

}  // namespace

Result<Rows, std::string> Rows::open(const std::string& path) {
  Rows out(TRY(LineFile::open(path)));
  for (const std::string& line : out.file_.before())
    if (auto row = read_pilot_row(line)) out.take(std::move(*row));  // the last line of a run that was killed may be cut
  return out;
}

void Rows::take(PilotRow row) {
  if (row.status == 200) answered_.emplace(row.id, row.side);
  asked_.emplace(row.id, row.side);
  rows_.push_back(std::move(row));
}

Result<void, std::string> Rows::add(PilotRow row) {
  TRY(file_.add(to_json(row)));
  take(std::move(row));
  return {};
}

Result<void, std::string> Rows::take_sample(const std::vector<PilotRow>& rows, const std::vector<PilotRequest>& requests, const Sample& sample) {
  std::map<std::string_view, int> stratum;
  for (const std::size_t i : sample.taken) stratum[requests[i].id] = sample.stratum_of[i];
  for (PilotRow row : rows) {
    const auto own = stratum.find(row.id);
    if (own == stratum.end() || asked_.contains({row.id, row.side})) continue;
    row.stratum = own->second;
    TRY(add(std::move(row)));
  }
  return {};
}

PilotRow ask(Connection& connection, const PilotRequest& request, const std::string& model, PilotSide side, int stratum) {
  PilotRow row{.id = request.id, .model = model, .side = side, .stratum = stratum};
  const auto began = std::chrono::steady_clock::now();
  const auto answer = connection.call("POST", "/v1/chat/completions", {{"content-type", "application/json"}}, body_of(request, model));
  row.ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count();
  if (!answer) return row.error = answer.error(), row;
  row.status = answer->status;
  if (answer->status != 200) return row.error = error_message(*answer), row;
  row.answer = answer_text(answer->body, row.input_tokens, row.output_tokens);
  row.usd = Money::parse(answer->headers.get("demarc-cost-usd")), row.local = answer->headers.get("demarc-tier") == "local";
  return row;
}

std::vector<std::size_t> open_requests(const std::vector<PilotRequest>& requests, const Sample& sample, PilotSide side, const Rows& rows) {
  std::vector<std::size_t> open;
  for (const std::size_t i : sample.taken)
    if (!rows.answered(requests[i].id, side)) open.push_back(i);
  return open;
}

Result<void, std::string> run_side(Connection& connection, const std::vector<PilotRequest>& requests, const Sample& sample, const SideRun& run,
                                   Rows& rows) {
  std::vector<std::size_t> open = open_requests(requests, sample, run.side, rows);
  if (run.own_pace) std::ranges::sort(open, {}, [&](std::size_t i) { return requests[i].at_s.value_or(0); });
  Mutex mutex;
  std::atomic<std::size_t> next{0};
  std::size_t done = 0;
  std::optional<std::string> failed;
  Counter counter(std::cerr, on_terminal(), run.side == PilotSide::present ? "answers of the present model" : "answers of the candidate");
  const auto began = std::chrono::steady_clock::now();
  const double first_s = open.empty() ? 0 : requests[open.front()].at_s.value_or(0);
  const auto work = [&] {
    for (std::size_t at = next++; at < open.size(); at = next++) {
      const PilotRequest& request = requests[open[at]];
      if (run.own_pace)
        std::this_thread::sleep_until(
            began + std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(request.at_s.value_or(0) - first_s)));
      PilotRow row = ask(connection, request, run.model, run.side, sample.stratum_of[open[at]]);
      MutexLock lock(mutex);
      if (auto kept = rows.add(std::move(row)); !kept) failed = kept.error(), next = open.size();  // answers that are lost need not be paid
      counter.show(static_cast<std::int64_t>(++done), static_cast<std::int64_t>(open.size()));
    }
  };
  {
    std::vector<std::jthread> others;
    for (std::size_t t = 1; t < run.concurrency; ++t) others.emplace_back(work);
    work();
  }
  if (failed) return fail(*failed);
  return {};
}

}  // namespace demarc::cli
