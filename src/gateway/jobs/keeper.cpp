#include "gateway/jobs/keeper.hpp"

#include <algorithm>
#include <set>

#include "gateway/jobs/run.hpp"
#include "gateway/services.hpp"

namespace demarc::gateway {
namespace {

privacy::Digest key_from(const std::string& pepper) {
  privacy::Digest secret{};
  std::copy_n(pepper.begin(), std::min(pepper.size(), secret.size()), secret.begin());
  return privacy::keyed(secret, {"files and results of jobs"});
}

}  // namespace

Result<std::unique_ptr<Keeper>, std::string> Keeper::open(Disk& disk, const std::string& data, Services& services, Say say) {
  const std::string folder = data + "/jobs";
  auto shelf = Shelf::open(disk, folder + "/files", key_from(services.pepper), system_random());
  if (!shelf) return fail(folder + ": cannot be made: " + std::string(to_string(shelf.error())));
  auto store = store::JobStore::open(folder + "/jobs.sqlite");
  if (!store) return fail(store.error().message);
  std::unique_ptr<Keeper> keeper(new Keeper(*std::move(store), *std::move(shelf), services, std::move(say)));
  TRY(keeper->clear_up());
  return keeper;
}

Keeper::~Keeper() = default;

// Bytes that no row knows: of an upload that was cut off before it was acknowledged, or of a file whose row is deleted.
Result<void, std::string> Keeper::clear_up() {
  std::set<std::string> known;
  const auto jobs = store_->unfinished();
  if (!jobs) return fail(jobs.error().message);
  for (const Job& job : *jobs) known.insert({job.output_file, job.error_file, job.id});
  const auto ids = shelf_.ids();
  if (!ids) return fail("jobs/files: " + std::string(to_string(ids.error())));
  for (const std::string& id : *ids) {
    if (known.contains(id) || known.contains(job_of_parts(id))) continue;
    const auto file = store_->file(id);
    if (!file) return fail(file.error().message);
    if (!*file) static_cast<void>(shelf_.remove(id));
  }
  return {};
}

void Keeper::start(std::vector<Loop*> loops) {
  loops_ = std::move(loops);
  if (auto jobs = store_->unfinished(); jobs)
    for (const Job& job : *jobs) launch(job.id);
}

void Keeper::stop(std::chrono::milliseconds grace) {
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    for (const auto& [id, run] : running_) run->loop().post([run] { run->stop(Run::Why::shutdown); });
    idle_.wait_for(lock, grace, [this] { return running_.empty(); });
  }
  side_.stop();
}

void Keeper::launch(const std::string& job) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back(job);
  begin_next();
}

void Keeper::begin_next() {
  const auto most = static_cast<std::size_t>(services_.snapshots.current()->config.limits.jobs);
  while (!stopping_ && !waiting_.empty() && running_.size() < most) {
    Loop& loop = *loops_[next_loop_++ % loops_.size()];
    const auto run = std::make_shared<Run>(*this, loop, waiting_.front());
    running_.emplace(waiting_.front(), run);
    waiting_.pop_front();
    loop.post([run] { spawn(run->go()); });
  }
}

// One that waits has nothing to cut off: it is over in its turn.
void Keeper::cancel(const std::string& job) {
  const std::lock_guard lock(mutex_);
  if (const auto at = running_.find(job); at != running_.end()) {
    const auto run = at->second;
    run->loop().post([run] { run->stop(Run::Why::cancelled); });
  }
  if (const auto at = std::ranges::find(waiting_, job); at != waiting_.end()) std::rotate(waiting_.begin(), at, at + 1);
}

void Keeper::over(const std::string& job) {
  const std::lock_guard lock(mutex_);
  running_.erase(job);
  begin_next();
  idle_.notify_all();
}

bool Keeper::hold(std::int64_t bytes) {
  const std::lock_guard lock(mutex_);
  const std::int64_t most = services_.snapshots.current()->config.limits.buffered_mib << 19;
  if (held_bytes_ > 0 && held_bytes_ + bytes > most) return false;
  held_bytes_ += bytes;
  return true;
}

void Keeper::let_go(std::int64_t bytes) {
  const std::lock_guard lock(mutex_);
  held_bytes_ -= bytes;
}

Keeper::Standing Keeper::standing() const {
  const std::lock_guard lock(mutex_);
  return {.running = running_.size(), .waiting = waiting_.size()};
}

// The row first: bytes without one are cleared up at the next start.
Result<void, std::string> Keeper::drop_file(const std::string& id) {
  if (auto removed = store_->remove_file(id); !removed) return fail(removed.error().message);
  if (auto removed = shelf_.remove(id); !removed) return fail(std::string(to_string(removed.error())));
  return {};
}

Result<std::size_t, std::string> Keeper::erase(const std::string& owner) {
  const auto files = store_->files_of(owner);
  if (!files) return fail(files.error().message);
  for (const StoredFile& file : *files) TRY(drop_file(file.id));
  if (auto gone = store_->forget_jobs_of(owner); !gone) return fail(gone.error().message);
  return files->size();
}

}  // namespace demarc::gateway
