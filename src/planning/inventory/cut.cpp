// Where a histogram of requests falls into parts. A valley counts where it is a quarter of the lower of the heaps beside it at most, after smoothing,
// and both sides have a twentieth of the requests and fifty of them; token counts have to be apart by half an octave and a factor of about three
// between the heaps, so that the tail of one use is not taken for another.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "planning/inventory/parts.hpp"

namespace demarc::planning {
namespace {

constexpr std::int64_t kLeastGroup = 200, kLeastPart = 50;
constexpr double kLeastShare = 0.05, kDeepest = 0.25;
constexpr double kAsClear = 0.05;  // valleys that differ by less are as deep
constexpr int kLeastApart = 6;     // quarters of an octave between the heaps: 2.8 times
constexpr int kMostCuts = 4;       // one below the other

using Shapes = std::vector<const Shape*>;

struct Found {  // a cut in two
  Condition inside;
  double valley = 1;  // against the lower heap
};

std::int64_t sum_of(const Shapes& cells) {
  std::int64_t sum = 0;
  for (const Shape* cell : cells) sum += cell->requests;
  return sum;
}

int value_of(const Shape& cell, Measure measure) {
  return measure == Measure::input ? cell.input : measure == Measure::output ? cell.output : cell.hour;
}

bool holds(const Condition& c, const Shape& cell) {
  if (c.measure == Measure::operation) return (cell.operation == c.word) == c.equal;
  const int value = value_of(cell, c.measure);
  return c.from <= c.to ? value >= c.from && value <= c.to : value >= c.from || value <= c.to;  // an arc of hours may pass midnight
}

Condition opposite(const Condition& c) {
  Condition out = c;
  if (c.measure == Measure::operation) return out.equal = !c.equal, out;
  if (c.measure == Measure::hour) return out.from = (c.to + 1) % 24, out.to = (c.from + 23) % 24, out;
  if (c.from == 0) return out.from = c.to + 1, out.to = kMostOctaves, out;
  return out.from = 0, out.to = c.from - 1, out;
}

// Neighbours weigh in, so that a gap between two bins that chance left empty is no valley.
std::vector<double> smoothed(const std::vector<double>& of) {
  constexpr std::array<double, 5> kWeights = {1, 2, 3, 2, 1};
  std::vector<double> out(of.size());
  for (std::size_t i = 0; i < of.size(); ++i)
    for (std::size_t k = 0; k < kWeights.size(); ++k)
      if (i + k >= 2 && i + k - 2 < of.size()) out[i] += of[i + k - 2] * kWeights.at(k) / 9;
  return out;
}

std::optional<Found> cut_operation(const Shapes& cells, std::int64_t least) {
  std::map<std::string, std::int64_t> counts;
  for (const Shape* cell : cells) counts[cell->operation] += cell->requests;
  counts.erase("");
  if (counts.size() < 2) return {};
  const auto most = std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; });
  const std::int64_t all = sum_of(cells);
  if (most->second < least || all - most->second < least) return {};
  return Found{{.measure = Measure::operation, .word = most->first}, 0};
}

std::optional<Found> cut_tokens(const Shapes& cells, Measure measure, std::int64_t least) {
  std::vector<double> counts(kMostOctaves + 1);
  for (const Shape* cell : cells) counts[static_cast<std::size_t>(value_of(*cell, measure))] += static_cast<double>(cell->requests);
  const std::vector<double> heap = smoothed(counts);
  const auto n = static_cast<int>(heap.size());
  std::vector<double> below(heap.size() + 1), left(heap.size()), right(heap.size());  // sums; the highest on either side
  std::vector<int> left_at(heap.size()), right_at(heap.size());
  for (std::size_t i = 0; i < heap.size(); ++i) below[i + 1] = below[i] + counts[i];
  for (std::size_t i = 0; i < heap.size(); ++i) {
    const bool higher = i == 0 || heap[i] > left[i - 1];
    left[i] = higher ? heap[i] : left[i - 1], left_at[i] = higher ? static_cast<int>(i) : left_at[i - 1];
  }
  for (std::size_t i = heap.size(); i-- > 0;) {
    const bool higher = i + 1 == heap.size() || heap[i] > right[i + 1];
    right[i] = higher ? heap[i] : right[i + 1], right_at[i] = higher ? static_cast<int>(i) : right_at[i + 1];
  }
  std::optional<Found> best;
  int first = 0, last = 0;  // of the bottom of the best valley: the cut lies in its middle
  for (int i = 1; i + 1 < n; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const double low = std::min(left[at - 1], right[at + 1]);
    if (low <= 0 || right_at[at + 1] - left_at[at - 1] < kLeastApart) continue;
    if (below[at + 1] < static_cast<double>(least) || below.back() - below[at + 1] < static_cast<double>(least)) continue;
    const double valley = heap[at] / low;
    if (valley > kDeepest || (best && valley > best->valley)) continue;
    if (best && valley == best->valley && last == i - 1) {
      last = i;
    } else if (!best || valley < best->valley) {
      first = last = i;
    }
    best = Found{{.measure = measure, .from = 0, .to = (first + last) / 2}, valley};
  }
  return best;
}

std::optional<Found> cut_hours(const Shapes& cells, std::int64_t least) {
  std::vector<double> counts(24);
  for (const Shape* cell : cells) counts[static_cast<std::size_t>(cell->hour)] += static_cast<double>(cell->requests);
  const double all = static_cast<double>(sum_of(cells));
  std::optional<Found> best;
  // Every arc of up to twelve hours: the highest of the hours at its edges against the lower of its own peak and the rest's.
  for (int length = 1; length <= 12; ++length)
    for (int from = 0; from < 24; ++from) {
      double inside = 0, peak = 0, other_peak = 0;
      for (int k = 0; k < 24; ++k) {
        const double count = counts[static_cast<std::size_t>((from + k) % 24)];
        if (k < length)
          inside += count, peak = std::max(peak, count);
        else
          other_peak = std::max(other_peak, count);
      }
      double edge = 0;  // two hours on each side: one quiet hour is a lunch
      for (const int outside : {from + 22, from + 23, from + length, from + length + 1})
        edge = std::max(edge, counts[static_cast<std::size_t>(outside % 24)]);
      if (inside < static_cast<double>(least) || all - inside < static_cast<double>(least)) continue;
      const double valley = edge / std::min(peak, other_peak);
      if (valley > kDeepest || (best && valley >= best->valley)) continue;  // the shortest arc of equal ones
      best = Found{{.measure = Measure::hour, .from = from, .to = (from + length - 1) % 24}, valley};
    }
  return best;
}

std::string grouped(std::int64_t number) {
  std::string out = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(out.size()) - 3; at > 0; at -= 3) out.insert(static_cast<std::size_t>(at), ",");
  return out;
}

// Several conditions on one measure are one interval.
std::vector<Condition> merged(const std::vector<Condition>& conditions) {
  std::vector<Condition> out;
  for (const Condition& c : conditions) {
    const bool tokens = c.measure == Measure::input || c.measure == Measure::output;
    const auto before = std::ranges::find(out, c.measure, &Condition::measure);
    if (tokens && before != out.end())
      before->from = std::max(before->from, c.from), before->to = std::min(before->to, c.to);
    else
      out.push_back(c);
  }
  return out;
}

std::string says(const Condition& c) {
  const std::string things = c.measure == Measure::input ? "prompts" : "answers";
  switch (c.measure) {
    case Measure::operation: return (c.equal ? "" : "not ") + c.word;
    case Measure::hour: return "between " + std::to_string(c.from) + " and " + std::to_string((c.to + 1) % 24) + " o'clock UTC";
    case Measure::input:
    case Measure::output:
      if (c.from == 0) return things + " of up to " + grouped(tokens_of(c.to)) + " tokens";
      if (c.to >= kMostOctaves) return things + " of more than " + grouped(tokens_of(c.from - 1)) + " tokens";
      return things + " of " + grouped(tokens_of(c.from - 1) + 1) + " to " + grouped(tokens_of(c.to)) + " tokens";
  }
  return {};
}

std::string word_of(const Condition& c) {
  switch (c.measure) {
    case Measure::operation: return c.equal ? c.word : "other";
    case Measure::hour: return "at-" + std::to_string(c.from) + "h";
    case Measure::input: return c.from == 0 ? "short" : c.to >= kMostOctaves ? "long" : "medium";
    case Measure::output: return c.from == 0 ? "brief" : c.to >= kMostOctaves ? "wordy" : "plain";
  }
  return {};
}

void cut_in_two(const Shapes& cells, std::int64_t least, std::vector<Condition> so_far, std::vector<Part>& out) {
  std::optional<Found> best;
  if (so_far.size() < kMostCuts) {
    best = cut_operation(cells, least);  // what is done tells more than how long it is
    if (!best)
      for (const auto& found : {cut_tokens(cells, Measure::input, least), cut_tokens(cells, Measure::output, least), cut_hours(cells, least)})
        if (found && (!best || found->valley < best->valley - kAsClear)) best = found;  // prompts before answers before hours
  }
  if (!best) {
    Part part{.conditions = merged(so_far), .requests = sum_of(cells)};
    for (const Condition& c : part.conditions) {
      part.name += (part.name.empty() ? "" : "-") + word_of(c);
      part.says += (part.says.empty() ? "" : ", ") + says(c);
    }
    out.push_back(std::move(part));
    return;
  }
  for (const Condition& side : {best->inside, opposite(best->inside)}) {
    Shapes inside;
    for (const Shape* cell : cells)
      if (holds(side, *cell)) inside.push_back(cell);
    std::vector<Condition> conditions = so_far;
    conditions.push_back(side);
    // "not chat" is "ocr" where that is all there is.
    const auto same = [&](const Shape* cell) { return cell->operation == inside.front()->operation; };
    if (side.measure == Measure::operation && !side.equal && !inside.front()->operation.empty() && std::ranges::all_of(inside, same))
      conditions.back() = {.measure = Measure::operation, .word = inside.front()->operation};
    cut_in_two(inside, least, std::move(conditions), out);
  }
}

}  // namespace

std::string_view to_string(Measure measure) {
  switch (measure) {
    case Measure::operation: return "operation";
    case Measure::input: return "input";
    case Measure::output: return "output";
    case Measure::hour: return "hour";
  }
  return "";
}

int quarter_octave(std::int64_t tokens) {
  if (tokens < 1) return 0;
  return std::min(kMostOctaves, static_cast<int>(std::floor(4 * std::log2(static_cast<double>(tokens)) + 1e-9)));
}

std::int64_t tokens_of(int quarter) { return static_cast<std::int64_t>(std::ceil(std::exp2((quarter + 1) / 4.0) - 1e-9)) - 1; }

std::vector<Part> cut(const std::vector<Shape>& cells) {
  Shapes all;
  for (const Shape& cell : cells) all.push_back(&cell);
  const std::int64_t requests = sum_of(all);
  if (requests < kLeastGroup) return {};
  std::vector<Part> out;
  cut_in_two(all, std::max(kLeastPart, static_cast<std::int64_t>(std::ceil(kLeastShare * static_cast<double>(requests)))), {}, out);
  if (out.size() < 2) return {};
  std::map<std::string, int> names;  // two parts of one name are numbered, from the second on
  for (Part& part : out)
    if (const int n = ++names[part.name]; n > 1) part.name += "-" + std::to_string(n);
  return out;
}

}  // namespace demarc::planning
