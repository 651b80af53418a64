// Batcher: texts of all callers through the network together, on all cores.
//
//   Batcher batcher({.threads = 2, .width = 384, .run = …});
//   Batcher::Job job(WorkClass::normal, std::move(texts_as_ids), [](std::size_t text, std::span<const float> tokens) { … });
//   if (auto done = batcher.work(job, still_wanted); !done) …      // waits; `take` was called once for each text, from the batcher's threads
//
// Each thread takes the text whose turn it is and fills its batch up with waiting texts of nearly the same length, whoever's they are, so that little
// is padding. A batch is small (kBatchTokens): what fits the processor's caches is faster, and nobody waits long for one to end. Whose turn: first by
// class, then by when its share of the work would have begun had each caller been alone (start-time fair queuing: Goyal, Vin, Cheng, SIGCOMM 1996),
// so a single question is not behind a long list, and the list goes on too.
//
// What a text is batched with changes nothing about it but the order in which the machine may sum (vectors_test.cpp holds the bound). Any thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.hpp"
#include "base/result.hpp"
#include "core/operation.hpp"
#include "tensor/worker/network.hpp"

namespace demarc::tensor::worker {

class Batcher {
 public:
  // 256 tokens went 1.3 times as fast as 2,048 in a trial on one core with AVX-512; a longer text is a batch by itself.
  static constexpr std::size_t kBatchTokens = 256;

  struct Settings {
    std::size_t threads = 1;
    std::size_t width = 0;  // numbers of a token
    std::int64_t padding_id = 0;
    std::function<Result<std::vector<float>, std::string>(const Batch&)> run;
    std::function<void()> on_step = [] {};  // after each batch: a sign of life
  };
  enum class Stop : std::uint8_t { none, gone, engine };

  using Ids = std::vector<std::int64_t>;
  // The vectors of one text's tokens, [its length][width]; once for each text, from any thread, one at a time.
  using Take = std::function<void(std::size_t text, std::span<const float> tokens)>;

  class Job {
   public:
    Job(WorkClass work_class, std::vector<Ids> texts, Take take) : class_(work_class), texts_(std::move(texts)), take_(std::move(take)) {}

   private:
    friend class Batcher;
    const WorkClass class_;
    const std::vector<Ids> texts_;
    const Take take_;
    Mutex taking_;
    std::size_t left_ = 0;       // guarded by the batcher's mutex, as the rest
    std::size_t running_ = 0;    // texts in batches that run
    Stop stopped_ = Stop::none;  // none of its texts begins any more
    std::string error_;
  };

  explicit Batcher(Settings settings);
  ~Batcher();
  Batcher(const Batcher&) = delete;
  Batcher& operator=(const Batcher&) = delete;

  // Until every text is through; Stop::gone once `still_wanted` says no (asked every kAsk_ms). The string says why the engine failed.
  Result<void, std::pair<Stop, std::string>> work(Job& job, const std::function<bool()>& still_wanted);

 private:
  static constexpr int kAsk_ms = 50;

  struct Item {
    Job* job;
    std::size_t text, length;
    WorkClass work_class;
    std::uint64_t turn;    // tokens, on the clock of turn_
    std::uint64_t number;  // arrival
  };
  struct Sooner {
    bool operator()(const Item* a, const Item* b) const;
  };
  struct Shorter {
    bool operator()(const Item* a, const Item* b) const;
  };

  void serve();
  std::vector<Item> take_batch() REQUIRES(mutex_);
  void add(Job& job) REQUIRES(mutex_);
  void drop_waiting(Job& job) REQUIRES(mutex_);
  void run(const std::vector<Item>& items);
  void finish(const std::vector<Item>& items, const std::string& error);

  const Settings settings_;
  Mutex mutex_;
  std::condition_variable waiting_changed_, job_changed_;
  std::map<std::uint64_t, Item> items_ GUARDED_BY(mutex_);  // by number
  std::set<const Item*, Sooner> by_turn_ GUARDED_BY(mutex_);
  std::set<const Item*, Shorter> by_length_ GUARDED_BY(mutex_);
  std::uint64_t turn_ GUARDED_BY(mutex_) = 0;  // of the text that was taken last
  std::uint64_t next_number_ GUARDED_BY(mutex_) = 0;
  bool ends_ GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace demarc::tensor::worker
