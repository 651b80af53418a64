// Keeper: files and jobs of this data folder, and what runs of them now.
//
//   auto keeper = TRY(Keeper::open(disk, data, services, say));
//   keeper->start(loops);                       // what was not over goes on where it stood
//   co_await keeper->on_side(loop, [&] { return keeper->store().job(id); });
//   keeper->launch(job);  keeper->cancel(id);   // any thread
//   keeper->stop(grace);                        // before the loops stop: what is under way is cut off, to be run again
//
// Each job runs on one loop (run.hpp), `limits.jobs` of them at once, the others wait in the order they came. store() and shelf() block: on_side()
// only, but for threads that may wait (sweep.hpp). launch(), cancel(): any thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/job.hpp"
#include "gateway/jobs/shelf.hpp"
#include "gateway/side_threads.hpp"
#include "store/job_store.hpp"

namespace demarc::gateway {

struct Services;
class Run;

class Keeper {
 public:
  using Say = std::function<void(const std::string&)>;
  static Result<std::unique_ptr<Keeper>, std::string> open(Disk& disk, const std::string& data, Services& services, Say say);
  ~Keeper();

  void start(std::vector<Loop*> loops);
  void stop(std::chrono::milliseconds grace);

  [[nodiscard]] store::JobStore& store() { return *store_; }
  [[nodiscard]] Shelf& shelf() { return shelf_; }
  [[nodiscard]] Services& services() { return services_; }
  template <class Work>
  auto on_side(Loop& loop, Work work) {
    return side_.run(loop, std::move(work));
  }
  void say(const std::string& line) const { say_(line); }

  void launch(const std::string& job);
  void cancel(const std::string& job);  // its state says so already
  void over(const std::string& job);    // by its Run, as the last thing that it does
  // Room in memory for a piece of so many bytes, within half of limits.buffered_mib over all jobs; one piece always has room.
  bool hold(std::int64_t bytes);
  void let_go(std::int64_t bytes);
  struct Standing {
    std::size_t running = 0, waiting = 0;
  };
  [[nodiscard]] Standing standing() const;

  // Away with a file that nobody reads, or with all that an owner has. Any thread that may wait for the disk.
  Result<void, std::string> drop_file(const std::string& id);
  Result<std::size_t, std::string> erase(const std::string& owner);

 private:
  Keeper(std::unique_ptr<store::JobStore> store, Shelf shelf, Services& services, Say say)
      : store_(std::move(store)), shelf_(std::move(shelf)), services_(services), say_(std::move(say)) {}
  void begin_next();  // with mutex_ held
  Result<void, std::string> clear_up();

  std::unique_ptr<store::JobStore> store_;
  Shelf shelf_;
  Services& services_;
  Say say_;
  std::vector<Loop*> loops_;
  mutable std::mutex mutex_;
  std::condition_variable idle_;
  std::map<std::string, std::shared_ptr<Run>> running_;  // guarded by mutex_, as is what follows
  std::deque<std::string> waiting_;
  std::size_t next_loop_ = 0;
  std::int64_t held_bytes_ = 0;
  bool stopping_ = false;
  SideThreads side_;  // last: what it does uses the others
};

}  // namespace demarc::gateway
