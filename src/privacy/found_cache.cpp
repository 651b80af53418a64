#include "privacy/found_cache.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace demarc::privacy {

FoundCache::Key FoundCache::key_of(std::string_view text) const {
  Key key{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()), reinterpret_cast<const unsigned char*>(text.data()), text.size(), key.data(),
       &size);
  return key;
}

std::size_t FoundCache::bytes_of(const Entry& entry) {
  constexpr std::size_t kNodes = 128;  // of list and map
  std::size_t bytes = sizeof(Entry) + kNodes;
  for (const Finding& finding : *entry.found) bytes += sizeof(Finding) + finding.type.size();
  return bytes;
}

Found FoundCache::find(const Key& key) {
  MutexLock lock(mutex_);
  const auto at = by_key_.find(key);
  if (at == by_key_.end()) return nullptr;
  order_.splice(order_.begin(), order_, at->second);
  return at->second->found;
}

void FoundCache::put(const Key& key, Found found) {
  MutexLock lock(mutex_);
  if (by_key_.contains(key)) return;  // two requests asked at once
  order_.push_front({key, std::move(found)});
  by_key_.emplace(key, order_.begin());
  bytes_ += bytes_of(order_.front());
  while (bytes_ > most_bytes_ && !order_.empty()) {
    bytes_ -= bytes_of(order_.back());
    by_key_.erase(order_.back().key);
    order_.pop_back();
  }
}

std::size_t FoundCache::entries() const {
  MutexLock lock(mutex_);
  return order_.size();
}

}  // namespace demarc::privacy
