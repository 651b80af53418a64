#include "planning/size/replay.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <map>
#include <queue>
#include <tuple>

#include "base/check.hpp"

namespace demarc::planning {
namespace {

struct Request {
  double arrived = 0, first = -1, ended = -1;
  double input = 0, output = 0;
};

// One machine between two events. Tokens of all requests being written grow alike, so one number (written_) stands for all, and each ends at its own
// mark.
class Machine {
 public:
  Machine(const EngineProfile& profile, std::vector<Request>& requests) : profile_(profile), requests_(requests) {}

  [[nodiscard]] std::size_t load() const { return waiting_.size() + ends_.size() + (reading_ ? 1 : 0); }
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }
  [[nodiscard]] double busy_s() const { return busy_; }

  void take(std::size_t request, double now) {
    advance(now);
    waiting_.push_back(request);
    start_reading();
  }
  [[nodiscard]] double next_event() const {
    if (reading_) return now_ + read_left_;
    if (ends_.empty()) return INFINITY;
    return now_ + std::max(0.0, ends_.top().first - written_) / rate();
  }
  void step(double now) {  // at next_event()
    advance(now);
    if (reading_) {
      read_left_ = 0;
      Request& request = requests_[*reading_];
      request.first = now;  // the prompt's last step gives the first token
      if (request.output <= 1)
        request.ended = now;
      else
        ends_.emplace(written_ + request.output - 1, *reading_);
      reading_.reset();
    } else {
      CHECK(!ends_.empty());
      requests_[ends_.top().second].ended = now;
      written_ = ends_.top().first;
      ends_.pop();
    }
    start_reading();
  }

 private:
  [[nodiscard]] double rate() const { return profile_.decode_tokens_per_s(static_cast<int>(ends_.size())) / static_cast<double>(ends_.size()); }
  void advance(double now) {
    const double passed = now - now_;
    if (load() > 0) busy_ += passed;
    if (reading_)
      read_left_ -= passed;
    else if (!ends_.empty())
      written_ += passed * rate();
    now_ = now;
  }
  void start_reading() {
    if (reading_ || waiting_.empty() || ends_.size() >= static_cast<std::size_t>(profile_.slots)) return;
    reading_ = waiting_.front();
    waiting_.pop_front();
    read_left_ = requests_[*reading_].input / profile_.prefill_tokens_per_s;
  }

  const EngineProfile& profile_;
  std::vector<Request>& requests_;
  std::deque<std::size_t> waiting_;
  std::optional<std::size_t> reading_;
  std::priority_queue<std::pair<double, std::size_t>, std::vector<std::pair<double, std::size_t>>, std::greater<>> ends_;
  double now_ = 0, read_left_ = 0, written_ = 0, busy_ = 0;
};

LatencyPercentiles percentiles(std::vector<double>& values) {
  if (values.empty()) return {};
  std::ranges::sort(values);
  const auto at = [&](double share) { return values[static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size()))) - 1]; };
  double sum = 0;
  for (const double value : values) sum += value;
  return {sum / static_cast<double>(values.size()), at(0.5), at(0.95), at(0.99), values.back()};
}

std::vector<Request> played(const std::vector<Arrival>& trace, const EngineProfile& profile, int machines, double speed, Replay& out) {
  CHECK(machines >= 1 && speed > 0);
  std::vector<Request> requests;
  requests.reserve(trace.size());
  for (const Arrival& a : trace)
    requests.push_back({.arrived = a.at_s / speed,
                        .input = static_cast<double>(a.input_tokens),
                        .output = static_cast<double>(std::max<std::int64_t>(a.output_tokens, 1))});
  std::ranges::sort(requests, {}, [](const Request& r) { return std::tuple(r.arrived, r.input, r.output); });
  if (!requests.empty())
    for (const double first = requests.front().arrived; Request & r : requests) r.arrived -= first;

  std::vector<Machine> all(static_cast<std::size_t>(machines), Machine(profile, requests));
  // The machines' next events; one that was overtaken by a change is recognised by its version.
  struct Event {
    double at;
    std::size_t machine;
    std::uint64_t version;
    bool operator>(const Event& other) const { return at > other.at; }
  };
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events;
  std::vector<std::uint64_t> version(all.size());
  const auto schedule = [&](std::size_t m) {
    ++version[m];
    if (const double at = all[m].next_event(); at < INFINITY) events.push({at, m, version[m]});
  };
  std::size_t next = 0, waiting = 0;
  double now = 0;
  while (next < requests.size() || !events.empty()) {
    if (!events.empty() && events.top().version != version[events.top().machine]) {
      events.pop();
      continue;
    }
    if (next < requests.size() && (events.empty() || requests[next].arrived <= events.top().at)) {
      now = requests[next].arrived;
      std::size_t least = 0;
      for (std::size_t m = 1; m < all.size(); ++m)
        if (all[m].load() < all[least].load()) least = m;
      waiting -= all[least].waiting();
      all[least].take(next++, now);
      waiting += all[least].waiting();
      out.most_waiting = std::max(out.most_waiting, static_cast<std::int64_t>(waiting));
      schedule(least);
      continue;
    }
    const Event event = events.top();
    events.pop();
    now = event.at;
    waiting -= all[event.machine].waiting();
    all[event.machine].step(now);
    waiting += all[event.machine].waiting();
    schedule(event.machine);
  }
  out.span_s = now;
  double tokens = 0, busy = 0;
  for (const Request& r : requests) tokens += r.output;
  for (const Machine& m : all) busy += m.busy_s();
  if (now > 0) out.utilisation = tokens / (now * machines * profile.most_tokens_per_s()), out.busy = busy / (now * machines);
  return requests;
}

}  // namespace

Replay replay(const std::vector<Arrival>& trace, const EngineProfile& profile, int machines, double speed) {
  Replay out{.requests = static_cast<std::int64_t>(trace.size())};
  const auto requests = played(trace, profile, machines, speed, out);
  std::vector<double> first, total;
  for (const Request& r : requests) first.push_back(r.first - r.arrived), total.push_back(r.ended - r.arrived);
  out.first_token_s = percentiles(first), out.total_s = percentiles(total);
  return out;
}

namespace {

bool met(const std::vector<Arrival>& trace, const EngineProfile& profile, int machines, double speed, const Target& target, Replay& out) {
  out = replay(trace, profile, machines, speed);
  return meets(out, target);
}

}  // namespace

bool meets(const Replay& r, const Target& target) {
  const auto at = [&](const LatencyPercentiles& p) { return target.at == TargetAt::p50 ? p.p50 : target.at == TargetAt::p95 ? p.p95 : p.p99; };
  return (!target.first_token_s || at(r.first_token_s) <= *target.first_token_s) && (!target.total_s || at(r.total_s) <= *target.total_s);
}

TraceShape shape_of(const std::vector<Arrival>& trace) {
  TraceShape out;
  if (trace.empty()) return out;
  const auto [first, last] = std::ranges::minmax(trace, {}, &Arrival::at_s);
  const double span = std::max(last.at_s - first.at_s, 1.0);
  out.mean_per_s = static_cast<double>(trace.size()) / span;
  // Whole minutes only: a trace's last part of a minute is no quiet minute.
  out.per_minute.assign(std::max<std::size_t>(1, static_cast<std::size_t>(span / 60)), 0);
  for (const Arrival& a : trace)
    if (const auto minute = static_cast<std::size_t>((a.at_s - first.at_s) / 60); minute < out.per_minute.size()) ++out.per_minute[minute];
  double sum = 0;
  for (const double count : out.per_minute) sum += count;
  out.peak_to_mean = sum > 0 ? std::ranges::max(out.per_minute) * static_cast<double>(out.per_minute.size()) / sum : 0;
  return out;
}

std::optional<Sizing> size_for(const std::vector<Arrival>& trace, const EngineProfile& profile, const Target& target, double growth, int most) {
  Sizing out{.shape = shape_of(trace)};
  Replay found;
  // More machines never hurt, so: double until it is met, then halve the distance.
  int high = 1;
  while (!met(trace, profile, high, growth, target, found)) {
    if (high >= most) return {};
    high = std::min(high * 2, most);
  }
  out.at_that = found;
  for (int low = high / 2; low + 1 < high;) {
    const int middle = (low + high) / 2;
    if (met(trace, profile, middle, growth, target, found))
      high = middle, out.at_that = found;
    else
      low = middle;
  }
  out.machines = high;
  // How much slower or faster this trace may arrive for one machine.
  double met_at = 0, not_at = 0;
  for (double speed = 1; speed <= 4096 && not_at == 0; speed *= 2) (met(trace, profile, 1, speed, target, found) ? met_at : not_at) = speed;
  for (double speed = 0.5; met_at == 0 && speed > 1e-4; speed /= 2) (met(trace, profile, 1, speed, target, found) ? met_at : not_at) = speed;
  for (int step = 0; step < 12 && met_at > 0 && not_at > 0; ++step) {
    const double middle = std::sqrt(met_at * not_at);
    (met(trace, profile, 1, middle, target, found) ? met_at : not_at) = middle;
  }
  out.capacity_per_s = met_at * out.shape.mean_per_s;
  return out;
}

double usd_per_million(double usd_per_hour, double tokens_per_s) { return usd_per_hour / (tokens_per_s * 0.0036); }

std::optional<double> crossover_per_s(double usd_per_hour, double usd_per_million_tokens, double tokens_per_request, double most_tokens_per_s) {
  const double needed = usd_per_hour / (0.0036 * usd_per_million_tokens);  // tokens a second
  return needed > most_tokens_per_s ? std::nullopt : std::optional(needed / tokens_per_request);
}

int machines_for(double mean_per_s, double peak_to_mean, double capacity_per_s, int spares) {
  return static_cast<int>(std::ceil(mean_per_s * peak_to_mean / capacity_per_s - 1e-9)) + spares;
}

}  // namespace demarc::planning
