// What a BERT model's folder says of it as its publisher ships it: its sizes and its vocabulary. Read by everything that makes an engine's file of
// it.
//
//   const BertConfig config = TRY(read_bert_config(folder / "config.json"));
//   const BertTokens tokens = TRY(read_bert_tokens(folder / "tokenizer.json"));     // tokens.by_id[101] == "[CLS]"
//
// Bytes from outside: every number is limited. Any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "models/error.hpp"

namespace demarc::models {

struct BertConfig {
  std::uint32_t layers = 0, positions = 0, width = 0, feed_forward = 0, heads = 0, token_types = 0;
  float epsilon = 0;
};
ModelResult<BertConfig> read_bert_config(const std::filesystem::path& file);

struct BertTokens {
  std::vector<std::string> by_id;
  std::set<std::uint64_t> special;  // ids of [CLS] and its like
};
ModelResult<BertTokens> read_bert_tokens(const std::filesystem::path& file);

}  // namespace demarc::models
