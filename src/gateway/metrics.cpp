#include "gateway/metrics.hpp"

#include "base/check.hpp"
#include "core/money.hpp"
#include "gateway/metrics_text.hpp"

namespace demarc::gateway {

void Metrics::Histogram::add(double value, const Buckets& buckets) {
  std::size_t bucket = 0;
  while (bucket < buckets.size() && value > buckets[bucket]) ++bucket;
  ++counts[bucket];
  sum += value;
}

void Metrics::Histogram::add(const Histogram& other) {
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
  sum += other.sum;
}

Metrics::Metrics(std::size_t loops) {
  for (std::size_t i = 0; i < loops; ++i) shards_.push_back(std::make_unique<Shard>());
}

void Metrics::record(std::size_t loop, const RequestSample& sample) {
  CHECK(loop < shards_.size());
  Shard& shard = *shards_[loop];
  Key key{sample.operation, sample.tier, sample.upstream, sample.model, sample.outcome};
  MutexLock lock(shard.mutex);
  if (shard.series.size() >= kMostSeries && !shard.series.contains(key)) std::get<2>(key) = std::get<3>(key) = "other";
  Series& series = shard.series[std::move(key)];
  ++series.requests;
  series.attempts += sample.attempts;
  series.cost_pico_usd += sample.cost_pico_usd;
  series.total.add(sample.total_s, kSeconds);
  if (sample.first_token_s >= 0) series.first_token.add(sample.first_token_s, kSeconds);
  if (sample.input_tokens > 0) series.input_tokens.add(static_cast<double>(sample.input_tokens), kTokens);
  if (sample.output_tokens > 0) series.output_tokens.add(static_cast<double>(sample.output_tokens), kTokens);
}

std::string Metrics::print() const {
  std::map<Key, Series> all;
  for (const auto& shard : shards_) {
    MutexLock lock(shard->mutex);
    for (const auto& [key, from] : shard->series) {
      Series& to = all[key];
      to.requests += from.requests, to.attempts += from.attempts;
      to.cost_pico_usd += from.cost_pico_usd;
      to.total.add(from.total), to.first_token.add(from.first_token);
      to.input_tokens.add(from.input_tokens), to.output_tokens.add(from.output_tokens);
    }
  }
  const auto labels = [](const Key& key, const std::string& more = "") {
    const auto& [operation, tier, upstream, model, outcome] = key;
    return "{gen_ai_operation_name=\"" + metric_label(operation) + "\",demarc_tier=\"" + metric_label(tier) + "\",gen_ai_provider_name=\"" +
           metric_label(upstream) + "\",gen_ai_response_model=\"" + metric_label(model) + "\",demarc_outcome=\"" + metric_label(outcome) + "\"" +
           more + "}";
  };
  std::string out;
  const auto counter = [&](std::string_view name, std::string_view help, auto&& value) {
    metric_head(out, name, "counter", help);
    for (const auto& [key, series] : all) metric_line(out, name, labels(key), value(series));
  };
  counter("demarc_requests_total", "Requests that ended, by what became of them.", [](const Series& s) { return std::to_string(s.requests); });
  counter("demarc_attempts_total", "Attempts at upstreams, over all requests.", [](const Series& s) { return std::to_string(s.attempts); });
  counter("demarc_cost_usd_total", "Charges of priced attempts, in US dollars.",
          [](const Series& s) { return Money::from_pico(s.cost_pico_usd).print(); });
  const auto histogram = [&](const std::string& name, const Buckets& buckets, Histogram Series::* member, const std::string& more = "") {
    for (const auto& [key, series] : all) {
      const Histogram& h = series.*member;
      std::uint64_t below = 0;
      for (std::size_t i = 0; i < buckets.size(); ++i)
        metric_line(out, name + "_bucket", labels(key, more + ",le=\"" + metric_number(buckets[i]) + "\""), std::to_string(below += h.counts[i]));
      below += h.counts.back();
      metric_line(out, name + "_bucket", labels(key, more + ",le=\"+Inf\""), std::to_string(below));
      metric_line(out, name + "_sum", labels(key, more), metric_number(h.sum));
      metric_line(out, name + "_count", labels(key, more), std::to_string(below));
    }
  };
  metric_head(out, "gen_ai_client_token_usage", "histogram", "Tokens used by a request, by type.");
  histogram("gen_ai_client_token_usage", kTokens, &Series::input_tokens, ",gen_ai_token_type=\"input\"");
  histogram("gen_ai_client_token_usage", kTokens, &Series::output_tokens, ",gen_ai_token_type=\"output\"");
  metric_head(out, "gen_ai_server_request_duration_seconds", "histogram", "From the whole request read to the last byte written.");
  histogram("gen_ai_server_request_duration_seconds", kSeconds, &Series::total);
  metric_head(out, "gen_ai_server_time_to_first_token_seconds", "histogram", "From the whole request read to the first content.");
  histogram("gen_ai_server_time_to_first_token_seconds", kSeconds, &Series::first_token);
  return out;
}

}  // namespace demarc::gateway
