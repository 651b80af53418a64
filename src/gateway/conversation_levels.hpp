// ConversationLevels: how sensitive each conversation has become, so that what an answer brought in holds for the turns after it (config.md, Meaning
// 13): a model that answered with somebody's number has made the conversation personal, whatever the next question looks like.
//
//   if (const auto level = levels.reached(conversation, now)) attributes.conversation_sensitivity = *level;   // before the decision
//   levels.raise(conversation, level, now);                                                                   // after the answer
//
// `conversation` is the keyed digest of records, in which the caller's key is an ingredient: nothing crosses from one caller to another. Held in
// memory only, bounded in number and age, the longest unused goes first; a restart begins anew. Any thread. While nothing is remembered reached()
// reads one number; else it takes one of sixteen mutexes for a lookup.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/mutex.hpp"
#include "base/time.hpp"
#include "core/operation.hpp"

namespace demarc::gateway {

struct ConversationLimits {
  std::size_t conversations = 65'536;
  std::chrono::nanoseconds life = std::chrono::hours(12);  // since the last use
};

class ConversationLevels {
 public:
  explicit ConversationLevels(ConversationLimits limits = {}) : limits_(limits) {}

  [[nodiscard]] std::optional<Sensitivity> reached(std::string_view conversation, Monotonic now);
  void raise(std::string_view conversation, Sensitivity level, Monotonic now);  // never lowers
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  static constexpr std::size_t kShards = 16;
  struct Kept {
    std::string conversation;
    Sensitivity level;
    Monotonic used;
  };
  struct Shard {
    Mutex mutex;
    std::list<Kept> by_use GUARDED_BY(mutex);                                                   // most recently used first
    std::unordered_map<std::string_view, std::list<Kept>::iterator> by_name GUARDED_BY(mutex);  // views into by_use
  };
  Shard& shard_of(std::string_view conversation);
  void drop_last(Shard& shard) REQUIRES(shard.mutex);

  const ConversationLimits limits_;
  std::atomic<std::size_t> size_{0};
  std::array<Shard, kShards> shards_;
};

}  // namespace demarc::gateway
