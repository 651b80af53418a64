// FoundCache: what a model said about a text, by a keyed digest of the text, so that the history which a chat sends again with every turn is read
// once.
//
//   if (const Found* known = cache.find(cache.key_of(text))) …
//   cache.put(key, findings);
//
// Holds no text: places and types only, under HMAC-SHA256 with a key of this process, so nobody outside can make two texts share an entry. Least
// recently used entries go first when it is full. Any thread; one mutex, held for a look-up.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <list>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/mutex.hpp"
#include "core/finding.hpp"

namespace demarc::privacy {

using Found = std::shared_ptr<const std::vector<Finding>>;

class FoundCache {
 public:
  using Key = std::array<unsigned char, 32>;
  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      std::size_t out = 0;
      std::memcpy(&out, key.data(), sizeof out);
      return out;
    }
  };

  FoundCache(const Key& secret, std::size_t most_bytes) : secret_(secret), most_bytes_(most_bytes) {}

  [[nodiscard]] Key key_of(std::string_view text) const;
  [[nodiscard]] Found find(const Key& key);  // null: not known
  void put(const Key& key, Found found);

  [[nodiscard]] std::size_t entries() const;

 private:
  struct Entry {
    Key key;
    Found found;
  };
  using Entries = std::list<Entry>;  // the latest used first
  static std::size_t bytes_of(const Entry& entry);

  const Key secret_;
  const std::size_t most_bytes_;
  mutable Mutex mutex_;
  Entries order_ GUARDED_BY(mutex_);
  std::unordered_map<Key, Entries::iterator, KeyHash> by_key_ GUARDED_BY(mutex_);
  std::size_t bytes_ GUARDED_BY(mutex_) = 0;
};

}  // namespace demarc::privacy
