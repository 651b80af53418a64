// Reading price files. Grammar: docs/reference/prices-and-charges.md.
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

#include "base/strings.hpp"
#include "ledger/price_book.hpp"

namespace demarc::ledger {
namespace {

constexpr std::size_t kMostBytes = 4 << 20;
constexpr std::size_t kMostPrices = 20'000;
constexpr std::size_t kMostTiers = 8;
constexpr std::size_t kMostModels = 64;  // names of one price
constexpr std::size_t kMostHosts = 1'000;

using Wrong = PriceError;  // without the file's name, which load() adds

constexpr std::array<std::pair<std::string_view, std::optional<Money> Rates::*>, 9> kClasses = {{{"input", &Rates::input},
                                                                                                 {"cached_input", &Rates::cached_input},
                                                                                                 {"cache_write_5m", &Rates::cache_write_5m},
                                                                                                 {"cache_write_1h", &Rates::cache_write_1h},
                                                                                                 {"output", &Rates::output},
                                                                                                 {"reasoning", &Rates::reasoning},
                                                                                                 {"input_audio", &Rates::input_audio},
                                                                                                 {"audio_minute", &Rates::audio_minute},
                                                                                                 {"per_request", &Rates::per_request}}};

Failure<Wrong> wrong(const YAML::Node& node, std::string message) {
  const YAML::Mark mark = node.Mark();
  return fail(Wrong{"", mark.line + 1, mark.column + 1, std::move(message)});
}

Result<void, Wrong> expect_map(const YAML::Node& node, std::string_view what, const std::vector<std::string>& keys) {
  if (!node.IsMap()) return wrong(node, std::string(what) + " must be a map");
  std::vector<std::string> met;
  for (const auto& entry : node) {
    const YAML::Node& key = entry.first;
    const std::string& name = key.Scalar();
    if (std::find(keys.begin(), keys.end(), name) == keys.end()) {
      const auto meant = nearest(name, keys);
      return wrong(key, "unknown key \"" + name + "\" in " + std::string(what) + (meant ? "; did you mean \"" + *meant + "\"?" : ""));
    }
    if (std::find(met.begin(), met.end(), name) != met.end()) return wrong(key, "\"" + name + "\" stands here twice");
    met.push_back(name);
  }
  return {};
}

Result<Money, Wrong> read_money(const YAML::Node& node) {
  if (!node.IsScalar()) return wrong(node, "expected dollars as a decimal");
  const auto money = Money::parse(node.Scalar());
  if (!money) return wrong(node, "\"" + node.Scalar() + "\" is not a decimal with at most twelve digits after the point");
  if (*money < Money{} || *money > Money::from_usd(1'000'000)) return wrong(node, "a price lies between 0 and 1000000 dollars");
  return *money;
}

Result<std::int64_t, Wrong> read_count(const YAML::Node& node, std::int64_t least, std::int64_t most) {
  std::int64_t number = 0;
  if (!node.IsScalar() || !YAML::convert<std::int64_t>::decode(node, number) || number < least || number > most)
    return wrong(node, "expected a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return number;
}

Result<std::string, Wrong> read_text(const YAML::Node& node) {
  if (!node.IsScalar() || node.Scalar().empty() || node.Scalar().size() > 1000) return wrong(node, "expected a text of 1 to 1000 characters");
  return node.Scalar();
}

Result<Instant, Wrong> read_day(const YAML::Node& node) {
  const auto at = node.IsScalar() ? parse_rfc3339(node.Scalar() + "T00:00:00Z") : std::nullopt;
  if (!at) return wrong(node, "expected a day as 2026-11-24");
  return *at;
}

std::vector<std::string> class_names(std::initializer_list<std::string_view> more) {
  std::vector<std::string> names(more.begin(), more.end());
  for (const auto& [name, member] : kClasses) names.emplace_back(name);
  return names;
}

Result<Rates, Wrong> read_rates(const YAML::Node& node) {
  Rates rates;
  for (const auto& [name, member] : kClasses)
    if (const YAML::Node rate = node[std::string(name)]) rates.*member = TRY(read_money(rate));
  return rates;
}

// A tier states what changes; the rest stays as below it.
Rates over(const Rates& below, const Rates& stated) {
  Rates rates = below;
  for (const auto& [name, member] : kClasses)
    if (stated.*member) rates.*member = stated.*member;
  return rates;
}

Result<std::vector<LengthTier>, Wrong> read_tiers(const YAML::Node& node, const Rates& base) {
  if (!node.IsSequence() || node.size() > kMostTiers) return wrong(node, "tiers must be a list of at most 8");
  std::vector<LengthTier> tiers;
  for (const YAML::Node& entry : node) {
    TRY(expect_map(entry, "a tier", class_names({"above_input_tokens"})));
    if (!entry["above_input_tokens"]) return wrong(entry, "a tier needs above_input_tokens");
    LengthTier tier{.above_input_tokens = TRY(read_count(entry["above_input_tokens"], 1, 1'000'000'000))};
    if (!tiers.empty() && tiers.back().above_input_tokens >= tier.above_input_tokens) return wrong(entry, "tiers must rise");
    tier.rates = over(tiers.empty() ? base : tiers.back().rates, TRY(read_rates(entry)));
    tiers.push_back(std::move(tier));
  }
  return tiers;
}

Result<std::vector<std::string>, Wrong> read_models(const YAML::Node& node) {
  if (!node.IsSequence() || node.size() == 0 || node.size() > kMostModels) return wrong(node, "models must be a list of 1 to 64 names");
  std::vector<std::string> models;
  for (const YAML::Node& name : node) models.push_back(TRY(read_text(name)));
  return models;
}

Result<Price, Wrong> read_price(const YAML::Node& node) {
  TRY(expect_map(node, "a price", {"provider", "models", "valid_from", "usd_per_million", "tiers", "batch_percent", "source", "date"}));
  for (const char* needed : {"provider", "models", "usd_per_million", "source", "date"})
    if (!node[needed]) return wrong(node, std::string("a price needs ") + needed);
  Price price{.provider = TRY(read_text(node["provider"])), .models = TRY(read_models(node["models"]))};
  price.source = TRY(read_text(node["source"]));
  TRY(read_day(node["date"]));
  price.date = node["date"].Scalar();
  if (const YAML::Node from = node["valid_from"]) price.valid_from = TRY(read_day(from));
  TRY(expect_map(node["usd_per_million"], "usd_per_million", class_names({})));
  price.rates = TRY(read_rates(node["usd_per_million"]));
  if (const YAML::Node tiers = node["tiers"]) price.tiers = TRY(read_tiers(tiers, price.rates));
  if (const YAML::Node percent = node["batch_percent"]) price.batch_percent = TRY(read_count(percent, 1, 100));
  return price;
}

struct PriceFile {
  std::vector<Price> prices;
  std::vector<std::pair<std::string, std::string>> hosts;  // host, provider
};

Result<PriceFile, Wrong> read_file(const YAML::Node& root) {
  TRY(expect_map(root, "a price file", {"version", "currency", "hosts", "prices"}));
  if (!root["version"] || root["version"].as<std::string>("") != "1") return wrong(root["version"] ? root["version"] : root, "expected version: 1");
  if (const YAML::Node currency = root["currency"]; currency && currency.as<std::string>("") != "USD") return wrong(currency, "prices are in USD");
  PriceFile file;
  if (const YAML::Node hosts = root["hosts"]) {
    if (!hosts.IsMap() || hosts.size() > kMostHosts) return wrong(hosts, "hosts must be a map from host to provider, at most 1000");
    for (const auto& entry : hosts) file.hosts.emplace_back(TRY(read_text(entry.first)), TRY(read_text(entry.second)));
  }
  if (const YAML::Node prices = root["prices"]) {
    if (!prices.IsSequence() || prices.size() > kMostPrices) return wrong(prices, "prices must be a list of at most 20000");
    for (const YAML::Node& node : prices) file.prices.push_back(TRY(read_price(node)));
  }
  return file;
}

Result<PriceFile, Wrong> parse_file(const PriceText& text) {
  if (text.content.size() > kMostBytes) return fail(Wrong{.message = "larger than 4 MiB"});
  try {  // yaml-cpp throws; this is its border
    return read_file(YAML::Load(text.content));
  } catch (const YAML::Exception& e) {
    return fail(Wrong{"", e.mark.line + 1, e.mark.column + 1, e.msg});
  }
}

}  // namespace

Result<PriceBook, PriceError> PriceBook::load(const std::vector<PriceText>& files) {
  PriceBook book;
  for (std::size_t i = 0; i < files.size(); ++i) {
    auto parsed = parse_file(files[i]);
    if (!parsed) {
      PriceError error = std::move(parsed).error();
      error.file = files[i].name;
      return fail(std::move(error));
    }
    for (Price& price : parsed->prices) {
      price.file = i;
      book.add(std::move(price));
    }
    for (auto& [host, provider] : parsed->hosts) book.hosts_.push_back({std::move(host), std::move(provider)});
  }
  return book;
}

}  // namespace demarc::ledger
