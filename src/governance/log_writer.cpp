#include "governance/log_writer.hpp"

#include <algorithm>
#include <chrono>

#include "governance/tiles.hpp"

namespace demarc::governance {
namespace {

constexpr std::uint64_t kMaxQueued = 8192, kMaxQueuedBytes = 64ULL << 20;
constexpr std::uint64_t kMaxBatch = 256;
constexpr std::chrono::nanoseconds kMaxLinger = std::chrono::milliseconds(1);
constexpr std::size_t kMaxBatchBytes = 1U << 20;

}  // namespace

void Health::fail(std::string why) {
  MutexLock lock(mutex_);
  if (failed_.load(std::memory_order_relaxed)) return;
  why_ = std::move(why);
  failed_.store(true, std::memory_order_release);
}

std::string Health::why() const {
  MutexLock lock(mutex_);
  return why_;
}

void Waiter::add(const Record& record, const Stamp& stamp) {
  const auto* outcome = std::get_if<OutcomeRecord>(&record);
  Entry& entry = entries.at(count++);
  entry.bytes = write_record(record, stamp);
  entry.opens = std::holds_alternative<IntentRecord>(record);
  if (outcome != nullptr) entry.closes = outcome->intent;
}

LogWriter::LogWriter(WalWriter wal, std::uint64_t next_index, std::set<std::uint64_t> open_intents, Health& health)
    : wal_(std::move(wal)), next_index_(next_index), open_intents_(std::move(open_intents)), health_(health), durable_(next_index) {
  thread_ = std::thread([this] { run(); });
}

bool LogWriter::enqueue(Waiter& waiter) {
  MutexLock lock(mutex_);
  std::uint64_t size_bytes = 0;
  for (std::size_t i = 0; i < waiter.count; ++i) size_bytes += waiter.entries[i].bytes.size();
  if (stopping_)
    waiter.error = LogError::closed;
  else if (!health_.ok())
    waiter.error = LogError::failed;
  else if (queued_ >= kMaxQueued || queued_bytes_ + size_bytes > kMaxQueuedBytes)
    waiter.error = LogError::full;
  if (waiter.error) return false;
  waiter.next = nullptr;
  (tail_ != nullptr ? tail_->next : head_) = &waiter;
  tail_ = &waiter;
  ++queued_, queued_bytes_ += size_bytes;
  waiting_.fetch_add(1, std::memory_order_relaxed);
  if (idle_) arrived_.notify_one();
  return true;
}

void LogWriter::stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    arrived_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

Waiter* LogWriter::take() NO_THREAD_SAFETY_ANALYSIS {  // the analysis does not know std::unique_lock
  std::unique_lock<std::mutex> lock(mutex_.native());
  idle_ = true;
  arrived_.wait(lock, [this]() NO_THREAD_SAFETY_ANALYSIS { return head_ != nullptr || stopping_; });
  idle_ = false;
  Waiter* waiting = head_;
  head_ = tail_ = nullptr, queued_ = queued_bytes_ = 0;
  return waiting;
}

void LogWriter::run() {
  Batch batch;
  while (Waiter* waiting = take())
    while (waiting != nullptr) {
      waiting = gather(waiting, batch);
      const auto began = std::chrono::steady_clock::now();
      commit(batch);
      const std::chrono::nanoseconds sync_time = std::chrono::steady_clock::now() - began;
      // Records came while the disk was busy, so more will, and syncs are what costs: half a sync's time makes the next commit larger. Where many
      // requests are under way and few of them came along, wait longer.
      const bool few = batch.count * 4 < open_intents_.size();
      wake(batch.head);
      if (waiting == nullptr && busy()) std::this_thread::sleep_for(few ? kMaxLinger : std::min<std::chrono::nanoseconds>(sync_time / 2, kMaxLinger));
    }
}

bool LogWriter::busy() {
  MutexLock lock(mutex_);
  return head_ != nullptr && !stopping_;
}

// Whether each OUTCOME of the waiter is the first of an open INTENT; if so they are noted in `closed`.
bool LogWriter::closes_open_intents(const Waiter& waiter, std::set<std::uint64_t>& closed) const {
  std::set<std::uint64_t> now;
  for (std::size_t i = 0; i < waiter.count; ++i) {
    const auto intent = waiter.entries[i].closes;
    if (intent && (!open_intents_.contains(*intent) || closed.contains(*intent) || !now.insert(*intent).second)) return false;
  }
  closed.merge(now);
  return true;
}

// Moves waiters to the batch until it is full; what is left over.
Waiter* LogWriter::gather(Waiter* waiting, Batch& batch) {
  batch.payload.clear(), batch.opened.clear(), batch.closed.clear();
  batch.head = waiting, batch.count = 0;
  Waiter* last = nullptr;
  while (waiting != nullptr && batch.count < kMaxBatch && batch.payload.size() < kMaxBatchBytes) {
    if (!closes_open_intents(*waiting, batch.closed)) waiting->error = LogError::not_open;
    if (!waiting->error) {
      waiting->index = next_index_ + batch.count;
      for (std::size_t i = 0; i < waiting->count; ++i) {
        if (waiting->entries[i].opens) batch.opened.push_back(next_index_ + batch.count);
        append_bundle_entry(batch.payload, waiting->entries[i].bytes);
        ++batch.count;
      }
    }
    last = waiting, waiting = waiting->next;
  }
  last->next = nullptr;
  return waiting;
}

void LogWriter::commit(Batch& batch) {
  if (batch.count == 0) return;
  if (health_.ok()) {
    const auto committed = wal_.commit(next_index_, batch.payload, open_intents_);
    if (!committed) health_.fail("audit log: a record could not be written: " + std::string(to_string(committed.error())));
    if (committed) {
      for (const std::uint64_t intent : batch.closed) open_intents_.erase(intent);
      open_intents_.insert(batch.opened.begin(), batch.opened.end());
      next_index_ += batch.count;
      durable_.store(next_index_, std::memory_order_release);
      return;
    }
  }
  for (Waiter* waiter = batch.head; waiter != nullptr; waiter = waiter->next) waiter->error = LogError::failed;
}

// One post per loop. A waiter may be gone as soon as it is woken, so its successor is read before.
void LogWriter::wake(Waiter* head) {
  struct Chain {
    Loop* loop;
    Waiter *head, *tail;
  };
  std::vector<Chain> chains;
  std::uint64_t woken = 0;
  for (Waiter *waiter = head, *next = nullptr; waiter != nullptr; waiter = next) {
    next = std::exchange(waiter->next, nullptr);
    ++woken;
    if (waiter->blocked != nullptr) {
      waiter->blocked->release();
      continue;
    }
    const auto chain = std::find_if(chains.begin(), chains.end(), [&](const Chain& c) { return c.loop == waiter->loop; });
    if (chain == chains.end())
      chains.push_back({waiter->loop, waiter, waiter});
    else
      chain->tail = chain->tail->next = waiter;
  }
  for (const Chain& chain : chains)
    chain.loop->post([first = chain.head] {
      for (Waiter *waiter = first, *next = nullptr; waiter != nullptr; waiter = next) {
        next = waiter->next;
        waiter->coroutine.resume();
      }
    });
  waiting_.fetch_sub(woken, std::memory_order_release);
}

}  // namespace demarc::governance
