#include "core/voices.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <numeric>
#include <tuple>

#include "base/check.hpp"
#include "base/encode.hpp"

namespace demarc {
namespace {

static_assert(std::endian::native == std::endian::little);
constexpr std::size_t kMostNumbers = 4'096;

double dot(const std::vector<float>& a, const std::vector<float>& b) {
  CHECK(a.size() == b.size());
  std::array<float, 8> sums{};  // side by side, so that the compiler may use vectors
  std::size_t i = 0;
  for (; i + sums.size() <= a.size(); i += sums.size())
    for (std::size_t k = 0; k < sums.size(); ++k) sums[k] += a[i + k] * b[i + k];
  double sum = std::accumulate(sums.begin(), sums.end(), 0.0);
  for (; i < a.size(); ++i) sum += static_cast<double>(a[i]) * b[i];
  return sum;
}

// The mean cosine between each of one group and each of the other, since all of them have length 1.
double likeness(const Voiceprint& a, const Voiceprint& b) { return dot(a.sum, b.sum) / (static_cast<double>(a.count) * b.count); }

struct Merge {
  std::size_t first, second;  // one voice of either group
  double likeness;
};

// Every merge down to one group, by chains of nearest neighbours (Murtagh 1983): n² steps, and for average linkage the merges of the textbook
// algorithm.
std::vector<Merge> all_merges(std::vector<Voiceprint> groups) {
  std::vector<Merge> merges;
  std::vector<std::size_t> open(groups.size()), chain;
  std::iota(open.begin(), open.end(), std::size_t{0});
  while (open.size() > 1) {
    if (chain.empty()) chain.push_back(open.front());
    const std::size_t last = chain.back();
    std::size_t nearest = chain.size() > 1 ? chain[chain.size() - 2] : open.front() == last ? open[1] : open.front();
    double best = likeness(groups[last], groups[nearest]);
    for (const std::size_t other : open)
      if (other != last && other != nearest)
        if (const double one = likeness(groups[last], groups[other]); one > best) best = one, nearest = other;
    if (chain.size() < 2 || nearest != chain[chain.size() - 2]) {
      chain.push_back(nearest);
      continue;
    }
    chain.resize(chain.size() - 2);
    const std::size_t into = std::min(last, nearest), from = std::max(last, nearest);
    merges.push_back({into, from, best});
    add_voice(groups[into], groups[from]);
    std::erase(open, from);
  }
  std::ranges::sort(merges,
                    [](const Merge& a, const Merge& b) { return std::tie(b.likeness, a.first, a.second) < std::tie(a.likeness, b.first, b.second); });
  return merges;
}

std::vector<std::size_t> in_order_of_first(const std::vector<std::size_t>& labels) {
  std::vector<std::size_t> number(labels.size(), labels.size()), out;
  std::size_t next = 0;
  for (const std::size_t label : labels) {
    if (number[label] == labels.size()) number[label] = next++;
    out.push_back(number[label]);
  }
  return out;
}

std::vector<std::size_t> group_block(std::span<const Voiceprint> voices, double alike, std::size_t most) {
  std::vector<std::size_t> leader(voices.size());
  std::iota(leader.begin(), leader.end(), std::size_t{0});
  const auto find = [&](std::size_t i) {
    while (leader[i] != i) i = leader[i] = leader[leader[i]];
    return i;
  };
  std::size_t left = voices.size();
  for (const Merge& merge : all_merges({voices.begin(), voices.end()})) {
    if (merge.likeness < alike && left <= most) break;
    const std::size_t a = find(merge.first), b = find(merge.second);
    leader[std::max(a, b)] = std::min(a, b);
    --left;
  }
  for (std::size_t i = 0; i < leader.size(); ++i) leader[i] = find(i);
  return in_order_of_first(leader);
}

std::vector<Voiceprint> sums_of(std::span<const Voiceprint> voices, const std::vector<std::size_t>& labels) {
  std::vector<Voiceprint> sums;
  for (std::size_t i = 0; i < voices.size(); ++i)
    if (labels[i] == sums.size())
      sums.push_back(voices[i]);
    else
      add_voice(sums[labels[i]], voices[i]);
  return sums;
}

std::vector<std::size_t> without_small(std::span<const Voiceprint> groups, std::uint32_t least) {
  std::vector<std::size_t> out(groups.size());
  std::iota(out.begin(), out.end(), std::size_t{0});
  if (std::ranges::none_of(groups, [&](const Voiceprint& group) { return group.count >= least; })) return out;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (groups[i].count >= least) continue;
    double best = -2;
    for (std::size_t k = 0; k < groups.size(); ++k)
      if (const double one = cosine(groups[i], groups[k]); groups[k].count >= least && one > best) best = one, out[i] = k;
  }
  return in_order_of_first(out);
}

}  // namespace

std::vector<std::size_t> group_voices(std::span<const Voiceprint> voices, const Grouping& grouping) {
  CHECK(grouping.most >= 1);
  std::vector<std::size_t> labels(voices.size());
  std::iota(labels.begin(), labels.end(), std::size_t{0});
  std::span<const Voiceprint> groups = voices;
  std::vector<Voiceprint> sums;
  const auto take = [&](const std::vector<std::size_t>& of_groups) {
    sums = sums_of(groups, of_groups), groups = sums;
    for (std::size_t& label : labels) label = of_groups[label];
  };
  while (groups.size() > kVoiceBlock) {
    std::vector<std::size_t> of_groups;
    std::size_t before = 0;
    for (std::size_t begin = 0; begin < groups.size(); begin += kVoiceBlock) {
      const std::size_t count = std::min(kVoiceBlock, groups.size() - begin);
      // At most half of them stay, whoever speaks: so this ends.
      for (const std::size_t label : group_block(groups.subspan(begin, count), grouping.alike, std::max<std::size_t>(1, count / 2)))
        of_groups.push_back(before + label);
      before = *std::ranges::max_element(of_groups) + 1;
    }
    take(of_groups);
  }
  take(group_block(groups, grouping.alike, groups.size()));
  take(without_small(groups, grouping.least));
  take(group_block(groups, grouping.alike, grouping.most));
  return labels;
}

void add_voice(Voiceprint& to, const Voiceprint& other) {
  CHECK(to.sum.size() == other.sum.size());
  for (std::size_t i = 0; i < to.sum.size(); ++i) to.sum[i] += other.sum[i];
  to.count += other.count;
}

double cosine(const Voiceprint& a, const Voiceprint& b) {
  const double lengths = std::sqrt(dot(a.sum, a.sum) * dot(b.sum, b.sum));
  return lengths > 0 ? dot(a.sum, b.sum) / lengths : 0;
}

std::string speaker_name(std::size_t index) {
  CHECK(index < kMostSpeakers);
  return {static_cast<char>('A' + index)};
}

std::string print_voiceprint(const Voiceprint& voice) {
  return to_base64(std::string_view(reinterpret_cast<const char*>(voice.sum.data()), voice.sum.size() * sizeof(float)));
}

std::optional<std::vector<float>> read_voiceprint(std::string_view text) {
  if (text.size() > 8 * kMostNumbers) return {};
  const auto bytes = from_base64(text);
  if (!bytes || bytes->empty() || bytes->size() % sizeof(float) != 0 || bytes->size() > kMostNumbers * sizeof(float)) return {};
  std::vector<float> out(bytes->size() / sizeof(float));
  std::memcpy(out.data(), bytes->data(), bytes->size());
  if (!std::ranges::all_of(out, [](float number) { return std::isfinite(number) && std::abs(number) < 1e7F; })) return {};
  return out;
}

}  // namespace demarc
