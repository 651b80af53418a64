#include "gateway/metrics.hpp"

#include <charconv>

#include "base/check.hpp"
#include "core/money.hpp"

namespace demarc::gateway {
namespace {

std::string number(double value) {
  std::array<char, 32> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

std::string escape_label(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out;
}

void head(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
  out.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ").append(name).append(" ").append(type).append("\n");
}

void line(std::string& out, std::string_view name, std::string_view labels, const std::string& value) {
  out.append(name).append(labels).append(" ").append(value).append("\n");
}

}  // namespace

void Metrics::Histogram::add(double value) {
  std::size_t bucket = 0;
  while (bucket < kBuckets.size() && value > kBuckets[bucket]) ++bucket;
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
  series.input_tokens += sample.input_tokens;
  series.output_tokens += sample.output_tokens;
  series.cost_pico_usd += sample.cost_pico_usd;
  series.total.add(sample.total_s);
  if (sample.first_token_s >= 0) series.first_token.add(sample.first_token_s);
}

void Metrics::gauge(std::string name, std::string help, std::string labels, std::function<double()> read) {
  MutexLock lock(gauges_mutex_);
  gauges_.push_back({std::move(name), std::move(help), std::move(labels), std::move(read)});
}

std::string Metrics::print() const {
  std::map<Key, Series> all;
  for (const auto& shard : shards_) {
    MutexLock lock(shard->mutex);
    for (const auto& [key, from] : shard->series) {
      Series& to = all[key];
      to.requests += from.requests, to.attempts += from.attempts;
      to.input_tokens += from.input_tokens, to.output_tokens += from.output_tokens, to.cost_pico_usd += from.cost_pico_usd;
      to.total.add(from.total), to.first_token.add(from.first_token);
    }
  }
  const auto labels = [](const Key& key, const std::string& more = "") {
    const auto& [operation, tier, upstream, model, outcome] = key;
    return "{gen_ai_operation_name=\"" + escape_label(operation) + "\",demarc_tier=\"" + escape_label(tier) + "\",gen_ai_provider_name=\"" +
           escape_label(upstream) + "\",gen_ai_response_model=\"" + escape_label(model) + "\",demarc_outcome=\"" + escape_label(outcome) + "\"" +
           more + "}";
  };
  std::string out;
  const auto counter = [&](std::string_view name, std::string_view help, auto&& value) {
    head(out, name, "counter", help);
    for (const auto& [key, series] : all) line(out, name, labels(key), value(series));
  };
  counter("demarc_requests_total", "Requests that ended, by what became of them.", [](const Series& s) { return std::to_string(s.requests); });
  counter("demarc_attempts_total", "Attempts at upstreams, over all requests.", [](const Series& s) { return std::to_string(s.attempts); });
  counter("demarc_cost_usd_total", "Charges of priced attempts, in US dollars.",
          [](const Series& s) { return Money::from_pico(s.cost_pico_usd).print(); });
  head(out, "gen_ai_client_token_usage_total", "counter", "Tokens used, by type.");
  for (const auto& [key, series] : all) {
    line(out, "gen_ai_client_token_usage_total", labels(key, ",gen_ai_token_type=\"input\""), std::to_string(series.input_tokens));
    line(out, "gen_ai_client_token_usage_total", labels(key, ",gen_ai_token_type=\"output\""), std::to_string(series.output_tokens));
  }
  const auto histogram = [&](const std::string& name, std::string_view help, Histogram Series::* member) {
    head(out, name, "histogram", help);
    for (const auto& [key, series] : all) {
      const Histogram& h = series.*member;
      std::uint64_t below = 0;
      for (std::size_t i = 0; i < kBuckets.size(); ++i)
        line(out, name + "_bucket", labels(key, ",le=\"" + number(kBuckets[i]) + "\""), std::to_string(below += h.counts[i]));
      below += h.counts.back();
      line(out, name + "_bucket", labels(key, ",le=\"+Inf\""), std::to_string(below));
      line(out, name + "_sum", labels(key), number(h.sum));
      line(out, name + "_count", labels(key), std::to_string(below));
    }
  };
  histogram("gen_ai_server_request_duration_seconds", "From the whole request read to the last byte written.", &Series::total);
  histogram("gen_ai_server_time_to_first_token_seconds", "From the whole request read to the first content.", &Series::first_token);
  MutexLock lock(gauges_mutex_);
  std::string_view last;
  for (const Gauge& gauge : gauges_) {
    if (gauge.name != last) head(out, gauge.name, "gauge", gauge.help);
    last = gauge.name;
    line(out, gauge.name, gauge.labels, number(gauge.read()));
  }
  return out;
}

}  // namespace demarc::gateway
