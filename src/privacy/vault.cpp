#include "privacy/vault.hpp"

#include <openssl/crypto.h>

#include <algorithm>

namespace demarc::privacy {
namespace {

constexpr std::chrono::minutes kTell{5};  // how often a keeper hears that a conversation goes on

Digest drawn(Random& random) {
  Digest out;
  random.fill(out.data(), out.size());
  return out;
}

}  // namespace

Result<std::string, VaultError> VaultSession::placeholder(std::string_view type, std::string_view value) {
  return avoid_ ? conversation_->surrogate(type, value, avoid_.get()) : conversation_->placeholder(type, value);
}
std::string VaultSession::digest(std::string_view type, std::string_view value) const { return conversation_->digest(type, value); }
std::shared_ptr<const Tokens> VaultSession::tokens() const { return conversation_->tokens(); }

Vault::Vault(Random& random, VaultLimits limits) : Vault(drawn(random), random, limits, nullptr) {}
Vault::Vault(const Digest& secret, Random& random, VaultLimits limits, VaultKeeper* keeper)
    : limits_(limits), random_(random), secret_(secret), keeper_(keeper) {}

Vault::~Vault() {
  MutexLock lock(mutex_);
  for (const Kept& kept : by_use_) kept.conversation->leave_vault();  // the keeper still has them
  OPENSSL_cleanse(secret_.data(), secret_.size());
}

Digest Vault::id_of(const ConversationKey& key) const { return keyed(secret_, {"conversation", key.caller, key.conversation}); }
Digest Vault::subject_of(std::string_view caller) const { return keyed(secret_, {"subject", caller}); }

// The id may stand in a file; what its words are made with may not.
std::shared_ptr<internal::Conversation> Vault::push(const Digest& id, const Digest& subject, Monotonic used) {
  while (by_use_.size() >= limits_.conversations && !by_use_.empty()) drop(std::prev(by_use_.end()));
  const Digest key = keyed(secret_, {"key of conversation", {reinterpret_cast<const char*>(id.data()), id.size()}});
  const internal::Membership membership{.id = id, .subject = subject, .total_bytes = &bytes_, .keeper = keeper_};
  by_use_.push_front({id, used, used, std::make_shared<internal::Conversation>(key, limits_, membership)});
  by_id_.emplace(id, by_use_.begin());
  return by_use_.front().conversation;
}

VaultSession Vault::open(const ConversationKey& key, Monotonic now) {
  if (key.conversation.empty()) return VaultSession(std::make_shared<internal::Conversation>(drawn(random_), limits_, internal::Membership{}));
  expire(now);
  const Digest id = id_of(key), subject = subject_of(key.caller);
  MutexLock lock(mutex_);
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return VaultSession(push(id, subject, now));
  by_use_.splice(by_use_.begin(), by_use_, found->second);
  Kept& kept = *found->second;
  kept.used = now;
  if (keeper_ != nullptr && now - kept.told >= kTell) keeper_->used(id, subject), kept.told = now;
  return VaultSession(kept.conversation);
}

void Vault::drop(const ConversationKey& key) {
  const Digest id = id_of(key);
  MutexLock lock(mutex_);
  if (const auto found = by_id_.find(id); found != by_id_.end()) drop(found->second);
}

std::size_t Vault::drop_caller(std::string_view caller) {
  const Digest subject = subject_of(caller);
  std::size_t dropped = 0;
  MutexLock lock(mutex_);
  for (auto at = by_use_.begin(); at != by_use_.end();) {
    const bool theirs = at->conversation->subject() == subject;
    dropped += theirs ? 1 : 0;
    at = theirs ? drop(at) : std::next(at);
  }
  return dropped;
}

void Vault::expire(Monotonic now) {
  MutexLock lock(mutex_);
  while (!by_use_.empty() && now - by_use_.back().used >= limits_.life) drop(std::prev(by_use_.end()));
  while (bytes_ > limits_.total_bytes && !by_use_.empty()) drop(std::prev(by_use_.end()));
}

Vault::KeptList::iterator Vault::drop(KeptList::iterator at) {
  at->conversation->leave_vault();
  if (keeper_ != nullptr) keeper_->dropped(at->id);
  by_id_.erase(at->id);
  return by_use_.erase(at);
}

void Vault::adopt(const Digest& conversation, const Digest& subject, Monotonic used, const Tokens::List& tokens) {
  MutexLock lock(mutex_);
  if (by_id_.contains(conversation)) return;
  const auto adopted = push(conversation, subject, used);
  for (const auto& token : tokens) adopted->adopt(token);
}

std::vector<Vault::Content> Vault::contents() const {
  std::vector<Kept> all;
  {
    MutexLock lock(mutex_);
    all.assign(by_use_.rbegin(), by_use_.rend());
  }
  std::vector<Content> out;
  out.reserve(all.size());
  for (const Kept& kept : all) out.push_back({kept.id, kept.conversation->subject(), kept.used, kept.conversation->all()});
  return out;
}

std::size_t Vault::conversations() const {
  MutexLock lock(mutex_);
  return by_use_.size();
}

std::size_t Vault::bytes() const { return bytes_; }

}  // namespace demarc::privacy
