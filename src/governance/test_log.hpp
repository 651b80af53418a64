// What the tests of this module share: records, keys, a loop of one thread, a log on a MemoryDisk.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "core/io/disk_memory.hpp"
#include "governance/audit_log.hpp"
#include "governance/keys.hpp"

namespace demarc::governance::testing {

class FixedRandom final : public Random {  // the same bytes each time
 public:
  void fill(void* into, std::size_t size_bytes) override {
    for (std::size_t i = 0; i < size_bytes; ++i) static_cast<unsigned char*>(into)[i] = static_cast<unsigned char>(next_++);
  }

 private:
  unsigned next_ = 1;
};

inline NoteSigner test_signer() {
  FixedRandom random;
  return NoteSigner::create("example.com/log", random);
}

inline IntentRecord intent_of(int n) {
  IntentRecord intent;
  intent.request.id = "req_" + std::to_string(n);
  intent.request.key_id = "dmc_test_1";
  intent.request.dialect = "openai.chat";
  intent.request.model_requested = "auto";
  intent.request.findings = FindingCounts{{"US_SSN", 1}};
  intent.request.policy_digest = "sha256:00";
  intent.request.request_commitment = "AAAA";
  intent.rules = {"cloud-when-redacted"};
  intent.upstream = "frontier", intent.model = "gpt-5-mini", intent.tier = Tier::cloud;
  intent.redactions = {{"US_SSN", 1}};
  return intent;
}

inline OutcomeRecord outcome_of(std::uint64_t intent, int n) {
  OutcomeRecord outcome;
  outcome.intent = intent, outcome.id = "req_" + std::to_string(n);
  outcome.status = 200, outcome.usage.input_tokens = 12, outcome.usage.output_tokens = 3;
  outcome.charge = {ChargeKind::billed, Money::from_pico(123'450'000), Alternative{"chat-local", "smollm2", Money::from_pico(9'000'000)}};
  return outcome;
}

inline DenyRecord deny_of(int n) {
  DenyRecord deny;
  deny.request = intent_of(n).request;
  deny.cause = "forbidden", deny.rules = {"restricted-never-leaves"};
  return deny;
}

inline LogOptions test_options() {
  LogOptions options;
  options.build = "0.1.0", options.boot_id = "7d0e", options.checkpoint_interval = std::chrono::hours(1), options.segment_bytes = 16 * 1024;
  return options;
}

inline Result<std::unique_ptr<AuditLog>, OpenError> open_log_at(Disk& disk, const std::string& dir, LogOptions options) {
  struct NoLock final : DiskLock {};
  static NoLock lock;  // these tests open one log after the other
  return AuditLog::open(disk, lock, dir, test_signer(), std::move(options));
}
inline Result<std::unique_ptr<AuditLog>, OpenError> open_log(Disk& disk, LogOptions options = test_options()) {
  return open_log_at(disk, "audit", std::move(options));
}

class ThreadLoop final : public Loop {  // runs what is posted, on a thread of its own, until it dies; sleeps are not for it
 public:
  explicit ThreadLoop(std::size_t index = 0) : index_(index), thread_([this] { run(); }) {}
  ~ThreadLoop() override {
    post({});
    thread_.join();
  }
  void post(std::function<void()> work) override {
    const std::lock_guard lock(mutex_);
    work_.push_back(std::move(work));
    arrived_.notify_one();
  }
  [[nodiscard]] std::size_t index() const override { return index_; }
  [[nodiscard]] Clock& clock() override { return system_clock(); }

 protected:
  void resume_after(std::chrono::nanoseconds /*duration*/, std::coroutine_handle<> /*waiting*/) override { CHECK(false); }

 private:
  void run() {
    for (;;) {
      std::unique_lock lock(mutex_);
      arrived_.wait(lock, [this] { return !work_.empty(); });
      const auto work = std::move(work_.front());
      work_.pop_front();
      lock.unlock();
      if (!work) return;
      work();
    }
  }
  std::size_t index_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<std::function<void()>> work_;
  std::thread thread_;
};

}  // namespace demarc::governance::testing
