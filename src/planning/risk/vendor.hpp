// What a dependence on vendors is made of: how concentrated the spend is, which models go away when, how prices and services behaved before.
//
//   Concentration by_provider = concentration(spend, &Spend::provider);
//   by_provider.hhi;                                       // 0 to 10,000; 60/30/10 is 4600
//   const Retirement* going = retirements.find("openai", "gpt-4o");
//
// Tables are compiled in (retirements.csv, history.yaml), each fact with its source. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "core/money.hpp"

namespace demarc::planning {

struct Spend {  // a month's, of one use
  std::string workload, provider, model, region;
  Money usd;
};

struct Share {
  std::string name;
  Money usd;
  double share = 0;
};
struct Concentration {
  std::vector<Share> shares;  // largest first
  double hhi = 0;             // sum of squared percent: the Herfindahl-Hirschman index
  double effective = 0;       // how many equal ones would be as concentrated
};
Concentration concentration(const std::vector<Spend>& spend, std::string Spend::* by);

struct Retirement {
  std::string provider, model;
  std::vector<std::string> aliases;
  std::string announced, retired;  // dates; announced may be ""
  std::optional<int> notice_days;
  std::string source, verified;
};

class Retirements {
 public:
  static Result<Retirements, std::string> read(std::string_view csv);
  // By name or alias; a dated snapshot finds its family's row only if that row names it.
  [[nodiscard]] const Retirement* find(std::string_view provider, std::string_view model) const;
  [[nodiscard]] std::optional<int> median_notice_days(std::string_view provider) const;
  [[nodiscard]] const std::vector<Retirement>& all() const { return all_; }

 private:
  std::vector<Retirement> all_;
};

struct PriceChange {
  std::string provider, model, date, from, to, source;
  double factor = 1;
};
struct OutageRecord {
  std::string provider, service, until, source;
  double days = 0, partial_minutes = 0, major_minutes = 0;
  [[nodiscard]] double availability() const;
};
struct History {
  std::vector<PriceChange> price_changes;
  std::vector<OutageRecord> outages;
};
Result<History, std::string> read_history(std::string_view yaml);

std::string_view builtin_retirements();
std::string_view builtin_history();

int days_between(std::string_view from_date, std::string_view to_date);  // of valid dates

}  // namespace demarc::planning
