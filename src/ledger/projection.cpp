#include "ledger/projection.hpp"

#include <algorithm>
#include <chrono>
#include <type_traits>
#include <utility>

namespace demarc::ledger {
namespace {

constexpr std::size_t kBatch = 4096;              // receipts of one commit, about
constexpr std::size_t kMostUncommitted = 65'536;  // receipts
constexpr std::size_t kMostOpen = 65'536;         // committed receipts kept because they have not ended
constexpr std::size_t kMostRunsAhead = 65'536;
constexpr auto kFlushEvery = std::chrono::milliseconds(100);

std::string_view id_of(const IntentRecord& record) { return record.request.id; }
std::string_view id_of(const OutcomeRecord& record) { return record.id; }
std::string_view id_of(const DenyRecord& record) { return record.request.id; }

// A request's first record; without one in memory or in the Store there is no receipt to add to.
bool begins(const IntentRecord& record) { return record.attempt == 0; }
bool begins(const OutcomeRecord&) { return false; }
bool begins(const DenyRecord&) { return true; }

void merge_sorted(std::vector<std::string>& into, const std::vector<std::string>& more) {
  into.insert(into.end(), more.begin(), more.end());
  std::sort(into.begin(), into.end());
  into.erase(std::unique(into.begin(), into.end()), into.end());
}

}  // namespace

Projection::Projection(Store& store, std::string origin, std::uint64_t next, std::uint64_t fresh_from)
    : store_(store), origin_(std::move(origin)), fresh_from_(fresh_from), next_(next), committed_size_(next) {}

Result<std::unique_ptr<Projection>, StoreError> Projection::open(Store& store, std::string log_origin, std::uint64_t log_size) {
  const Projected at = TRY(store.projected_to());
  const bool ours = at.origin == log_origin && at.size <= log_size;
  if (!ours && at != Projected{}) TRY(store.clear_projections());
  return std::unique_ptr<Projection>(new Projection(store, std::move(log_origin), ours ? at.size : 0, ours ? log_size : 0));
}

Projection::~Projection() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  (void)flush();  // what does not get in now comes from the log at the next start
}

std::uint64_t Projection::next() const {
  MutexLock lock(mutex_);
  return next_;
}

std::optional<StoreError> Projection::trouble() const {
  MutexLock lock(mutex_);
  return trouble_;
}

bool Projection::seen(std::uint64_t index) const {
  if (index < next_) return true;
  const auto after = ahead_.upper_bound(index);
  return after != ahead_.begin() && std::prev(after)->second > index;
}

void Projection::mark_seen(std::uint64_t index) {
  std::uint64_t begin = index, end = index + 1;
  const auto after = ahead_.lower_bound(end);
  if (after != ahead_.end() && after->first == end) end = after->second, ahead_.erase(after);
  const auto before = ahead_.lower_bound(begin);
  if (before != ahead_.begin() && std::prev(before)->second == begin) begin = std::prev(before)->first;
  if (begin == next_)
    next_ = end;
  else
    ahead_[begin] = end;
}

Result<void, StoreError> Projection::apply(std::uint64_t index, const Record& record) {
  std::size_t waiting = 0;
  {
    MutexLock lock(mutex_);
    if (seen(index)) return {};
    if (dirty_.size() >= kMostUncommitted || ahead_.size() >= kMostRunsAhead)
      return fail(trouble_.value_or(StoreError{StoreError::Kind::busy, "the database is behind the audit log; it catches up from there"}));
    if (const auto* intent = std::get_if<IntentRecord>(&record)) TRY(add(index, *intent));
    if (const auto* outcome = std::get_if<OutcomeRecord>(&record)) TRY(add(index, *outcome));
    if (const auto* deny = std::get_if<DenyRecord>(&record)) TRY(add(index, *deny));
    mark_seen(index);  // events say nothing about a request, but count
    waiting = dirty_.size();
  }
  if (waiting >= kBatch) wake_.notify_one();
  return {};
}

Result<void, StoreError> Projection::replay(std::uint64_t index, const Record& record) {
  TRY(apply(index, record));
  {
    MutexLock lock(mutex_);
    if (dirty_.size() < kBatch) return {};
  }
  return flush();
}

template <class RequestRecord>
Result<void, StoreError> Projection::add(std::uint64_t index, const RequestRecord& record) {
  auto found = overlay_.find(id_of(record));
  if (found == overlay_.end()) {
    std::optional<Receipt> stored;
    if (index < fresh_from_ || !begins(record)) stored = TRY(store_.receipt(id_of(record)));
    if (!stored && std::is_same_v<RequestRecord, OutcomeRecord>) return {};  // its intent is in no log of ours: nothing to say about it
    found = overlay_.emplace(std::string(id_of(record)), Entry{.receipt = std::move(stored).value_or(Receipt{})}).first;
  }
  Entry& entry = found->second;
  if (!entry.receipt.add(index, record)) return {};
  if (!entry.receipt.parent.empty() && entry.version == 0) children_[entry.receipt.parent].push_back(entry.receipt.id);
  if (entry.version == entry.committed) dirty_.push_back(found->first);
  ++entry.version;
  return {};
}

// A commit holds copies, so records keep coming in while the disk works. What changed meanwhile stays dirty for the next one.
Result<void, StoreError> Projection::flush() {
  MutexLock committing(commit_mutex_);
  std::vector<Receipt> batch;
  std::vector<std::pair<std::string, std::uint64_t>> versions;
  Projected to{.origin = origin_};
  {
    MutexLock lock(mutex_);
    to.size = next_;
    if (dirty_.empty() && to.size == committed_size_) return {};
    batch.reserve(dirty_.size()), versions.reserve(dirty_.size());
    for (const std::string& id : dirty_) {
      const Entry& entry = overlay_.find(id)->second;
      batch.push_back(entry.receipt), versions.emplace_back(id, entry.version);
    }
  }
  auto committed = store_.commit(to, batch);
  MutexLock lock(mutex_);
  if (!committed) return trouble_ = committed.error(), fail(std::move(committed).error());
  trouble_.reset();
  committed_size_ = to.size;
  settle(versions);
  return {};
}

// After a commit: what it holds is clean; what is clean and ended leaves memory.
void Projection::settle(const std::vector<std::pair<std::string, std::uint64_t>>& versions) {
  dirty_.erase(dirty_.begin(), dirty_.begin() + static_cast<std::ptrdiff_t>(versions.size()));  // later ones were pushed behind them
  for (const auto& [id, version] : versions) {
    const auto found = overlay_.find(id);
    found->second.committed = version;
    if (found->second.version != version) {
      dirty_.push_back(id);
      continue;
    }
    if (found->second.receipt.ended() || overlay_.size() > kMostOpen) forget(found->second.receipt);
  }
}

void Projection::forget(const Receipt& receipt) {
  if (const auto siblings = children_.find(receipt.parent); siblings != children_.end()) {
    std::erase(siblings->second, receipt.id);
    if (siblings->second.empty()) children_.erase(siblings);
  }
  overlay_.erase(std::string(receipt.id));  // a copy: the argument lives in what is erased
}

Result<std::optional<Receipt>, StoreError> Projection::receipt(std::string_view id) {
  std::optional<Receipt> found;
  std::vector<std::string> children;
  {
    MutexLock lock(mutex_);
    if (const auto entry = overlay_.find(id); entry != overlay_.end()) found = entry->second.receipt;
    if (const auto fresh = children_.find(id); fresh != children_.end()) children = fresh->second;
  }
  auto stored = TRY(store_.receipt(id));  // also for the sub-requests that are committed
  if (stored) merge_sorted(children, stored->sub_requests);
  if (!found) found = std::move(stored);
  if (found) found->sub_requests.clear(), merge_sorted(found->sub_requests, children);
  return found;
}

Result<std::vector<UsageRow>, StoreError> Projection::usage(const UsageQuery& query) {
  TRY(flush());
  return store_.usage(query);
}

void Projection::start() {
  CHECK(!thread_.joinable());
  thread_ = std::thread([this] { run(); });
}

void Projection::run() {
  for (;;) {
    {
      MutexLock lock(mutex_);
      const bool due = dirty_.size() >= kBatch && !trouble_;
      if (!due && !stopping_) wake_.wait_for(mutex_, kFlushEvery);
      if (stopping_) return;
    }
    (void)flush();  // a failure shows in trouble(), and the next round tries again
  }
}

}  // namespace demarc::ledger
