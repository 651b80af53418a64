// Inventory: which uses of models a company has, found in what was imported: rows that share a tag, else a project and key, else a model, are one
// workload.
//
//   auto inventory = take_inventory(book, prices, today);
//   for (const Workload& w : *inventory) …
//
// Everything is computed here from counts; no text is read and nothing is sent anywhere. One thread (SQLite).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ledger/price_book.hpp"
#include "planning/import/usage_book.hpp"
#include "planning/model/decimal.hpp"

namespace demarc::planning {

struct Workload {
  std::string name;              // a word: letters, digits, - and _
  std::string called;            // what the rows say
  std::string provider, model;   // the one that costs or is asked most
  std::string operation;         // as core/operation.hpp names it; by the model's name where no export says it; "": nobody knows
  std::string part_of, because;  // the workload that it is a part of, and by what (parts.hpp)
  double audio_minutes_mean = 0, pages_mean = 0, images_mean = 0;  // a request
  std::int64_t requests = 0, rows = 0;
  double days = 0;  // covered
  double requests_per_month = 0;
  double input_mean = 0, cached_mean = 0, write_5m_mean = 0, write_1h_mean = 0, output_mean = 0, reasoning_mean = 0;  // tokens a request
  std::optional<std::int64_t> input_p95, output_p95, latency_p95_ms;  // known from rows of single requests
  double batch_share = 0, failed_share = 0;
  double usd_per_month = 0;
  double daily_variation = 0;          // standard deviation of daily volume ÷ mean
  double night_share = 0;              // requests between 20 and 6 UTC; known from rows of single requests
  std::optional<double> peak_to_mean;  // busiest minute against the mean of the minutes between first and last request
  bool priced = true;
  std::string source;  // files it was found in, and their days
};

Result<std::vector<Workload>, std::string> take_inventory(UsageBook& book, const ledger::PriceBook& prices);
std::string print(const std::vector<Workload>& inventory);
std::string to_json(const std::vector<Workload>& inventory);

// A plan.yaml to start from: what was measured with its source, and what only people know left as a comment.
std::string draft_plan(const std::vector<Workload>& inventory, const std::map<std::string, std::string>& buckets, std::string_view today);

}  // namespace demarc::planning
