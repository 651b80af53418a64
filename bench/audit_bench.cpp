// How many durable records a second, and how long one append takes: audit_bench DIR [--writers 64] [--loops 2] [--seconds 5]
//
// Writers are coroutines spread over loops, each an endless INTENT, OUTCOME, INTENT, …, awaiting every append, as requests do. DIR must be new and on
// the disk to measure. Prints one JSON object; times are of append() from call to resumption.
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>

#include "core/json/writer.hpp"
#include "governance/audit_log.hpp"

namespace demarc::governance {
namespace {

class BenchLoop final : public Loop {
 public:
  explicit BenchLoop(std::size_t index) : index_(index), thread_([this] { run(); }) {}
  ~BenchLoop() override {
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
      std::deque<std::function<void()>> work;
      {
        std::unique_lock lock(mutex_);
        arrived_.wait(lock, [this] { return !work_.empty(); });
        work.swap(work_);
      }
      for (const auto& call : work) {
        if (!call) return;
        call();
      }
    }
  }
  std::size_t index_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<std::function<void()>> work_;
  std::thread thread_;
};

struct Writer {
  std::vector<std::uint32_t> micros;
  bool failed = false;
};

IntentRecord typical_intent() {
  IntentRecord intent;
  intent.request.id = "req_01932f6e-8f1a-7c3e-9d55-0a1b2c3d4e5f";
  intent.request.key_id = "dmc_live_ab12cd34", intent.request.team = "claims", intent.request.workload = "contract-triage";
  intent.request.dialect = "openai.chat", intent.request.model_requested = "auto",
  intent.request.findings = FindingCounts{{"PERSON", 2}, {"US_SSN", 1}};
  intent.request.policy_digest = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
  intent.request.request_commitment = intent.sent_commitment = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
  intent.rules = {"cloud-when-redacted"}, intent.matched = {"personal", "copilots-on-frontier"}, intent.requires_ = {"redact"};
  intent.attributes_read = {"sensitivity", "declared", "findings", "operation"};
  intent.upstream = "frontier", intent.model = "gpt-5-mini", intent.tier = Tier::cloud, intent.region = "us", intent.address = "api.example.com";
  return intent;
}

Task<void> write_until(AuditLog& log, Loop& loop, Monotonic end, Writer& writer, std::atomic<int>& left) {
  co_await loop.enter();
  const Record intent{typical_intent()};
  OutcomeRecord outcome;
  outcome.id = std::get<IntentRecord>(intent).request.id, outcome.status = 200, outcome.usage.input_tokens = 900, outcome.usage.output_tokens = 120;
  outcome.charge = {ChargeKind::billed, Money::from_pico(123'450'000), Alternative{"chat-local", "smollm2", Money::from_pico(9'000'000)}};
  bool open = false;
  for (Monotonic now = loop.now(); now < end && !writer.failed;) {
    const Record closing{outcome};
    const auto index = co_await log.append(loop, open ? closing : intent);
    const Monotonic after = loop.now();
    writer.micros.push_back(static_cast<std::uint32_t>((after - now).count() / 1000));
    writer.failed = !index;
    if (index && !open) outcome.intent = index.value();
    open = !open, now = after;
  }
  --left;
  left.notify_one();
}

int run(const std::string& dir, int writers, int loops, int seconds) {
  Disk& disk = real_disk();
  if (!make_directories(disk, dir)) return std::fprintf(stderr, "cannot make %s\n", dir.c_str()), 1;
  const auto lock = disk.lock(dir + "/lock");
  if (!lock) return std::fprintf(stderr, "%s is in use\n", dir.c_str()), 1;
  LogOptions options;
  options.build = "bench", options.boot_id = read_boot_id();
  auto log = AuditLog::open(disk, *lock.value(), dir + "/audit", NoteSigner::create("bench/log", system_random()), options);
  if (!log) return std::fprintf(stderr, "%s\n", log.error().message.c_str()), 1;
  const std::uint64_t size_before = log.value()->size();

  std::vector<Writer> states(static_cast<std::size_t>(writers));
  std::atomic<int> left{writers};
  const Monotonic start = system_clock().monotonic();
  {
    std::vector<std::unique_ptr<BenchLoop>> all;
    for (int i = 0; i < loops; ++i) all.push_back(std::make_unique<BenchLoop>(static_cast<std::size_t>(i)));
    for (std::size_t i = 0; i < states.size(); ++i)
      spawn(write_until(*log.value(), *all[i % all.size()], start + std::chrono::seconds(seconds), states[i], left));
    for (int n = left; n > 0; n = left) left.wait(n);
  }
  const double elapsed = static_cast<double>((system_clock().monotonic() - start).count()) / 1e9;
  const std::uint64_t size = log.value()->size(), sealed = log.value()->sealed();
  if (!log.value()->healthy()) return std::fprintf(stderr, "%s\n", log.value()->failure().c_str()), 1;
  const Monotonic closing = system_clock().monotonic();
  log.value()->close();

  std::vector<std::uint32_t> micros;
  for (const Writer& writer : states) micros.insert(micros.end(), writer.micros.begin(), writer.micros.end());
  std::sort(micros.begin(), micros.end());
  const auto at = [&](double share) {
    return micros.empty() ? 0U : micros[static_cast<std::size_t>(share * static_cast<double>(micros.size() - 1))];
  };
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("writers", writers);
    json.field("loops", loops);
    json.field("seconds", elapsed);
    json.field("records", size - size_before);
    json.field("records_per_s", static_cast<std::int64_t>(static_cast<double>(size - size_before) / elapsed));
    json.field("append_p50_us", at(0.5));
    json.field("append_p99_us", at(0.99));
    json.field("append_p999_us", at(0.999));
    json.field("append_max_us", at(1.0));
    json.field("unsealed_at_end", size - sealed);
    json.field("close_ms", to_ms(system_clock().monotonic() - closing));
  });
  std::puts(out.c_str());
  return 0;
}

}  // namespace
}  // namespace demarc::governance

int main(int argc, char** argv) {
  if (argc < 2 || argc % 2 != 0) return std::fputs("usage: audit_bench DIR [--writers N] [--loops N] [--seconds N]\n", stderr), 2;
  int writers = 64, loops = 2, seconds = 5;
  for (int i = 2; i < argc; i += 2) {
    const int number = std::atoi(argv[i + 1]);
    if (std::strcmp(argv[i], "--writers") == 0)
      writers = number;
    else if (std::strcmp(argv[i], "--loops") == 0)
      loops = number;
    else if (std::strcmp(argv[i], "--seconds") == 0)
      seconds = number;
    else
      return std::fprintf(stderr, "unknown option %s\n", argv[i]), 2;
  }
  if (writers < 1 || loops < 1 || seconds < 1) return std::fputs("numbers must be 1 or more\n", stderr), 2;
  return demarc::governance::run(argv[1], writers, loops, seconds);
}
