// PriceBook: what providers charge, each price with the page it was read from and the day. Built in (prices.yaml), overridden by the operator's
// files.
//
//   auto book = PriceBook::load({builtin_prices(), {"prices.yaml", text}});
//   std::optional<Money> usd = book->price("openai", "gpt-5-mini", usage, received);     // nullopt: unpriced, never $0
//
// Exact: the sum over all classes is one fraction and is rounded once, half to even, to a pico-dollar. The file's format, which class falls back to
// which and why: docs/reference/prices-and-charges.md. Immutable once loaded; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "base/strings.hpp"
#include "base/time.hpp"
#include "core/money.hpp"
#include "core/upstream.hpp"
#include "core/usage.hpp"

namespace demarc::ledger {

struct PriceText {      // one price file, already read
  std::string name;     // for errors
  std::string content;  // YAML; at most 4 MiB
};
PriceText builtin_prices();  // the book in the binary

struct PriceError {
  std::string file;
  int line = 0, column = 0;  // from 1; 0 if the file as a whole is meant
  std::string message;
  [[nodiscard]] std::string print() const;  // "prices.yaml:12:7: …"
};

// Dollars per million tokens of each class, per minute of audio, per page, per image, per request. nullopt: the class has no price of its own.
struct Rates {
  std::optional<Money> input, cached_input, cache_write_5m, cache_write_1h, output, reasoning, input_audio, audio_minute, page, image, per_request;
};

struct LengthTier {
  std::int64_t above_input_tokens = 0;  // with more input than this the whole request pays these rates: a cliff, not a slope
  Rates rates;
};

struct Price {
  std::string provider;
  std::vector<std::string> models;  // names; "*" stands for any run of characters
  std::optional<Instant> valid_from;
  Rates rates;
  std::vector<LengthTier> tiers;              // rising
  std::optional<std::int64_t> batch_percent;  // what a provider's own batch service takes of the price: 50
  std::string source;                         // URL of the page
  std::string date;                           // when it was read there, 2026-08-21
  std::size_t file = 0;                       // later files win
};

enum class PriceMode : std::uint8_t { standard, batch };

class PriceBook {
 public:
  PriceBook() = default;  // knows no price
  // Later files win over earlier ones. At most 20,000 prices.
  static Result<PriceBook, PriceError> load(const std::vector<PriceText>& files);

  // What `usage` costs. nullopt if there is no such price, or one of the used classes has none.
  [[nodiscard]] std::optional<Money> price(std::string_view provider, std::string_view model, const Usage& usage, Instant at,
                                           PriceMode mode = PriceMode::standard) const;
  // The price that holds: of the latest file, there the most exact name, there the youngest that is valid at `at`. nullptr if none.
  [[nodiscard]] const Price* find(std::string_view provider, std::string_view model, Instant at) const;
  // Whose prices an upstream pays: the provider whose host `base_url` names, else the one whose dialect it speaks.
  [[nodiscard]] std::string_view provider_of(const UpstreamSpec& upstream) const;

  [[nodiscard]] const std::vector<Price>& prices() const { return prices_; }

 private:
  struct Host {
    std::string host, provider;  // host also stands for every name below it
  };
  using Names = std::unordered_map<std::string, std::vector<std::uint32_t>, TransparentHash, std::equal_to<>>;
  struct Shelf {                        // what one provider charges; indexes into prices_
    Names plain;                        // by the model's name
    std::vector<std::uint32_t> others;  // with a "*" in one of its names
  };
  void add(Price price);

  std::vector<Price> prices_;
  std::vector<Host> hosts_;
  std::unordered_map<std::string, Shelf, TransparentHash, std::equal_to<>> shelves_;  // every request asks for the price of every candidate
};

// What `usage` costs at these rates. As PriceBook::price.
std::optional<Money> price_of(const Price& price, const Usage& usage, PriceMode mode);

// The same of the sum of many requests, as an export tells it, with images beside. A tier is a matter of one request: the rates of short ones hold.
struct UsageSum {
  Usage usage;
  std::int64_t requests = 0;
  std::optional<std::int64_t> images{};
};
std::optional<Money> price_of_sum(const Price& price, const UsageSum& sum, PriceMode mode);

}  // namespace demarc::ledger
