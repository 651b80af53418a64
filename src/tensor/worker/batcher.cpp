#include "tensor/worker/batcher.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <tuple>

#include "base/check.hpp"

namespace demarc::tensor::worker {

bool Batcher::Sooner::operator()(const Item* a, const Item* b) const {
  return std::tuple(a->work_class, a->turn, a->number) < std::tuple(b->work_class, b->turn, b->number);
}
bool Batcher::Shorter::operator()(const Item* a, const Item* b) const { return std::tuple(a->length, a->number) < std::tuple(b->length, b->number); }

Batcher::Batcher(Settings settings) : settings_(std::move(settings)) {
  CHECK(settings_.threads > 0 && settings_.width > 0);
  for (std::size_t i = 0; i < settings_.threads; ++i) threads_.emplace_back([this] { serve(); });
}

Batcher::~Batcher() {
  {
    MutexLock lock(mutex_);
    ends_ = true;
  }
  waiting_changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

Result<void, std::pair<Batcher::Stop, std::string>> Batcher::work(Job& job, const std::function<bool()>& still_wanted) {
  MutexLock lock(mutex_);
  add(job);
  waiting_changed_.notify_all();
  std::unique_lock native(mutex_.native(), std::adopt_lock);
  const auto is_over = [&]() NO_THREAD_SAFETY_ANALYSIS { return job.left_ == 0 && job.running_ == 0; };
  while (!is_over()) {
    if (job_changed_.wait_for(native, std::chrono::milliseconds(kAsk_ms), is_over)) break;
    if (job.stopped_ == Stop::none && !still_wanted()) {
      job.stopped_ = Stop::gone;
      drop_waiting(job);
    }
  }
  native.release();
  if (job.stopped_ == Stop::none) return {};
  return fail(std::pair(job.stopped_, job.error_));
}

// A caller's texts one after the other, each begun when those before it would be through.
void Batcher::add(Job& job) {
  std::uint64_t turn = turn_;
  for (std::size_t text = 0; text < job.texts_.size(); ++text) {
    const std::size_t length = job.texts_[text].size();
    const std::uint64_t number = next_number_++;
    const Item& item = items_.emplace(number, Item{&job, text, length, job.class_, turn, number}).first->second;
    by_turn_.insert(&item), by_length_.insert(&item);
    turn += length;
  }
  job.left_ = job.texts_.size();
}

void Batcher::drop_waiting(Job& job) {
  for (auto at = items_.begin(); at != items_.end();) {
    if (at->second.job != &job) {
      ++at;
      continue;
    }
    by_turn_.erase(&at->second), by_length_.erase(&at->second);
    at = items_.erase(at);
  }
  job.left_ = 0;
}

std::vector<Batcher::Item> Batcher::take_batch() {
  std::vector<Item> batch;
  std::size_t longest = 0;
  const auto take = [&](const Item* item) NO_THREAD_SAFETY_ANALYSIS {
    longest = std::max(longest, item->length);
    batch.push_back(*item);
    by_turn_.erase(item), by_length_.erase(item);
    --item->job->left_, ++item->job->running_;
    items_.erase(item->number);
  };
  const Item* const head = *by_turn_.begin();
  turn_ = std::max(turn_, head->turn);
  const Item key{nullptr, 0, head->length, head->work_class, 0, head->number};
  take(head);
  // Shorter ones first, the nearest in length: they cost little padding. Then longer ones, as long as all of the batch may grow to their length.
  const auto fits = [&](std::size_t length) { return (batch.size() + 1) * std::max(longest, length) <= kBatchTokens; };
  const auto near = [&](std::size_t length) { return length * 5 >= longest * 4; };
  auto at = by_length_.lower_bound(&key);
  while (at != by_length_.begin() && fits(0)) {
    const Item* const shorter = *std::prev(at);
    if (!near(shorter->length)) break;
    take(shorter);
    at = by_length_.lower_bound(&key);
  }
  while (at != by_length_.end() && fits((*at)->length) && (*at)->length * 4 <= key.length * 5) {
    const Item* const longer = *at++;
    take(longer);
  }
  return batch;
}

void Batcher::serve() {
  MutexLock lock(mutex_);
  std::unique_lock native(mutex_.native(), std::adopt_lock);
  for (;;) {
    waiting_changed_.wait(native, [&]() NO_THREAD_SAFETY_ANALYSIS { return ends_ || !items_.empty(); });
    if (ends_) break;
    const std::vector<Item> items = take_batch();
    native.unlock();
    run(items);
    settings_.on_step();
    native.lock();
  }
  native.release();
}

void Batcher::run(const std::vector<Item>& items) {
  Batch batch{.rows = items.size(), .length = std::ranges::max(items, {}, &Item::length).length, .ids = {}, .mask = {}};
  batch.ids.assign(batch.rows * batch.length, settings_.padding_id);
  batch.mask.assign(batch.rows * batch.length, 0);
  for (std::size_t row = 0; row < items.size(); ++row) {
    const Ids& ids = items[row].job->texts_[items[row].text];
    std::ranges::copy(ids, batch.ids.begin() + static_cast<std::ptrdiff_t>(row * batch.length));
    std::fill_n(batch.mask.begin() + static_cast<std::ptrdiff_t>(row * batch.length), ids.size(), 1);
  }
  const auto vectors = settings_.run(batch);
  if (vectors)
    for (std::size_t row = 0; row < items.size(); ++row) {
      Job& job = *items[row].job;
      MutexLock taking(job.taking_);
      job.take_(items[row].text, std::span(*vectors).subspan(row * batch.length * settings_.width, items[row].length * settings_.width));
    }
  finish(items, vectors ? "" : vectors.error());
}

void Batcher::finish(const std::vector<Item>& items, const std::string& error) {
  {
    MutexLock lock(mutex_);
    for (const Item& item : items) {
      --item.job->running_;
      if (error.empty() || item.job->stopped_ != Stop::none) continue;
      item.job->stopped_ = Stop::engine, item.job->error_ = error;
      drop_waiting(*item.job);
    }
  }
  job_changed_.notify_all();
}

}  // namespace demarc::tensor::worker
