// Projection: turns the records of the audit log into receipts (and so usage and spending) in the Store. The log is the truth; this follows it.
//
//   auto projection = Projection::open(store, log.origin(), log.size());
//   log.replay((*projection)->next(), [&](index, record) { projection->replay(index, record); });   // at start: blocks, commits in batches
//   (*projection)->start();                                                                         // its own thread commits from here on
//   ...
//   (*projection)->apply(index, record);                        // right after append() resolved, for every record, events too
//   auto receipt = (*projection)->receipt(id);                  // sees every applied record at once, committed or not
//
// Idempotent: a record that is in already changes nothing, so whatever point a crash left the Store at, replaying from next() leads to the same
// state. Records may be applied in any order and from any thread; next() is the first index that has not come yet. Bounded: 65,536 receipts that the
// Store does not hold yet; then apply() fails and the record is not in: once trouble() is over, replay the log from next() again.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/mutex.hpp"
#include "base/result.hpp"
#include "base/strings.hpp"
#include "core/io/store.hpp"
#include "core/receipt.hpp"
#include "core/record.hpp"

namespace demarc::ledger {

class Projection {
 public:
  // A Store that follows another log, or has seen more than `log_size` records, is emptied: the replay fills it again. Store must outlive this.
  static Result<std::unique_ptr<Projection>, StoreError> open(Store& store, std::string log_origin, std::uint64_t log_size);
  ~Projection();  // stops the thread after a last commit
  Projection(const Projection&) = delete;
  Projection& operator=(const Projection&) = delete;

  [[nodiscard]] std::uint64_t next() const;  // replay from here

  Result<void, StoreError> replay(std::uint64_t index, const Record& record);  // apply, and commit when a batch is full; blocks
  Result<void, StoreError> apply(std::uint64_t index, const Record& record);   // no disk, but for an outcome whose intent is long committed
  Result<void, StoreError> flush();                                            // commits what is applied; blocks
  void start();                                                                // the thread that flushes every 100 ms, or sooner when a batch is full

  Result<std::optional<Receipt>, StoreError> receipt(std::string_view id);
  Result<std::vector<UsageRow>, StoreError> usage(const UsageQuery& query);  // flushes first; blocks
  [[nodiscard]] std::optional<StoreError> trouble() const;                   // why the last commit failed; nullopt when it did not

 private:
  struct Entry {
    Receipt receipt;
    std::uint64_t version = 0;    // of the last change
    std::uint64_t committed = 0;  // version that the Store holds
  };
  Projection(Store& store, std::string origin, std::uint64_t next, std::uint64_t fresh_from);

  template <class RequestRecord>
  Result<void, StoreError> add(std::uint64_t index, const RequestRecord& record) REQUIRES(mutex_);
  void mark_seen(std::uint64_t index) REQUIRES(mutex_);
  bool seen(std::uint64_t index) const REQUIRES(mutex_);
  void settle(const std::vector<std::pair<std::string, std::uint64_t>>& versions) REQUIRES(mutex_);
  void forget(const Receipt& receipt) REQUIRES(mutex_);
  void run();

  Store& store_;
  const std::string origin_;
  const std::uint64_t fresh_from_;  // requests whose first record stands here or later are not in the Store yet
  Mutex commit_mutex_;              // one commit at a time; taken before mutex_
  mutable Mutex mutex_;
  std::uint64_t next_ GUARDED_BY(mutex_);
  std::map<std::uint64_t, std::uint64_t> ahead_ GUARDED_BY(mutex_);  // begin → end of runs beyond next_
  std::unordered_map<std::string, Entry, TransparentHash, std::equal_to<>> overlay_ GUARDED_BY(mutex_);
  std::unordered_map<std::string, std::vector<std::string>, TransparentHash, std::equal_to<>> children_
      GUARDED_BY(mutex_);                              // parent → ids in overlay_
  std::vector<std::string> dirty_ GUARDED_BY(mutex_);  // ids of overlay_ that the Store does not hold as they are
  std::uint64_t committed_size_ GUARDED_BY(mutex_);
  std::optional<StoreError> trouble_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::condition_variable_any wake_;
  std::thread thread_;
};

}  // namespace demarc::ledger
