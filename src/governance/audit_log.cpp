#include "governance/audit_log.hpp"

#include <algorithm>
#include <semaphore>
#include <thread>

#include "base/strings.hpp"
#include "governance/log_reader.hpp"
#include "governance/log_writer.hpp"
#include "governance/recovery.hpp"
#include "governance/sealer.hpp"

namespace demarc::governance {
namespace {

constexpr std::uint64_t kMaxEntriesPerCheckpoint = 16'384;  // so that a long backlog is signed, and its WAL freed, piece by piece
constexpr std::size_t kRecoveryChunk = 256;                 // records appended together, well below the queue's limit

}  // namespace

std::string_view to_string(LogError error) {
  switch (error) {
    case LogError::full: return "too many records wait";
    case LogError::failed: return "the disk failed";
    case LogError::closed: return "the log is closed";
    case LogError::not_open: return "no such open INTENT";
  }
  return "the disk failed";
}

std::string read_boot_id() {
  auto file = real_disk().open("/proc/sys/kernel/random/boot_id", OpenMode::read);
  if (!file) return "";
  auto text = file.value()->read(0, 64);
  return text ? std::string(trim(text.value())) : "";
}

struct AuditLog::Impl {
  Impl(Disk& d, std::string folder, NoteSigner s, LogOptions o)
      : disk(d), dir(std::move(folder)), signer(std::move(s)), options(std::move(o)), sealer(disk, dir, signer), follower(disk, dir) {}

  Result<void, OpenError> open();
  Result<void, OpenError> report_recovery(const Recovered& recovered);
  [[nodiscard]] Stamp stamp() const {
    Clock& clock = options.clock != nullptr ? *options.clock : system_clock();
    return {options.tenant, options.build, options.boot_id, clock.now(), clock.monotonic()};
  }
  void seal_until_stopped();
  Result<void, DiskError> seal_durable();
  void drop_segments();

  Disk& disk;
  std::string dir;
  NoteSigner signer;
  LogOptions options;
  Sealer sealer;         // of the start-up thread, then of sealing
  WalFollower follower;  // likewise
  Health health;
  Recovery recovery;
  std::atomic<std::uint64_t> sealed{0};
  std::unique_ptr<LogWriter> writer;

  Mutex mutex;
  std::condition_variable wanted, done;
  std::uint64_t seal_target GUARDED_BY(mutex) = 0;
  bool stopping GUARDED_BY(mutex) = false;
  std::thread sealing;
};

Result<void, OpenError> AuditLog::Impl::open() {
  const Recovered recovered = TRY(recover(disk, dir, signer, sealer));
  sealed = recovered.size;
  const auto to_error = [&](DiskError error) { return OpenError{OpenError::Kind::disk, dir + "/wal: " + std::string(to_string(error))}; };
  for (const std::string& name : recovered.leftovers)
    if (name.ends_with(".tmp")) TRY(disk.remove(dir + "/wal/" + name).map_error(to_error));
  WalWriter wal(disk, dir + "/wal", options.segment_bytes);
  TRY(wal.begin_segment(recovered.size, recovered.open_intents).map_error(to_error));
  for (const std::string& name : recovered.leftovers)
    if (!name.ends_with(".tmp") && name != wal_segment_name(recovered.size)) TRY(disk.remove(dir + "/wal/" + name).map_error(to_error));
  writer = std::make_unique<LogWriter>(std::move(wal), recovered.size, recovered.open_intents, health);
  sealing = std::thread([this] { seal_until_stopped(); });
  return report_recovery(recovered);
}

// One RECOVERY record and an OUTCOME for each INTENT that has none: what it cost is for the caller to say, that it ended is for us.
Result<void, OpenError> AuditLog::Impl::report_recovery(const Recovered& recovered) {
  recovery = {recovered.size, recovered.cut_bytes, {recovered.open_intents.begin(), recovered.open_intents.end()}};
  if (recovery.cut_bytes == 0 && recovery.crashed_intents.empty()) return {};
  std::vector<Record> records;
  records.emplace_back(EventRecord{"RECOVERY",
                                   "demarc",
                                   {{"crashed_intents", std::to_string(recovery.crashed_intents.size())},
                                    {"cut_bytes", std::to_string(recovery.cut_bytes)},
                                    {"size", std::to_string(recovery.size)}}});
  for (const std::uint64_t index : recovery.crashed_intents) {
    std::optional<IntentRecord> intent;
    const auto walked = for_each_entry(disk, dir, index, index + 1, [&](std::uint64_t, std::string_view entry) {
      auto stored = read_record(entry);
      if (stored && std::holds_alternative<IntentRecord>(stored.value().record)) intent = std::get<IntentRecord>(std::move(stored.value().record));
      return Visit::go_on;
    });
    if (!walked || !intent) return fail(OpenError{OpenError::Kind::damaged, dir + ": the INTENT " + std::to_string(index) + " cannot be read"});
    OutcomeRecord outcome;
    outcome.intent = index, outcome.id = intent->request.id, outcome.attempt = intent->attempt;
    outcome.outcome = AttemptOutcome::unknown_crash, outcome.reason = "crash";
    if (options.charge_of_crashed) outcome.charge = options.charge_of_crashed(*intent);
    records.emplace_back(std::move(outcome));
  }

  for (std::size_t from = 0; from < records.size(); from += kRecoveryChunk) {
    const std::size_t to = std::min(records.size(), from + kRecoveryChunk);
    std::counting_semaphore<> durable(0);
    std::vector<Waiter> waiters(to - from);
    std::ptrdiff_t sent = 0;
    for (std::size_t i = from; i < to; ++i) {
      Waiter& waiter = waiters[i - from];
      waiter.blocked = &durable;
      waiter.add(records[i], stamp());
      if (writer->enqueue(waiter)) ++sent;
    }
    while (sent-- > 0) durable.acquire();
    for (const Waiter& waiter : waiters)
      if (waiter.error) return fail(OpenError{OpenError::Kind::disk, dir + ": " + health.why()});
  }
  return {};
}

// Sealing follows the writer through the WAL, so what it holds in memory does not depend on how far it is behind.
Result<void, DiskError> AuditLog::Impl::seal_durable() {
  const std::uint64_t target = writer->durable_size();
  while (sealer.size() < target) {
    const std::uint64_t end = std::min(target, sealer.size() + kMaxEntriesPerCheckpoint);
    std::optional<DiskError> failed;
    TRY(follower.read(sealer.size(), end, [&](std::uint64_t, std::string_view entry) {
      const auto added = sealer.add(entry);
      if (!added) failed = added.error();
      return added ? Visit::go_on : Visit::stop;
    }));
    if (failed) return fail(*failed);
    if (sealer.size() < end) return fail(DiskError::io);  // durable, and yet not there
    TRY(sealer.checkpoint());
    sealed.store(sealer.size(), std::memory_order_release);
    drop_segments();
  }
  return {};
}

// A segment may go once a later one begins at or below the signed size. One that cannot be removed is tried again next time.
void AuditLog::Impl::drop_segments() {
  const auto segments = list_wal_segments(disk, dir + "/wal");
  if (!segments) return;
  for (std::size_t i = 0; i + 1 < segments.value().size() && segments.value()[i + 1] <= sealer.size(); ++i)
    (void)disk.remove(dir + "/wal/" + wal_segment_name(segments.value()[i])).ok();
}

void AuditLog::Impl::seal_until_stopped() NO_THREAD_SAFETY_ANALYSIS {  // the analysis does not know std::unique_lock
  std::unique_lock<std::mutex> lock(mutex.native());
  for (bool last = false; !last;) {
    wanted.wait_for(lock, options.checkpoint_interval, [this]() NO_THREAD_SAFETY_ANALYSIS { return stopping || seal_target > sealed.load(); });
    last = stopping;
    lock.unlock();
    if (health.ok()) {
      const auto went = seal_durable();
      if (!went) health.fail("audit log: tiles or checkpoint could not be written: " + std::string(to_string(went.error())));
    }
    lock.lock();
    if (!health.ok()) seal_target = 0;  // nobody gets it any more
    done.notify_all();
  }
}

AuditLog::AuditLog(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<AuditLog>, OpenError> AuditLog::open(Disk& disk, const DiskLock& /*lock*/, std::string dir, NoteSigner signer,
                                                            LogOptions options) {
  std::unique_ptr<AuditLog> log(new AuditLog(std::make_unique<Impl>(disk, std::move(dir), std::move(signer), std::move(options))));
  TRY(log->impl_->open());
  return log;
}

AuditLog::~AuditLog() { close(); }

void AuditLog::close() {
  if (impl_->writer) impl_->writer->stop();
  {
    MutexLock lock(impl_->mutex);
    impl_->stopping = true;
    impl_->wanted.notify_all();
  }
  if (impl_->sealing.joinable()) impl_->sealing.join();
}

namespace {

struct Enqueue {
  LogWriter& writer;
  Waiter& waiter;
  [[nodiscard]] bool await_ready() const { return false; }
  bool await_suspend(std::coroutine_handle<> awaiting) const {
    waiter.coroutine = awaiting;
    return writer.enqueue(waiter);
  }
  [[nodiscard]] Result<std::uint64_t, LogError> await_resume() const {
    if (waiter.error) return fail(*waiter.error);
    return waiter.index;
  }
};

}  // namespace

Task<Result<std::uint64_t, LogError>> AuditLog::append(Loop& loop, const Record& record) {
  Waiter waiter;
  waiter.loop = &loop;
  waiter.add(record, impl_->stamp());
  co_return co_await Enqueue{*impl_->writer, waiter};
}

Task<Result<std::uint64_t, LogError>> AuditLog::append(Loop& loop, const Record& first, const Record& second) {
  Waiter waiter;
  waiter.loop = &loop;
  waiter.add(first, impl_->stamp());
  waiter.add(second, impl_->stamp());
  co_return co_await Enqueue{*impl_->writer, waiter};
}

Result<std::uint64_t, LogError> AuditLog::append_blocking(const Record& record) {
  std::counting_semaphore<> durable(0);
  Waiter waiter;
  waiter.blocked = &durable;
  waiter.add(record, impl_->stamp());
  if (impl_->writer->enqueue(waiter)) durable.acquire();
  if (waiter.error) return fail(*waiter.error);
  return waiter.index;
}

Result<void, LogError> AuditLog::seal() NO_THREAD_SAFETY_ANALYSIS {  // the analysis does not know std::unique_lock
  std::unique_lock<std::mutex> lock(impl_->mutex.native());
  if (impl_->stopping) return fail(LogError::closed);
  const std::uint64_t target = impl_->writer->durable_size();
  impl_->seal_target = std::max(impl_->seal_target, target);
  impl_->wanted.notify_all();
  impl_->done.wait(lock, [&] { return impl_->sealed.load() >= target || !impl_->health.ok(); });
  if (impl_->sealed.load() < target) return fail(LogError::failed);
  return {};
}

bool AuditLog::healthy() const { return impl_->health.ok(); }
std::string AuditLog::failure() const { return impl_->health.why(); }
std::uint64_t AuditLog::waiting() const { return impl_->writer->waiting(); }
std::uint64_t AuditLog::size() const { return impl_->writer->durable_size(); }
std::uint64_t AuditLog::sealed() const { return impl_->sealed.load(std::memory_order_acquire); }
const Recovery& AuditLog::recovery() const { return impl_->recovery; }
const std::string& AuditLog::origin() const { return impl_->signer.name(); }

Result<std::string, DiskError> AuditLog::read(std::uint64_t index) const {
  if (index >= size()) return fail(DiskError::not_found);
  std::string found;
  const auto next = for_each_entry(impl_->disk, impl_->dir, index, index + 1, [&](std::uint64_t, std::string_view entry) {
    found = entry;
    return Visit::go_on;
  });
  if (!next) return fail(next.error());
  if (next.value() != index + 1) return fail(DiskError::io);
  return found;
}

Result<void, OpenError> AuditLog::replay(std::uint64_t from_index, const OnRecord& on_record) const {
  std::optional<OpenError> failed;
  const std::uint64_t end = size();
  bool stopped = false;
  const auto next = for_each_entry(impl_->disk, impl_->dir, from_index, end, [&](std::uint64_t index, std::string_view entry) {
    auto record = read_record(entry);
    if (!record) {
      failed = OpenError{OpenError::Kind::damaged, "record " + std::to_string(index) + ": " + std::string(to_string(record.error()))};
      return Visit::stop;
    }
    stopped = on_record(index, std::move(record).value()) == Replay::stop;
    return stopped ? Visit::stop : Visit::go_on;
  });
  if (failed) return fail(*failed);
  if (!next) return fail(OpenError{OpenError::Kind::disk, impl_->dir + ": " + std::string(to_string(next.error()))});
  if (!stopped && next.value() < end) return fail(OpenError{OpenError::Kind::damaged, impl_->dir + ": records are missing"});
  return {};
}

}  // namespace demarc::governance
