// Metrics: what /metrics tells Prometheus. Names follow OpenTelemetry's gen_ai conventions (dots become underscores) and Prometheus' own (units and
// _total).
//
//   metrics.record({.operation = "chat", .tier = "local", …});    // once per request, on its loop
//   std::string text = metrics.print();
//
// Any thread. Each loop has a shard of its own, so record() meets no other loop; a scrape adds the shards up. Label sets are bounded: past
// kMostSeries a request counts under upstream="other", model="other".
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "base/mutex.hpp"

namespace demarc::gateway {

inline constexpr std::size_t kMostSeries = 2'000;

struct RequestSample {
  std::string operation, tier, upstream, model;
  std::string outcome;  // served | error | cancelled | denied | unavailable
  double total_s = 0;
  double first_token_s = -1;  // < 0: none came
  std::int64_t input_tokens = 0, output_tokens = 0;
  std::int64_t cost_pico_usd = 0;
  std::uint32_t attempts = 0;
};

class Metrics {
 public:
  explicit Metrics(std::size_t loops);
  void record(std::size_t loop, const RequestSample& sample);
  std::string print() const;  // text exposition format 0.0.4

 private:
  using Buckets = std::array<double, 14>;
  static constexpr Buckets kSeconds = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0};
  // As the convention of gen_ai.client.token.usage wants them.
  static constexpr Buckets kTokens = {1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864};
  struct Histogram {
    std::array<std::uint64_t, std::tuple_size_v<Buckets> + 1> counts{};
    double sum = 0;
    void add(double value, const Buckets& buckets);
    void add(const Histogram& other);
  };
  struct Series {
    std::uint64_t requests = 0, attempts = 0;
    __int128 cost_pico_usd = 0;
    Histogram total, first_token, input_tokens, output_tokens;
  };
  using Key = std::tuple<std::string, std::string, std::string, std::string, std::string>;  // operation, tier, upstream, model, outcome
  struct Shard {
    mutable Mutex mutex;
    std::map<Key, Series> series GUARDED_BY(mutex);
  };
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace demarc::gateway
