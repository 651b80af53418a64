#include "tensor/tagger/features.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_set>

namespace demarc::tensor::tagger {
namespace {

using Hash = std::uint64_t;

constexpr Hash kSeed = 0x9E3779B97F4A7C15ULL, kPrime = 0x100000001B3ULL;

Hash mixed(Hash h) {
  h ^= h >> 32U;
  h *= 0xD6E8FEB86659FD93ULL;
  return h ^ (h >> 32U);
}

constexpr Hash kHidden = 0;  // of a word that must not be read: what it takes part in is no feature
Hash joined(Hash a, Hash b) { return a == kHidden || b == kHidden ? kHidden : mixed(a * kPrime ^ b); }

template <class Text>
Hash hash_of(const Text& text) {
  Hash h = kSeed;
  for (const auto c : text) h = (h ^ static_cast<Hash>(c)) * kPrime;
  return mixed(h);
}

// What is hashed once a word and used by its neighbours too.
struct Seen {
  Hash small, shape, short_shape, ending;
  bool named = false;  // begins with a capital
};

constexpr Seen kOutside{.small = 1, .shape = 2, .short_shape = 3, .ending = 4};

class Reader {
 public:
  Reader(const std::vector<Word>& words, std::uint32_t buckets, const std::function<bool(std::size_t)>& unknown) : words_(words), buckets_(buckets) {
    for (std::size_t i = 0; i < words.size(); ++i) {
      const Word& word = words[i];
      const bool hidden = unknown && unknown(i);
      const std::u32string_view small = word.small;
      seen_.push_back({.small = hidden ? kHidden : hash_of(small),
                       .shape = hash_of(std::string_view(word.shape).substr(0, 6)),
                       .short_shape = hash_of(word.short_shape),
                       .ending = hidden ? kHidden : hash_of(small.substr(small.size() - std::min<std::size_t>(3, small.size()))),
                       .named = word.shape[0] == 'X'});
      hidden_.push_back(hidden);
      if (word.shape[0] == 'x' && small.size() > 2) plain_.insert(hash_of(small));
    }
  }

  Features read() {
    Features out;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      read_word(i, out);
      out.ends.push_back(static_cast<std::uint32_t>(out.buckets.size()));
    }
    return out;
  }

 private:
  const Seen& at(std::ptrdiff_t i) const {
    return i < 0 || i >= static_cast<std::ptrdiff_t>(seen_.size()) ? kOutside : seen_[static_cast<std::size_t>(i)];
  }
  bool begins_sentence(std::size_t i) const {
    if (i == 0 || words_[i].lines_before > 0) return true;
    const std::string& before = words_[i - 1].shape;
    return before == "." || before == "!" || before == "?" || before == ":" || before == "\"";
  }

  void read_word(std::size_t index, Features& out) const {
    const auto i = static_cast<std::ptrdiff_t>(index);
    const Word& word = words_[index];
    const Seen& here = seen_[index];
    Hash number = 0;
    const auto put = [&](Hash a, Hash b = 1) {
      const Hash h = joined(joined(++number, a), b);
      if (h != kHidden) out.buckets.push_back(static_cast<std::uint32_t>(h) & (buckets_ - 1));
    };
    const bool first = begins_sentence(index);
    put(1);
    put(here.small);
    put(here.small, here.short_shape);
    put(here.shape), put(here.short_shape), put(here.short_shape, first ? 1 : 2);
    put(std::min<std::size_t>(word.small.size(), 8), here.named ? 1 : 2);
    put(word.lines_before + 1U, word.glued ? 1 : 2);
    put(here.named && plain_.contains(here.small) ? 1 : 2);
    // Around it.
    for (const std::ptrdiff_t step : {-3, -2, -1, 1, 2, 3}) put(at(i + step).small);
    for (const std::ptrdiff_t step : {-2, -1, 1, 2}) put(at(i + step).short_shape, here.short_shape);
    for (const std::ptrdiff_t step : {-1, 1}) put(at(i + step).ending, here.short_shape);
    put(at(i - 1).small, here.short_shape), put(at(i + 1).small, here.short_shape);
    put(at(i - 1).small, here.small), put(here.small, at(i + 1).small);
    put(at(i - 2).small, at(i - 1).small), put(at(i + 1).small, at(i + 2).small), put(at(i - 1).small, at(i + 1).small);
    put(joined(at(i - 3).small, at(i - 2).small), at(i - 1).small);
    put(joined(at(i - 1).short_shape, here.short_shape), at(i + 1).short_shape);
    put(joined(at(i - 2).short_shape, at(i - 1).short_shape), here.short_shape);
    put(joined(here.short_shape, at(i + 1).short_shape), at(i + 2).short_shape);
    // The nearest word to the left and to the right that is no part of a run of capitals: "said [Mary Ann Smith] of [the]".
    put(nearest(i, -1), here.short_shape), put(nearest(i, 1), here.short_shape);
    put(nearest(i, -1), nearest(i, 1));
    if (hidden_[index]) return;
    const std::u32string_view small = word.small;
    for (std::size_t n = 1; n <= 5; ++n) {
      const std::size_t take = std::min(n, small.size());
      put(hash_of(small.substr(0, take)), here.named ? 1 : 2), put(hash_of(small.substr(small.size() - take)), here.named ? 1 : 2);
    }
  }

  Hash nearest(std::ptrdiff_t i, std::ptrdiff_t step) const {
    constexpr int kMostSteps = 5;
    for (int n = 0; n < kMostSteps; ++n) {
      i += step;
      if (!at(i).named) return joined(at(i).small, static_cast<Hash>(std::min(n, 3)) + 1);
    }
    return 7;
  }

  const std::vector<Word>& words_;
  std::uint32_t buckets_;
  std::vector<Seen> seen_;
  std::vector<bool> hidden_;
  std::unordered_set<Hash> plain_;  // words that stand in small letters somewhere in the text
};

}  // namespace

Features features_of(const std::vector<Word>& words, std::uint32_t buckets, const std::function<bool(std::size_t)>& unknown) {
  return Reader(words, buckets, unknown).read();
}

}  // namespace demarc::tensor::tagger
