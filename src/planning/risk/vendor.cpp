#include "planning/risk/vendor.hpp"

#include <algorithm>
#include <map>
#include <sstream>

#include "base/strings.hpp"
#include "core/yaml/tree.hpp"
#include "planning/import/csv_rows.hpp"

namespace demarc::planning {
namespace {

double number_of(const YamlNode& map, std::string_view key) {
  const YamlNode* node = map.find(key);
  return node == nullptr ? 0 : std::strtod(node->text.c_str(), nullptr);
}
std::string text_of(const YamlNode& map, std::string_view key) {
  const YamlNode* node = map.find(key);
  return node == nullptr ? std::string() : node->text;
}

}  // namespace

Concentration concentration(const std::vector<Spend>& spend, std::string Spend::* by) {
  std::map<std::string, Money> sums;
  Money all;
  for (const Spend& one : spend) sums[one.*by] += one.usd, all += one.usd;
  Concentration out;
  for (const auto& [name, usd] : sums) {
    const double share = all.pico() == 0 ? 0 : static_cast<double>(usd.pico()) / static_cast<double>(all.pico());
    out.shares.push_back({name, usd, share});
    out.hhi += share * share * 10'000;
  }
  std::ranges::sort(out.shares, [](const Share& a, const Share& b) { return a.usd == b.usd ? a.name < b.name : a.usd > b.usd; });
  out.effective = out.hhi > 0 ? 10'000 / out.hhi : 0;
  return out;
}

Result<Retirements, std::string> Retirements::read(std::string_view csv) {
  std::istringstream in{std::string(csv)};
  CsvRows rows(in);
  auto head = rows.next();
  const std::vector<std::string> wanted = {"provider", "model", "aliases", "announced", "retired", "notice_days", "source", "verified"};
  if (!head || head->fields != wanted)
    return fail(std::string("retirements: the columns are provider,model,aliases,announced,retired,notice_days,source,verified"));
  Retirements out;
  while (auto row = rows.next()) {
    if (!row->wrong.empty() || row->fields.size() != wanted.size() || !parse_rfc3339(row->fields[4] + "T00:00:00Z"))
      return fail("retirements: line " + std::to_string(row->line) + " is wrong");
    Retirement one{.provider = row->fields[0],
                   .model = row->fields[1],
                   .announced = row->fields[3],
                   .retired = row->fields[4],
                   .source = row->fields[6],
                   .verified = row->fields[7]};
    for (const std::string_view alias : split(row->fields[2], ' '))
      if (!alias.empty()) one.aliases.emplace_back(alias);
    if (!row->fields[5].empty()) one.notice_days = std::atoi(row->fields[5].c_str());
    out.all_.push_back(std::move(one));
  }
  return out;
}

const Retirement* Retirements::find(std::string_view provider, std::string_view model) const {
  for (const Retirement& one : all_)
    if (one.provider == provider && (one.model == model || std::ranges::find(one.aliases, model) != one.aliases.end())) return &one;
  return nullptr;
}

std::optional<int> Retirements::median_notice_days(std::string_view provider) const {
  std::vector<int> days;
  for (const Retirement& one : all_)
    if (one.provider == provider && one.notice_days && *one.notice_days > 0) days.push_back(*one.notice_days);
  if (days.size() < 3) return {};
  std::ranges::nth_element(days, days.begin() + static_cast<std::ptrdiff_t>(days.size() / 2));
  return days[days.size() / 2];
}

double OutageRecord::availability() const { return days <= 0 ? 0 : 1 - (0.3 * partial_minutes + major_minutes) / (days * 1440); }

Result<History, std::string> read_history(std::string_view yaml) {
  const auto root = parse_yaml(yaml);
  if (!root || root->kind != YamlKind::map) return fail(std::string("history: is no map"));
  History out;
  if (const YamlNode* list = root->find("price_changes"))
    for (const YamlNode& one : list->items)
      out.price_changes.push_back({text_of(one, "provider"), text_of(one, "model"), text_of(one, "date"), text_of(one, "from"), text_of(one, "to"),
                                   text_of(one, "source"), number_of(one, "factor")});
  if (const YamlNode* list = root->find("outages"))
    for (const YamlNode& one : list->items)
      out.outages.push_back({text_of(one, "provider"), text_of(one, "service"), text_of(one, "until"), text_of(one, "source"), number_of(one, "days"),
                             number_of(one, "partial_minutes"), number_of(one, "major_minutes")});
  return out;
}

int days_between(std::string_view from, std::string_view to) {
  const auto a = parse_rfc3339(std::string(from) + "T00:00:00Z"), b = parse_rfc3339(std::string(to) + "T00:00:00Z");
  if (!a || !b) return 0;
  return static_cast<int>((b->unix_s() - a->unix_s()) / 86'400);
}

}  // namespace demarc::planning
