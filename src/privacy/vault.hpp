// Vault: which placeholder stands for which value, per conversation, so that a value has the same placeholder in every turn.
//
//   VaultSession session = vault.open({caller.key_id, request.conversation}, clock.monotonic());
//   std::string placeholder = *session.placeholder("EMAIL_ADDRESS", "ada@example.org");   // "EMAILX7Q2K9M4TC": see placeholder.hpp
//   Restorer restorer(session.tokens());
//
// A placeholder is a keyed digest (HMAC-SHA256 under the vault's secret, then under the conversation): nobody can guess one, and one that belongs to
// another conversation or caller is never restored. Held in memory, bounded in conversations, bytes and age (least recently used goes first); values
// are overwritten when dropped. A VaultKeeper (vault_file.hpp) may write down what comes and goes, so that it outlives the process; the secret is
// then one that is the same after it. A request without a conversation gets a session of its own that ends with it. Vault and VaultSession: any
// thread. No I/O here.
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
#include <vector>

#include "base/mutex.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "core/io/loop.hpp"
#include "privacy/conversation.hpp"
#include "privacy/keyed.hpp"
#include "privacy/token.hpp"
#include "privacy/words_of.hpp"

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

// Who writes down what a vault learns. Called from any thread, also under a conversation's lock: hands on, never waits.
class VaultKeeper {
 public:
  virtual ~VaultKeeper() = default;
  virtual void added(const Digest& conversation, const Digest& subject, std::shared_ptr<const Token> token) = 0;
  virtual void used(const Digest& conversation, const Digest& subject) = 0;  // its life begins anew; told at most every few minutes
  virtual void dropped(const Digest& conversation) = 0;
};

class VaultSession {
 public:
  // From now on placeholder() gives surrogates, where the type has some, of which none stands in `text`: the words of a request.
  void use_surrogates(std::string_view text) { avoid_ = std::make_shared<const WordsOf>(text); }
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
  std::shared_ptr<const WordsOf> avoid_;  // null: placeholders
};

class Vault {
 public:
  explicit Vault(Random& random, VaultLimits limits = {});  // under a secret of its own, drawn now
  Vault(const Digest& secret, Random& random, VaultLimits limits, VaultKeeper* keeper);
  ~Vault();
  Vault(const Vault&) = delete;
  Vault& operator=(const Vault&) = delete;

  VaultSession open(const ConversationKey& key, Monotonic now);
  void drop(const ConversationKey& key);             // the conversation was erased
  std::size_t drop_caller(std::string_view caller);  // all conversations of that key; how many there were
  void expire(Monotonic now);                        // drops what is past its life; open() does so too
  [[nodiscard]] std::size_t conversations() const;
  [[nodiscard]] std::size_t bytes() const;

  // For a keeper. What was kept, given back: the least recently used first. And all there is, as it is now.
  void adopt(const Digest& conversation, const Digest& subject, Monotonic used, const Tokens::List& tokens);
  struct Content {
    Digest conversation, subject;
    Monotonic used;
    Tokens::List tokens;
  };
  [[nodiscard]] std::vector<Content> contents() const;  // the least recently used first

 private:
  struct Kept {
    Digest id;
    Monotonic used, told;  // told: when the keeper last heard of its use
    std::shared_ptr<internal::Conversation> conversation;
  };
  using KeptList = std::list<Kept>;
  [[nodiscard]] Digest id_of(const ConversationKey& key) const;
  [[nodiscard]] Digest subject_of(std::string_view caller) const;
  std::shared_ptr<internal::Conversation> push(const Digest& id, const Digest& subject, Monotonic used) REQUIRES(mutex_);
  KeptList::iterator drop(KeptList::iterator at) REQUIRES(mutex_);

  const VaultLimits limits_;
  Random& random_;
  Digest secret_;
  VaultKeeper* const keeper_;
  std::atomic<std::size_t> bytes_{0};
  mutable Mutex mutex_;
  KeptList by_use_ GUARDED_BY(mutex_);  // most recently used first
  std::map<Digest, KeptList::iterator> by_id_ GUARDED_BY(mutex_);
};

}  // namespace demarc::privacy
