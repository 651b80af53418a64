#include "models/bert_parts.hpp"

#include <simdjson.h>

#include <string_view>
#include <utility>

#include "models/disk.hpp"

namespace demarc::models {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kMaxConfigBytes = 1 << 20, kMaxTokenizerBytes = 64 << 20, kMaxTokens = 1'000'000, kMaxLayers = 200;

Failure<ModelError> bad(std::string_view what) { return fail(ModelError{ModelErrorKind::bad_weights, std::string(what)}); }

ModelResult<std::set<std::uint64_t>> special_ids(simdjson::dom::element json) {
  simdjson::dom::array added;
  if (json["added_tokens"].get(added) != simdjson::SUCCESS) return bad("tokenizer.json: no added_tokens");
  std::set<std::uint64_t> ids;
  for (const simdjson::dom::element token : added) {
    std::uint64_t id = 0;
    bool special = false;
    if (token["id"].get(id) != simdjson::SUCCESS || token["special"].get(special) != simdjson::SUCCESS)
      return bad("tokenizer.json: bad added_tokens");
    if (special) ids.insert(id);
  }
  return ids;
}

ModelResult<std::vector<std::string>> tokens_by_id(simdjson::dom::element json) {
  simdjson::dom::object entries;
  if (json["model"]["vocab"].get(entries) != simdjson::SUCCESS) return bad("tokenizer.json: no vocabulary");
  std::uint64_t count = 0;
  for ([[maybe_unused]] const auto& entry : entries)
    if (++count > kMaxTokens) return bad("tokenizer.json: too many tokens");
  std::vector<std::string> tokens(count);
  std::vector<bool> seen(count);
  for (const auto& [token, value] : entries) {
    std::uint64_t id = 0;
    if (value.get(id) != simdjson::SUCCESS || id >= count || seen[id]) return bad("tokenizer.json: the token ids are not 0, 1, 2, …");
    tokens[id] = token, seen[id] = true;
  }
  return tokens;
}

}  // namespace

ModelResult<BertConfig> read_bert_config(const fs::path& file) {
  const std::string text = TRY(read_small_file(file, kMaxConfigBytes));
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  if (parser.parse(text).get(json) != simdjson::SUCCESS) return bad("config.json is not JSON");
  BertConfig config;
  const std::pair<const char*, std::uint32_t*> wanted[] = {{"num_hidden_layers", &config.layers},  {"max_position_embeddings", &config.positions},
                                                           {"hidden_size", &config.width},         {"intermediate_size", &config.feed_forward},
                                                           {"num_attention_heads", &config.heads}, {"type_vocab_size", &config.token_types}};
  for (const auto& [key, into] : wanted) {
    std::uint64_t number = 0;
    if (json[key].get(number) != simdjson::SUCCESS || number == 0 || number > kMaxTokens) return bad("config.json: bad " + std::string(key));
    *into = static_cast<std::uint32_t>(number);
  }
  double epsilon = 0;
  if (json["layer_norm_eps"].get(epsilon) != simdjson::SUCCESS) return bad("config.json: bad layer_norm_eps");
  if (config.layers > kMaxLayers) return bad("config.json: too many layers");
  config.epsilon = static_cast<float>(epsilon);
  return config;
}

ModelResult<BertTokens> read_bert_tokens(const fs::path& file) {
  const std::string text = TRY(read_small_file(file, kMaxTokenizerBytes));
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  if (parser.parse(text).get(json) != simdjson::SUCCESS) return bad("tokenizer.json is not JSON");
  BertTokens tokens;
  tokens.by_id = TRY(tokens_by_id(json));
  tokens.special = TRY(special_ids(json));
  return tokens;
}

}  // namespace demarc::models
