#include "tensor/worker/batcher.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <numeric>

namespace demarc::tensor::worker {
namespace {

using Ids = Batcher::Ids;

// A network of one number a token: the token itself. Notes its batches; the first one waits until the test opens the gate.
class EchoNetwork {
 public:
  Batcher::Settings settings(std::size_t threads = 1) {
    return {.threads = threads, .width = 1, .padding_id = -1, .run = [this](const Batch& batch) { return run(batch); }};
  }
  void open() { is_open_ = true; }
  [[nodiscard]] bool is_reached() const { return is_reached_; }
  std::vector<Batch> batches() {
    MutexLock lock(mutex_);
    return batches_;
  }

 private:
  Result<std::vector<float>, std::string> run(const Batch& batch) {
    is_reached_ = true;
    while (!is_open_) std::this_thread::yield();
    MutexLock lock(mutex_);
    batches_.push_back(batch);
    if (std::ranges::find(batch.ids, 13) != batch.ids.end()) return fail(std::string("thirteen"));
    return std::vector<float>(batch.ids.begin(), batch.ids.end());
  }
  std::atomic<bool> is_open_ = false, is_reached_ = false;
  Mutex mutex_;
  std::vector<Batch> batches_;
};

const auto kAlways = [] { return true; };

// Sums by text.
struct Sums {
  explicit Sums(std::size_t texts) : of(texts) {}
  std::vector<float> of;
  Batcher::Take take() {
    return [this](std::size_t text, std::span<const float> tokens) { of[text] += std::accumulate(tokens.begin(), tokens.end(), 0.0F); };
  }
};

Ids text_of(std::size_t length, std::int64_t token) { return Ids(length, token); }

TEST(Batcher, GivesEachTextItsOwnTokensOnce) {
  EchoNetwork network;
  network.open();
  Batcher batcher(network.settings(3));
  std::vector<Ids> texts;
  std::vector<float> wanted;
  for (std::size_t i = 0; i < 500; ++i) texts.push_back(text_of(1 + i * 7 % 60, static_cast<std::int64_t>(20 + i)));
  for (const Ids& text : texts) wanted.push_back(static_cast<float>(text.size()) * static_cast<float>(text.front()));
  Sums sums(texts.size());
  Batcher::Job job(WorkClass::normal, texts, sums.take());
  ASSERT_TRUE(batcher.work(job, kAlways).ok());
  EXPECT_EQ(sums.of, wanted);
}

TEST(Batcher, KeepsABatchWithinItsTokensAndPadsLittle) {
  EchoNetwork network;
  network.open();
  Batcher batcher(network.settings());
  std::vector<Ids> texts;
  for (std::size_t i = 0; i < 400; ++i) texts.push_back(text_of(2 + i * 31 % 120, 20));
  Sums sums(texts.size());
  Batcher::Job job(WorkClass::normal, texts, sums.take());
  ASSERT_TRUE(batcher.work(job, kAlways).ok());
  std::size_t tokens = 0, padded = 0;
  for (const Batch& batch : network.batches()) {
    EXPECT_LE(batch.rows * batch.length, Batcher::kBatchTokens);
    padded += batch.rows * batch.length;
    tokens += static_cast<std::size_t>(std::accumulate(batch.mask.begin(), batch.mask.end(), std::int64_t{0}));
  }
  EXPECT_LT(static_cast<double>(padded), 1.1 * static_cast<double>(tokens));
}

// The order in which texts that wait go through, one a batch by their very different lengths.
std::vector<std::size_t> order_of(std::vector<std::pair<WorkClass, std::vector<Ids>>> callers) {
  EchoNetwork network;
  Batcher batcher(network.settings());
  Mutex mutex;
  std::vector<std::size_t> order;
  std::vector<std::thread> threads;
  std::vector<std::atomic<bool>> asked(callers.size());
  Sums first(1);
  Batcher::Job holder(WorkClass::interactive, {text_of(1, 20)}, first.take());
  threads.emplace_back([&] { EXPECT_TRUE(batcher.work(holder, kAlways).ok()); });
  while (!network.is_reached()) std::this_thread::yield();
  std::size_t number = 0;
  for (auto& [work_class, texts] : callers) {
    threads.emplace_back([&, caller = number, work_class = work_class, texts = texts] {
      Batcher::Job job(work_class, texts, [&](std::size_t, std::span<const float>) {
        MutexLock lock(mutex);
        order.push_back(caller);
      });
      const auto done = batcher.work(job, [&] { return asked[caller] = true; });  // it is asked while it waits, so it is in the queue by then
      EXPECT_TRUE(done.ok());
    });
    while (!asked[number]) std::this_thread::yield();
    ++number;
  }
  network.open();
  for (std::thread& thread : threads) thread.join();
  return order;
}

TEST(Batcher, ServesAShortQuestionInTheMiddleOfALongList) {
  std::vector<Ids> list;
  for (std::size_t i = 0; i < 6; ++i) list.push_back(text_of(200 + i, 20));
  const auto order = order_of({{WorkClass::normal, list}, {WorkClass::normal, {text_of(5, 21)}}});
  EXPECT_LE(std::ranges::find(order, 1U) - order.begin(), 1);
}

TEST(Batcher, ServesInteractiveTextsFirst) {
  const auto order =
      order_of({{WorkClass::batch, {text_of(100, 20)}}, {WorkClass::normal, {text_of(60, 21)}}, {WorkClass::interactive, {text_of(30, 22)}}});
  EXPECT_EQ(order, (std::vector<std::size_t>{2, 1, 0}));
}

TEST(Batcher, StopsForACallerWhoIsGone) {
  EchoNetwork network;
  Batcher batcher(network.settings());
  std::vector<Ids> texts;
  for (std::size_t i = 0; i < 50; ++i) texts.push_back(text_of(250, 20));
  Sums sums(texts.size());
  Batcher::Job job(WorkClass::normal, texts, sums.take());
  const auto done = batcher.work(job, [&] { return network.open(), false; });
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().first, Batcher::Stop::gone);
  EXPECT_LE(network.batches().size(), 2U);
}

TEST(Batcher, SaysWhyTheEngineFailedAndServesTheNextCaller) {
  EchoNetwork network;
  network.open();
  Batcher batcher(network.settings());
  Sums sums(1);
  Batcher::Job bad(WorkClass::normal, {text_of(4, 13)}, sums.take()), good(WorkClass::normal, {text_of(4, 20)}, sums.take());
  const auto failed = batcher.work(bad, kAlways);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error(), (std::pair(Batcher::Stop::engine, std::string("thirteen"))));
  ASSERT_TRUE(batcher.work(good, kAlways).ok());
  EXPECT_EQ(sums.of[0], 80);
}

}  // namespace
}  // namespace demarc::tensor::worker
