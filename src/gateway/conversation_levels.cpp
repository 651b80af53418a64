#include "gateway/conversation_levels.hpp"

#include <algorithm>
#include <functional>

namespace demarc::gateway {

ConversationLevels::Shard& ConversationLevels::shard_of(std::string_view conversation) {
  return shards_[std::hash<std::string_view>{}(conversation) % kShards];
}

void ConversationLevels::drop_last(Shard& shard) {
  shard.by_name.erase(shard.by_use.back().conversation);
  shard.by_use.pop_back();
  --size_;
}

std::optional<Sensitivity> ConversationLevels::reached(std::string_view conversation, Monotonic now) {
  if (conversation.empty() || size_.load(std::memory_order_relaxed) == 0) return {};
  Shard& shard = shard_of(conversation);
  MutexLock lock(shard.mutex);
  const auto at = shard.by_name.find(conversation);
  if (at == shard.by_name.end() || now - at->second->used > limits_.life) return {};
  at->second->used = now;
  shard.by_use.splice(shard.by_use.begin(), shard.by_use, at->second);
  return at->second->level;
}

void ConversationLevels::raise(std::string_view conversation, Sensitivity level, Monotonic now) {
  if (conversation.empty()) return;
  Shard& shard = shard_of(conversation);
  MutexLock lock(shard.mutex);
  while (!shard.by_use.empty() && now - shard.by_use.back().used > limits_.life) drop_last(shard);
  if (const auto at = shard.by_name.find(conversation); at != shard.by_name.end()) {
    at->second->level = std::max(at->second->level, level), at->second->used = now;
    shard.by_use.splice(shard.by_use.begin(), shard.by_use, at->second);
    return;
  }
  if (shard.by_use.size() >= std::max<std::size_t>(1, limits_.conversations / kShards)) drop_last(shard);
  shard.by_use.push_front({std::string(conversation), level, now});
  shard.by_name.emplace(shard.by_use.front().conversation, shard.by_use.begin());
  ++size_;
}

}  // namespace demarc::gateway
