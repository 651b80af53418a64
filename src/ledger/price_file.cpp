// Reading price files. Grammar: docs/reference/prices-and-charges.md.
#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <utility>

#include "base/strings.hpp"
#include "core/yaml/tree.hpp"
#include "ledger/price_book.hpp"

namespace demarc::ledger {
namespace {

constexpr YamlLimits kMost{.bytes = 4 << 20, .depth = 8, .nodes = 1'000'000};
constexpr std::size_t kMostPrices = 20'000;
constexpr std::size_t kMostTiers = 8;
constexpr std::size_t kMostModels = 64;  // names of one price
constexpr std::size_t kMostHosts = 1'000;

using Wrong = PriceError;  // without the file's name, which load() adds

constexpr std::array<std::pair<std::string_view, std::optional<Money> Rates::*>, 11> kClasses = {{{"input", &Rates::input},
                                                                                                  {"cached_input", &Rates::cached_input},
                                                                                                  {"cache_write_5m", &Rates::cache_write_5m},
                                                                                                  {"cache_write_1h", &Rates::cache_write_1h},
                                                                                                  {"output", &Rates::output},
                                                                                                  {"reasoning", &Rates::reasoning},
                                                                                                  {"input_audio", &Rates::input_audio},
                                                                                                  {"audio_minute", &Rates::audio_minute},
                                                                                                  {"page", &Rates::page},
                                                                                                  {"image", &Rates::image},
                                                                                                  {"per_request", &Rates::per_request}}};

Failure<Wrong> wrong(const YamlNode& node, std::string message) { return fail(Wrong{"", node.line, node.column, std::move(message)}); }

Result<void, Wrong> expect_map(const YamlNode& node, std::string_view what, const std::vector<std::string>& keys) {
  if (node.kind != YamlKind::map) return wrong(node, std::string(what) + " must be a map");
  for (const YamlNode& key : node.keys) {
    if (std::find(keys.begin(), keys.end(), key.text) != keys.end()) continue;
    const auto meant = nearest(key.text, keys);
    return wrong(key, "unknown key \"" + key.text + "\" in " + std::string(what) + (meant ? "; did you mean \"" + *meant + "\"?" : ""));
  }
  return {};
}

Result<Money, Wrong> read_money(const YamlNode& node) {
  if (node.kind != YamlKind::scalar) return wrong(node, "expected dollars as a decimal");
  const auto money = Money::parse(node.text);
  if (!money) return wrong(node, "\"" + node.text + "\" is not a decimal with at most twelve digits after the point");
  if (*money < Money{} || *money > Money::from_usd(1'000'000)) return wrong(node, "a price lies between 0 and 1000000 dollars");
  return *money;
}

Result<std::int64_t, Wrong> read_count(const YamlNode& node, std::int64_t least, std::int64_t most) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(node.text.data(), node.text.data() + node.text.size(), number);
  if (node.text.empty() || error != std::errc{} || end != node.text.data() + node.text.size() || number < least || number > most)
    return wrong(node, "expected a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return number;
}

Result<std::string, Wrong> read_text(const YamlNode& node) {
  if (node.kind != YamlKind::scalar || node.text.empty() || node.text.size() > 1000) return wrong(node, "expected a text of 1 to 1000 characters");
  return node.text;
}

Result<Instant, Wrong> read_day(const YamlNode& node) {
  const auto at = node.kind == YamlKind::scalar ? parse_rfc3339(node.text + "T00:00:00Z") : std::nullopt;
  if (!at) return wrong(node, "expected a day as 2026-11-24");
  return *at;
}

std::vector<std::string> class_names(std::initializer_list<std::string_view> more) {
  std::vector<std::string> names(more.begin(), more.end());
  for (const auto& [name, member] : kClasses) names.emplace_back(name);
  return names;
}

Result<Rates, Wrong> read_rates(const YamlNode& node) {
  Rates rates;
  for (const auto& [name, member] : kClasses)
    if (const YamlNode* rate = node.find(name)) rates.*member = TRY(read_money(*rate));
  return rates;
}

// A tier states what changes; the rest stays as below it.
Rates over(const Rates& below, const Rates& stated) {
  Rates rates = below;
  for (const auto& [name, member] : kClasses)
    if (stated.*member) rates.*member = stated.*member;
  return rates;
}

Result<std::vector<LengthTier>, Wrong> read_tiers(const YamlNode& node, const Rates& base) {
  if (node.kind != YamlKind::list || node.items.size() > kMostTiers) return wrong(node, "tiers must be a list of at most 8");
  std::vector<LengthTier> tiers;
  for (const YamlNode& entry : node.items) {
    TRY(expect_map(entry, "a tier", class_names({"above_input_tokens"})));
    const YamlNode* above = entry.find("above_input_tokens");
    if (above == nullptr) return wrong(entry, "a tier needs above_input_tokens");
    LengthTier tier{.above_input_tokens = TRY(read_count(*above, 1, 1'000'000'000))};
    if (!tiers.empty() && tiers.back().above_input_tokens >= tier.above_input_tokens) return wrong(entry, "tiers must rise");
    tier.rates = over(tiers.empty() ? base : tiers.back().rates, TRY(read_rates(entry)));
    tiers.push_back(tier);
  }
  return tiers;
}

Result<std::vector<std::string>, Wrong> read_models(const YamlNode& node) {
  if (node.kind != YamlKind::list || node.items.empty() || node.items.size() > kMostModels)
    return wrong(node, "models must be a list of 1 to 64 names");
  std::vector<std::string> models;
  for (const YamlNode& name : node.items) models.push_back(TRY(read_text(name)));
  return models;
}

Result<Price, Wrong> read_price(const YamlNode& node) {
  TRY(expect_map(node, "a price", {"provider", "models", "valid_from", "usd_per_million", "tiers", "batch_percent", "source", "date"}));
  for (const char* needed : {"provider", "models", "usd_per_million", "source", "date"})
    if (node.find(needed) == nullptr) return wrong(node, std::string("a price needs ") + needed);
  Price price{.provider = TRY(read_text(*node.find("provider"))), .models = TRY(read_models(*node.find("models")))};
  price.source = TRY(read_text(*node.find("source")));
  const YamlNode& date = *node.find("date");
  TRY(read_day(date));
  price.date = date.text;
  if (const YamlNode* from = node.find("valid_from")) price.valid_from = TRY(read_day(*from));
  const YamlNode& rates = *node.find("usd_per_million");
  TRY(expect_map(rates, "usd_per_million", class_names({})));
  price.rates = TRY(read_rates(rates));
  if (const YamlNode* tiers = node.find("tiers")) price.tiers = TRY(read_tiers(*tiers, price.rates));
  if (const YamlNode* percent = node.find("batch_percent")) price.batch_percent = TRY(read_count(*percent, 1, 100));
  return price;
}

struct PriceFile {
  std::vector<Price> prices;
  std::vector<std::pair<std::string, std::string>> hosts;  // host, provider
};

Result<PriceFile, Wrong> read_file(const YamlNode& root) {
  TRY(expect_map(root, "a price file", {"version", "currency", "hosts", "prices"}));
  const YamlNode* version = root.find("version");
  if (version == nullptr || version->text != "1") return wrong(version != nullptr ? *version : root, "expected version: 1");
  if (const YamlNode* currency = root.find("currency"); currency != nullptr && currency->text != "USD") return wrong(*currency, "prices are in USD");
  PriceFile file;
  if (const YamlNode* hosts = root.find("hosts")) {
    if (hosts->kind != YamlKind::map || hosts->items.size() > kMostHosts)
      return wrong(*hosts, "hosts must be a map from host to provider, at most 1000");
    for (std::size_t i = 0; i < hosts->items.size(); ++i) file.hosts.emplace_back(TRY(read_text(hosts->keys[i])), TRY(read_text(hosts->items[i])));
  }
  if (const YamlNode* prices = root.find("prices")) {
    if (prices->kind != YamlKind::list || prices->items.size() > kMostPrices) return wrong(*prices, "prices must be a list of at most 20000");
    for (const YamlNode& node : prices->items) file.prices.push_back(TRY(read_price(node)));
  }
  return file;
}

Result<PriceFile, Wrong> parse_file(const PriceText& text) {
  const auto root = parse_yaml(text.content, kMost);
  if (!root) return fail(Wrong{"", root.error().line, root.error().column, root.error().message});
  return read_file(*root);
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
