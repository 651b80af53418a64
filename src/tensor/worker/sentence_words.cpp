#include "tensor/worker/sentence_words.hpp"

#include <algorithm>
#include <cmath>

namespace demarc::tensor::worker {

std::vector<std::int64_t> SentenceWords::encode(std::string_view text) const {
  const std::vector<Token> tokens = words_.tokenize(text);
  std::vector<std::int64_t> ids;
  ids.reserve(tokens.size() + 2);
  ids.push_back(words_.begin_id());
  for (const Token& token : tokens) ids.push_back(token.id);
  ids.push_back(words_.end_id());
  return ids;
}

std::vector<std::int64_t> SentenceWords::enclose(std::vector<std::int64_t> ids) const {
  const auto size = static_cast<std::int64_t>(words_.size());
  if (std::ranges::any_of(ids, [&](std::int64_t id) { return id < 0 || id >= size; })) return {};
  if (ids.empty() || ids.front() != words_.begin_id()) ids.insert(ids.begin(), words_.begin_id());
  if (ids.size() < 2 || ids.back() != words_.end_id()) ids.push_back(words_.end_id());
  return ids;
}

void normalise(std::span<float> vector) {
  double square = 0;
  for (const float value : vector) square += static_cast<double>(value) * value;
  if (square == 0) return;
  const auto scale = static_cast<float>(1.0 / std::sqrt(square));
  for (float& value : vector) value *= scale;
}

}  // namespace demarc::tensor::worker
