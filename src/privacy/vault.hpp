// Vault: which placeholder stands for which value, per conversation, so that a value has the same placeholder in every turn.
//
//   VaultSession session = vault.open({caller.key_id, request.conversation}, clock.monotonic());
//   std::string placeholder = *session.placeholder("EMAIL_ADDRESS", "ada@example.org");   // "EMAILX7Q2K9M4TC": see placeholder.hpp
//   Restorer restorer(session.tokens());
//
// A placeholder is a keyed digest (HMAC-SHA256 under a key drawn at start, then under the conversation): nobody can guess one, and one that belongs
// to another conversation or caller is never restored. Held in memory only, bounded in conversations, bytes and age (least recently used goes first);
// values are overwritten when dropped. A request without a conversation gets a session of its own that ends with it.
// Vault and VaultSession: any thread. No I/O under a lock.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/mutex.hpp"
#include "base/result.hpp"
#include "base/strings.hpp"
#include "base/time.hpp"
#include "core/io/loop.hpp"
#include "privacy/placeholder.hpp"

namespace demarc::privacy {

struct VaultLimits {
  std::size_t conversations = 10'000;
  std::size_t values = 10'000;  // of one conversation
  std::size_t value_bytes = std::size_t{64} << 10;
  std::size_t total_bytes = std::size_t{256} << 20;        // values of all conversations that the vault keeps
  std::chrono::nanoseconds life = std::chrono::hours(12);  // since the last use
};

struct ConversationKey {
  std::string_view caller;        // key id; "" for loopback without keys
  std::string_view conversation;  // "" : the request stands alone
};

enum class VaultError : std::uint8_t { full };  // the conversation holds `values` already, or the value is larger than `value_bytes`

namespace internal {
class Conversation;
}

class VaultSession {
 public:
  // The placeholder of `value`; made, if it has none yet. One of type SECRET is never restored.
  Result<std::string, VaultError> placeholder(std::string_view type, std::string_view value);
  // A keyed digest of it, 16 hex digits: equal values of this conversation have equal ones. Nothing is kept.
  [[nodiscard]] std::string digest(std::string_view type, std::string_view value) const;
  // Those made so far. A snapshot: later placeholders are not in it.
  [[nodiscard]] std::shared_ptr<const Tokens> tokens() const;

 private:
  friend class Vault;
  explicit VaultSession(std::shared_ptr<internal::Conversation> conversation) : conversation_(std::move(conversation)) {}
  std::shared_ptr<internal::Conversation> conversation_;
};

class Vault {
 public:
  explicit Vault(Random& random, VaultLimits limits = {});
  ~Vault();
  Vault(const Vault&) = delete;
  Vault& operator=(const Vault&) = delete;

  VaultSession open(const ConversationKey& key, Monotonic now);
  void drop(const ConversationKey& key);  // the conversation was erased
  void expire(Monotonic now);             // drops what is past its life; open() does so too
  [[nodiscard]] std::size_t conversations() const;
  [[nodiscard]] std::size_t bytes() const;

 private:
  using Id = std::array<std::uint8_t, 32>;
  struct Kept {
    Id id;
    Monotonic used;
    std::shared_ptr<internal::Conversation> conversation;
  };
  Id id_of(const ConversationKey& key) const;
  void drop_oldest() REQUIRES(mutex_);

  const VaultLimits limits_;
  Random& random_;
  Id secret_{};
  std::atomic<std::size_t> bytes_{0};
  mutable Mutex mutex_;
  std::list<Kept> by_use_ GUARDED_BY(mutex_);  // most recently used first
  std::map<Id, std::list<Kept>::iterator> by_id_ GUARDED_BY(mutex_);
};

}  // namespace demarc::privacy
