#include "ledger/price_book.hpp"

#include <algorithm>
#include <tuple>

namespace demarc::ledger {
namespace {

constexpr std::int64_t kMostOfAnything = 1'000'000'000'000;  // tokens or milliseconds in one attempt; more is a broken count
// Tokens are priced per 10⁶, audio per minute of 60,000 ms: over 3·10⁶ both are whole. Times 100 for the batch percentage.
constexpr std::int64_t kDenominator = 300'000'000;
constexpr std::int64_t kPerToken = 3, kPerAudioMs = 50, kPerRequest = 3'000'000;

bool matches(std::string_view pattern, std::string_view name) {  // "*" is any run; no backtracking beyond the last star
  std::size_t p = 0, n = 0, star = std::string_view::npos, retry = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++, retry = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p, ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1, n = ++retry;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

// How exactly a price names this model: a plain name beats any pattern, a longer pattern a shorter one. -1: not at all.
std::int64_t exactness(const Price& price, std::string_view model) {
  std::int64_t best = -1;
  for (const std::string& pattern : price.models) {
    if (!matches(pattern, model)) continue;
    const bool plain = pattern.find('*') == std::string::npos;
    best = std::max(best, static_cast<std::int64_t>(pattern.size()) + (plain ? 1'000'000 : 0));
  }
  return best;
}

// The sum of count × rate, in pico-dollars × kDenominator / 100.
class Sum {
 public:
  // `or_else` is what the class pays where it has no rate of its own; none: the sum is unknown.
  void add(const std::optional<std::int64_t>& count, const std::optional<Money>& rate, const std::optional<Money>& or_else, std::int64_t unit) {
    if (!count || *count == 0) return;
    const std::optional<Money>& pays = rate ? rate : or_else;
    if (*count < 0 || *count > kMostOfAnything || !pays) {
      known_ = false;
      return;
    }
    total_ += pays->pico() * (*count) * unit;
  }
  [[nodiscard]] std::optional<Money> rounded(std::int64_t percent) const {
    if (!known_) return {};
    return Money::from_pico(total_).times_ratio(percent, kDenominator);
  }

 private:
  Money::Pico total_ = 0;
  bool known_ = true;
};

const Rates& rates_for(const Price& price, std::int64_t input_tokens) {
  const Rates* rates = &price.rates;
  for (const LengthTier& tier : price.tiers)
    if (input_tokens > tier.above_input_tokens) rates = &tier.rates;
  return *rates;
}

std::string_view host_of(std::string_view url) {
  if (const auto scheme = url.find("://"); scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  return url.substr(0, url.find_first_of(":/"));
}

bool is_within(std::string_view host, std::string_view domain) {
  return host == domain || (host.size() > domain.size() && host.ends_with(domain) && host[host.size() - domain.size() - 1] == '.');
}

}  // namespace

std::string PriceError::print() const {
  std::string out = file;
  if (line > 0) out += ":" + std::to_string(line) + ":" + std::to_string(column);
  return out + ": " + message;
}

namespace {

std::optional<Money> price_at(const Rates& rates, const UsageSum& of, std::int64_t percent) {
  const Usage& usage = of.usage;
  const bool audio_by_token = usage.input_audio_tokens && rates.input_audio;
  Sum sum;
  sum.add(usage.input_tokens, rates.input, {}, kPerToken);
  sum.add(usage.cached_input_tokens, rates.cached_input, rates.input, kPerToken);
  sum.add(usage.cache_write_tokens, rates.cache_write_5m, rates.input, kPerToken);
  sum.add(usage.cache_write_1h_tokens, rates.cache_write_1h, {}, kPerToken);
  sum.add(usage.output_tokens, rates.output, {}, kPerToken);
  sum.add(usage.reasoning_tokens, rates.reasoning, rates.output, kPerToken);
  if (!audio_by_token && rates.audio_minute && usage.audio_ms) {
    sum.add(usage.audio_ms, rates.audio_minute, {}, kPerAudioMs);
  } else {
    sum.add(usage.input_audio_tokens, rates.input_audio, {}, kPerToken);
    if (!usage.input_audio_tokens) sum.add(usage.audio_ms, {}, {}, kPerAudioMs);
  }
  sum.add(usage.pages, rates.page, {}, kPerRequest);
  sum.add(of.images, rates.image, {}, kPerRequest);
  if (rates.per_request) sum.add(of.requests, rates.per_request, {}, kPerRequest);
  return sum.rounded(percent);
}

std::int64_t percent_of(const Price& price, PriceMode mode) { return mode == PriceMode::batch ? price.batch_percent.value_or(0) : 100; }

}  // namespace

std::optional<Money> price_of(const Price& price, const Usage& usage, PriceMode mode) {
  const std::int64_t percent = percent_of(price, mode);
  if (!usage.known() || percent == 0) return {};
  return price_at(rates_for(price, usage.total_input()), {.usage = usage, .requests = 1}, percent);
}

std::optional<Money> price_of_sum(const Price& price, const UsageSum& sum, PriceMode mode) {
  const std::int64_t percent = percent_of(price, mode);
  if ((!sum.usage.known() && !sum.images && !price.rates.per_request) || percent == 0) return {};
  return price_at(price.rates, sum, percent);
}

std::optional<Money> PriceBook::price(std::string_view provider, std::string_view model, const Usage& usage, Instant at, PriceMode mode) const {
  const Price* const found = find(provider, model, at);
  return found == nullptr ? std::nullopt : price_of(*found, usage, mode);
}

void PriceBook::add(Price price) {
  const auto index = static_cast<std::uint32_t>(prices_.size());
  Shelf& shelf = shelves_[price.provider];
  bool pattern = false;
  for (const std::string& name : price.models) {
    pattern = pattern || name.find('*') != std::string::npos;
    shelf.plain[name].push_back(index);
  }
  if (pattern) shelf.others.push_back(index);
  prices_.push_back(std::move(price));
}

const Price* PriceBook::find(std::string_view provider, std::string_view model, Instant at) const {
  const auto shelf = shelves_.find(provider);
  if (shelf == shelves_.end()) return nullptr;
  const Price* best = nullptr;
  std::tuple<std::size_t, std::int64_t, Instant> best_rank;
  const auto look_at = [&](std::uint32_t index) {
    const Price& price = prices_[index];
    if (price.valid_from.value_or(Instant{}) > at) return;
    const std::int64_t exact = exactness(price, model);
    if (exact < 0) return;
    const std::tuple rank{price.file, exact, price.valid_from.value_or(Instant{})};
    if (best == nullptr || rank > best_rank || (rank == best_rank && &price > best)) best = &price, best_rank = rank;
  };
  if (const auto named = shelf->second.plain.find(model); named != shelf->second.plain.end())
    for (const std::uint32_t index : named->second) look_at(index);
  for (const std::uint32_t index : shelf->second.others) look_at(index);
  return best;
}

std::string_view PriceBook::provider_of(const UpstreamSpec& upstream) const {
  const std::string_view host = host_of(upstream.base_url);
  for (auto known = hosts_.rbegin(); known != hosts_.rend(); ++known)
    if (is_within(host, known->host)) return known->provider;
  return to_string(upstream.provider);
}

}  // namespace demarc::ledger
