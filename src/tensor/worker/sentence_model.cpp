#include "tensor/worker/sentence_model.hpp"

#include <simdjson.h>

#include <filesystem>

#include "base/check.hpp"
#include "tensor/worker/labels.hpp"

namespace demarc::tensor::worker {
namespace {

constexpr std::size_t kLongestInput = 8'192;

Result<std::size_t, std::string> longest_of(const std::string& folder) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  std::uint64_t positions = 0;
  if (parser.load(folder + "/config.json").get(root) != simdjson::SUCCESS || root["max_position_embeddings"].get(positions) != simdjson::SUCCESS)
    return fail(folder + "/config.json: no \"max_position_embeddings\"");
  if (positions < 16 || positions > kLongestInput) return fail(folder + "/config.json: \"max_position_embeddings\" is not between 16 and 8192");
  return static_cast<std::size_t>(positions);
}

// As sentence-transformers writes it; without the file it is the mean.
Result<Pooling, std::string> pooling_of(const std::string& folder) {
  const std::string path = folder + "/1_Pooling/config.json";
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return Pooling::mean;
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.load(path).get(root) != simdjson::SUCCESS) return fail(path + ": not a readable JSON file");
  const auto is = [&](const char* key) {
    bool yes = false;
    return root[key].get(yes) == simdjson::SUCCESS && yes;
  };
  if (is("pooling_mode_cls_token")) return Pooling::first;
  if (is("pooling_mode_mean_tokens")) return Pooling::mean;
  return fail(path + ": only the mean and the first token are known here");
}

}  // namespace

Result<std::unique_ptr<SentenceModel>, std::string> SentenceModel::load(const std::string& folder, std::size_t threads) {
  const std::size_t longest = TRY(longest_of(folder));
  const Pooling pooling = TRY(pooling_of(folder));
  WordPiece words = TRY(WordPiece::read(folder + "/vocab.txt", TRY(letters_of(folder + "/tokenizer_config.json"))));
  auto network = TRY(Network::load(TRY(weights_of(folder)), {.threads = threads}));
  SentenceWords with_limits(std::move(words), longest, network->width());
  std::unique_ptr<SentenceModel> model(new SentenceModel(std::move(with_limits), std::move(network)));
  model->pooling_ = pooling;
  return model;
}

std::vector<float> SentenceModel::pool(std::span<const float> tokens, std::size_t length) const {
  const std::size_t width = this->width();
  CHECK(length > 0 && tokens.size() >= length * width);
  std::vector<float> out(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(width));
  if (pooling_ == Pooling::mean)
    for (std::size_t t = 1; t < length; ++t)
      for (std::size_t i = 0; i < width; ++i) out[i] += tokens[t * width + i];
  normalise(out);  // the mean's factor goes with it
  return out;
}

}  // namespace demarc::tensor::worker
