// Trains the tagger of names (src/tensor/tagger) on texts with labels.
//
//   train_names TRAIN.jsonl WEIGHTS [EPOCHS]            writes the weights
//   train_names --read WEIGHTS SET.jsonl LEAST,…        prints SET's rows with what the tagger finds: {"findings": [{"start", "end", "type"}]}
//
// A row: {"text", "spans": [{"start", "end", "type"}]}, offsets in bytes here (compose.py makes them). A conditional random field, by AdaGrad on its
// log likelihood with weight decay; a share of the names is hidden in each pass, so that it learns what stands around them. The same input and seed
// give the same weights on one machine.
#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <numeric>
#include <random>
#include <sstream>

#include "tensor/tagger/features.hpp"
#include "tensor/tagger/format.hpp"
#include "tensor/tagger/tagger.hpp"

namespace demarc::tensor::tagger {
namespace {

constexpr std::uint32_t kBuckets = 1U << 18U;
constexpr float kRate = 0.1F, kDecay = 2e-6F, kHideName = 0.35F, kHideOther = 0.05F;

struct Row {
  std::string text;
  std::vector<Word> words;
  std::vector<std::size_t> labels;
};

std::size_t type_of(std::string_view name) { return static_cast<std::size_t>(std::ranges::find(kTypes, name) - kTypes.begin()); }

std::vector<Row> read_rows(const char* path) {
  std::vector<Row> out;
  simdjson::dom::parser parser;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const simdjson::dom::element root = parser.parse(line);
    Row row{.text = std::string(std::string_view(root["text"])), .words = {}, .labels = {}};
    row.words = split_words(row.text);
    row.labels.assign(row.words.size(), 0);
    for (const simdjson::dom::element span : simdjson::dom::array(root["spans"])) {
      const std::uint64_t begin = span["start"], end = span["end"];
      const std::size_t type = type_of(std::string_view(span["type"]));
      if (type == kTypes.size()) continue;
      bool first = true;
      for (std::size_t w = 0; w < row.words.size(); ++w)
        if (row.words[w].begin < end && begin < row.words[w].end) row.labels[w] = first ? begins(type) : goes_on(type), first = false;
    }
    out.push_back(std::move(row));
  }
  return out;
}

struct Model {
  std::vector<float> weights = std::vector<float>(std::size_t{kBuckets} * kLabels), squares = weights;
  Transitions transitions{}, transition_squares{};

  double learn(const Row& row, std::mt19937& random) {
    std::uniform_real_distribution<float> chance;
    const Features features =
        features_of(row.words, kBuckets, [&](std::size_t w) { return chance(random) < (row.labels[w] != 0 ? kHideName : kHideOther); });
    std::vector<float> scores(row.words.size() * kLabels, 0);
    for (std::size_t w = 0; w < row.words.size(); ++w)
      for (const std::uint32_t bucket : features.of(w))
        for (std::size_t y = 0; y < kLabels; ++y) scores[w * kLabels + y] += weights[std::size_t{bucket} * kLabels + y];
    const Chain chain = read_chain(scores, transitions, true);
    double loss = 0;
    for (std::size_t w = 0; w < row.words.size(); ++w) {
      std::array<float, kLabels> slope{};
      for (std::size_t y = 0; y < kLabels; ++y) slope[y] = chain.of[w * kLabels + y] - (row.labels[w] == y ? 1.0F : 0.0F);
      loss -= std::log(std::max(1e-9F, chain.of[w * kLabels + row.labels[w]]));
      for (const std::uint32_t bucket : features.of(w))
        for (std::size_t y = 0; y < kLabels; ++y) {
          const std::size_t at = std::size_t{bucket} * kLabels + y;
          move(weights[at], squares[at], slope[y] + kDecay * weights[at]);
        }
      learn_step(row, chain, w);
    }
    return loss;
  }

 private:
  static void move(float& weight, float& square, float slope) {
    square += slope * slope;
    weight -= kRate * slope / (std::sqrt(square) + 1e-3F);
  }
  void learn_step(const Row& row, const Chain& chain, std::size_t w) {
    for (std::size_t y = 0; y < kLabels; ++y) {
      if (w == 0) {
        const std::size_t at = kLabels * kLabels + y;
        move(transitions[at], transition_squares[at], chain.of[y] - (row.labels[0] == y ? 1.0F : 0.0F));
        continue;
      }
      for (std::size_t x = 0; x < kLabels; ++x) {
        const float wanted = row.labels[w - 1] == x && row.labels[w] == y ? 1.0F : 0.0F;
        move(transitions[x * kLabels + y], transition_squares[x * kLabels + y], chain.pairs[(w * kLabels + x) * kLabels + y] - wanted);
      }
    }
  }
};

void write(const Model& model, const char* path) {
  Header header{.buckets = kBuckets, .transitions = model.transitions};
  float most = 0;
  for (const float weight : model.weights) most = std::max(most, std::fabs(weight));
  header.unit = most / 127;
  std::vector<std::int8_t> bytes;
  for (const float weight : model.weights) bytes.push_back(static_cast<std::int8_t>(std::lround(weight / header.unit)));
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(&header), sizeof header);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

int train(const char* from, const char* to, int epochs) {
  const std::vector<Row> rows = read_rows(from);
  std::vector<std::size_t> order(rows.size());
  std::iota(order.begin(), order.end(), 0U);
  std::mt19937 random(20261128);
  Model model;
  for (int epoch = 0; epoch < epochs; ++epoch) {
    std::ranges::shuffle(order, random);
    double loss = 0;
    std::size_t words = 0;
    for (const std::size_t i : order) loss += model.learn(rows[i], random), words += rows[i].words.size();
    std::printf("pass %d: loss a word %.4f\n", epoch + 1, loss / static_cast<double>(words));
    std::fflush(stdout);
  }
  write(model, to);
  return 0;
}

int read(const char* weights_path, const char* set, const char* least_text) {
  std::ifstream file(weights_path, std::ios::binary);
  const std::string weights((std::istreambuf_iterator<char>(file)), {});
  const auto tagger = Tagger::make(weights);
  if (!tagger) return std::fprintf(stderr, "%s: %s\n", weights_path, tagger.error().c_str()), 1;
  Least least{};
  std::istringstream numbers(least_text);
  char comma = 0;
  for (float& number : least) numbers >> number >> comma;
  for (const Row& row : read_rows(set)) {
    std::printf("[");
    const char* between = "";
    for (const Tagged& found : tagger->read(row.text, least)) {
      std::printf("%s{\"start\":%u,\"end\":%u,\"type\":\"%s\",\"score\":%.3f}", between, found.begin, found.end,
                  std::string(kTypes[found.type]).c_str(), static_cast<double>(found.score));
      between = ",";
    }
    std::printf("]\n");
  }
  return 0;
}

}  // namespace
}  // namespace demarc::tensor::tagger

int main(int count, char** arguments) {
  using namespace demarc::tensor::tagger;
  if (count == 5 && std::string_view(arguments[1]) == "--read") return read(arguments[2], arguments[3], arguments[4]);
  if (count == 3 || count == 4) return train(arguments[1], arguments[2], count == 4 ? std::atoi(arguments[3]) : 8);
  std::fprintf(stderr, "usage: train_names TRAIN.jsonl WEIGHTS [PASSES] | train_names --read WEIGHTS SET.jsonl LEAST,…\n");
  return 2;
}
