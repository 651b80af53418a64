#include "privacy/vault.hpp"

#include <openssl/crypto.h>

#include <vector>

#include "base/check.hpp"
#include "base/encode.hpp"
#include "core/hmac.hpp"

namespace demarc::privacy {
namespace {

using Digest = std::array<std::uint8_t, 32>;

// HMAC-SHA256 over the parts, each with its length before it, so that no two lists of parts read the same.
Digest keyed(const Digest& key, std::initializer_list<std::string_view> parts) {
  std::string message;
  for (std::string_view part : parts) {
    const std::uint64_t size = part.size();
    for (unsigned shift = 0; shift < 64; shift += 8) message += static_cast<char>(size >> shift & 0xFFU);
    message += part;
  }
  const Digest out = hmac_sha256(bytes_of(key), message);
  OPENSSL_cleanse(message.data(), message.size());
  return out;
}

std::string base32(const Digest& digest, std::size_t characters) {  // Crockford's alphabet: no I, L, O, U
  constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < 8; ++i) bits = bits << 8U | digest[i];
  std::string out;
  for (std::size_t i = 0; i < characters; ++i, bits <<= 5U) out += kAlphabet[bits >> 59U];
  return out;
}

}  // namespace

namespace internal {

// One conversation's placeholders. Guarded by itself, since requests of one conversation may run side by side.
class Conversation {
 public:
  Conversation(const Digest& key, const VaultLimits& limits, std::atomic<std::size_t>* total) : key_(key), limits_(limits), total_(total) {}
  ~Conversation() { OPENSSL_cleanse(key_.data(), key_.size()); }
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  Result<std::string, VaultError> placeholder(std::string_view type, std::string_view value) {
    if (value.size() > limits_.value_bytes) return fail(VaultError::full);
    MutexLock lock(mutex_);
    for (char again = 0;; ++again) {  // once more only if another value has this very digest
      const std::string digits = base32(keyed(key_, {"placeholder", type, value, std::string_view(&again, 1)}), kPlaceholderDigits);
      std::string word = placeholder_word(type) + "X" + digits;
      const auto found = by_placeholder_.find(word);
      if (found == by_placeholder_.end()) {
        if (by_placeholder_.size() >= limits_.values) return fail(VaultError::full);
        add(word, type, value);
        return word;
      }
      if (found->second->type == type && found->second->value->view() == value) return word;
      CHECK(again < 100);
    }
  }

  std::string digest(std::string_view type, std::string_view value) const {
    const Digest full = keyed(key_, {"digest", type, value});
    return to_hex({reinterpret_cast<const char*>(full.data()), 8});
  }

  std::shared_ptr<const Tokens> tokens() {
    MutexLock lock(mutex_);
    if (!tokens_) {
      std::vector<std::shared_ptr<const Token>> all;
      all.reserve(by_placeholder_.size());
      for (const auto& [word, token] : by_placeholder_) all.push_back(token);
      tokens_ = std::make_shared<const Tokens>(std::move(all));
    }
    return tokens_;
  }

  void leave_vault() {  // who still holds a session may go on; the vault counts it no more
    MutexLock lock(mutex_);
    if (total_ != nullptr) *total_ -= bytes_;
    total_ = nullptr;
  }

 private:
  void add(const std::string& word, std::string_view type, std::string_view value) REQUIRES(mutex_) {
    Token token{.placeholder = word, .folded = fold_placeholder(word), .type = std::string(type), .value = std::make_shared<const Wiped>(value)};
    token.restorable = type == "SECRET" ? Restorable::never : Restorable::yes;
    by_placeholder_.emplace(word, std::make_shared<const Token>(std::move(token)));
    const std::size_t size = value.size() + 2 * word.size() + 256;  // about what an entry costs
    bytes_ += size;
    if (total_ != nullptr) *total_ += size;
    tokens_.reset();
  }

  Digest key_;
  const VaultLimits limits_;
  mutable Mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<const Token>, TransparentHash, std::equal_to<>> by_placeholder_ GUARDED_BY(mutex_);
  std::shared_ptr<const Tokens> tokens_ GUARDED_BY(mutex_);
  std::size_t bytes_ GUARDED_BY(mutex_) = 0;
  std::atomic<std::size_t>* total_ GUARDED_BY(mutex_);  // the vault's; null for a request that stands alone
};

}  // namespace internal

Result<std::string, VaultError> VaultSession::placeholder(std::string_view type, std::string_view value) {
  return conversation_->placeholder(type, value);
}
std::string VaultSession::digest(std::string_view type, std::string_view value) const { return conversation_->digest(type, value); }
std::shared_ptr<const Tokens> VaultSession::tokens() const { return conversation_->tokens(); }

Vault::Vault(Random& random, VaultLimits limits) : limits_(limits), random_(random) { random_.fill(secret_.data(), secret_.size()); }
Vault::~Vault() {
  MutexLock lock(mutex_);
  while (!by_use_.empty()) drop_oldest();
  OPENSSL_cleanse(secret_.data(), secret_.size());
}

Vault::Id Vault::id_of(const ConversationKey& key) const { return keyed(secret_, {"conversation", key.caller, key.conversation}); }

VaultSession Vault::open(const ConversationKey& key, Monotonic now) {
  if (key.conversation.empty()) {
    Digest once;
    random_.fill(once.data(), once.size());
    return VaultSession(std::make_shared<internal::Conversation>(once, limits_, nullptr));
  }
  expire(now);
  const Id id = id_of(key);
  MutexLock lock(mutex_);
  const auto found = by_id_.find(id);
  if (found != by_id_.end()) {
    by_use_.splice(by_use_.begin(), by_use_, found->second);
    found->second->used = now;
    return VaultSession(found->second->conversation);
  }
  if (by_use_.size() >= limits_.conversations) drop_oldest();
  by_use_.push_front({id, now, std::make_shared<internal::Conversation>(id, limits_, &bytes_)});
  by_id_.emplace(id, by_use_.begin());
  return VaultSession(by_use_.front().conversation);
}

void Vault::drop(const ConversationKey& key) {
  const Id id = id_of(key);
  MutexLock lock(mutex_);
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return;
  found->second->conversation->leave_vault();
  by_use_.erase(found->second);
  by_id_.erase(found);
}

void Vault::expire(Monotonic now) {
  MutexLock lock(mutex_);
  while (!by_use_.empty() && now - by_use_.back().used >= limits_.life) drop_oldest();
  while (bytes_ > limits_.total_bytes && !by_use_.empty()) drop_oldest();
}

void Vault::drop_oldest() {
  by_use_.back().conversation->leave_vault();
  by_id_.erase(by_use_.back().id);
  by_use_.pop_back();
}

std::size_t Vault::conversations() const {
  MutexLock lock(mutex_);
  return by_use_.size();
}

std::size_t Vault::bytes() const { return bytes_; }

}  // namespace demarc::privacy
