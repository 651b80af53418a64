#include "tensor/tagger/tagger.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "tensor/tagger/features.hpp"
#include "tensor/tagger/format.hpp"

namespace demarc::tensor::tagger {
namespace {

constexpr std::size_t kPieceWords = 400;  // read at once: bounds the memory of a long text; pieces end where a line or a sentence ends if they can

bool has_letter_or_digit(const Word& word) { return word.shape.find_first_of("Xxd") != std::string::npos; }

bool ends_sentence(const std::vector<Word>& words, std::size_t i) {
  return words[i].shape == "." || (i + 1 < words.size() && words[i + 1].lines_before > 0);
}

// Words of an e-mail address or a URL: patterns find those, whole.
std::vector<bool> in_addresses(const std::vector<Word>& words) {
  std::vector<bool> out(words.size());
  for (std::size_t from = 0; from < words.size();) {
    std::size_t to = from + 1;
    while (to < words.size() && words[to].glued) ++to;
    bool address = false;
    for (std::size_t i = from + 1; i + 1 < to; ++i)
      address = address || (words[i].shape == "@" && has_letter_or_digit(words[i - 1])) || (words[i].shape == "/" && words[i - 1].shape == "/");
    std::fill(out.begin() + static_cast<std::ptrdiff_t>(from), out.begin() + static_cast<std::ptrdiff_t>(to), address);
    from = to;
  }
  return out;
}

// Between two words of one name: "Jean-Luc O'Neil", "Smith & Sons, Inc."
bool only_joins(std::string_view between) {
  return between.size() <= 4 && between.find_first_not_of(" \t\r\n,.-'&/") == std::string_view::npos && std::ranges::count(between, '\n') <= 1;
}

}  // namespace

Result<Tagger, std::string> Tagger::make(std::string_view weights) {
  Header header;
  if (weights.size() < sizeof header) return fail(std::string("too short"));
  std::memcpy(&header, weights.data(), sizeof header);
  if (header.magic != kMagic || header.labels != kLabels || !std::has_single_bit(header.buckets) ||
      weights.size() != sizeof header + std::size_t{header.buckets} * kLabels)
    return fail(std::string("not weights of this version"));
  Tagger out;
  out.buckets_ = header.buckets;
  out.unit_ = header.unit;
  out.transitions_ = header.transitions;
  out.weights_ = reinterpret_cast<const std::int8_t*>(weights.data()) + sizeof header;
  return out;
}

std::vector<Tagged> Tagger::read(std::string_view utf8, const Least& least) const {
  std::vector<Tagged> out;
  const std::vector<Word> words = split_words(utf8);
  std::vector<float> probabilities;
  for (std::size_t from = 0; from < words.size();) {
    std::size_t to = std::min(from + kPieceWords, words.size());
    if (to < words.size())
      for (std::size_t cut = to; cut > from + kPieceWords / 2; --cut)
        if (ends_sentence(words, cut - 1)) {
          to = cut;
          break;
        }
    const std::vector<Word> piece(words.begin() + static_cast<std::ptrdiff_t>(from), words.begin() + static_cast<std::ptrdiff_t>(to));
    const Features features = features_of(piece, buckets_);
    std::vector<float> scores(piece.size() * kLabels, 0);
    for (std::size_t w = 0; w < piece.size(); ++w) {
      std::array<int, kLabels> sums{};
      for (const std::uint32_t bucket : features.of(w))
        for (std::size_t y = 0; y < kLabels; ++y) sums[y] += weights_[std::size_t{bucket} * kLabels + y];
      for (std::size_t y = 0; y < kLabels; ++y) scores[w * kLabels + y] = static_cast<float>(sums[y]) * unit_;
    }
    const Chain chain = read_chain(scores, transitions_);
    probabilities.insert(probabilities.end(), chain.of.begin(), chain.of.end());
    from = to;
  }

  const std::vector<bool> address = in_addresses(words);
  float count = 0;
  for (std::size_t w = 0; w < words.size(); ++w) {
    if (address[w] || !has_letter_or_digit(words[w])) continue;
    const float* of = probabilities.data() + w * kLabels;
    std::size_t best = kTypes.size();
    float most = 0;
    for (std::size_t t = 0; t < kTypes.size(); ++t)
      if (const float p = of[begins(t)] + of[goes_on(t)]; p >= least[t] && p > most) best = t, most = p;
    if (best == kTypes.size()) continue;
    const bool goes = !out.empty() && out.back().type == best && of[goes_on(best)] >= of[begins(best)] &&
                      only_joins(utf8.substr(out.back().end, words[w].begin - out.back().end));
    if (!goes) out.push_back({best, words[w].begin, words[w].end, 0}), count = 0;
    Tagged& last = out.back();
    last.end = words[w].end;
    last.score = (last.score * count + most) / (count + 1);
    ++count;
  }
  return out;
}

}  // namespace demarc::tensor::tagger
