#include "workers/protocol/service.hpp"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>

#include <chrono>
#include <cstdio>
#include <thread>

namespace demarc::workers {
namespace {

constexpr std::size_t kSpareThreads = 4;  // for health and refusals while every slot works
constexpr std::chrono::seconds kTrimEvery(10);

}  // namespace

WorkerService::WorkerService(Settings settings, std::size_t max_body_bytes, TooLarge too_large)
    : settings_(std::move(settings)), server_(settings_.socket, settings_.slots + settings_.beside + kSpareThreads, max_body_bytes) {
  server_.Get("/health", [this](const httplib::Request&, httplib::Response& response) {
    give_back();
    const State state = state_;
    response.status = state == State::ready ? 200 : 503;
    response.set_content(print_health(state, load_, settings_), kJson);
  });
  constexpr int kTooLarge = 413;
  server_.set_error_handler([too_large = std::move(too_large)](const httplib::Request&, httplib::Response& response) {
    if (response.status == kTooLarge && response.body.empty()) refuse(response, kTooLarge, too_large.message, too_large.code);
  });
}

void WorkerService::post(const std::string& path, Work work) {
  server_.Post(path, [this, work = std::move(work)](const httplib::Request& request, httplib::Response& response) {
    if (state_ != State::ready) return refuse(response, 503, "The model is not ready.", "not_ready");
    auto slot = std::make_shared<Slot>(load_, settings_.slots + settings_.beside);
    if (!slot->held()) return refuse(response, 503, "Every slot is taken.", "busy");
    work(request, response, std::move(slot));
  });
}

int WorkerService::run() {
  std::thread loader([this] { load_beside(); });
  const bool served = server_.serve();
  if (!served) std::fprintf(stderr, "the socket %s cannot be served\n", settings_.socket.c_str());
  loader.join();
  return served && !failed_ ? 0 : 1;
}

void WorkerService::stop() {
  state_ = State::draining;
  while (load_.in_flight > 0) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  server_.stop();
}

// The gateway asks for health all the time, so this runs about once a second. Work that begins after it pays for its pages anew: hence not after each
// request, but when nobody waits, and now and then while the work never ends.
void WorkerService::give_back() {
  const std::uint64_t done = load_.done;
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  const bool is_due = now - trimmed_.load() > kTrimEvery;
  if (trimmed_after_ == done || (load_.in_flight > 0 && !is_due)) return;
  trimmed_after_ = done, trimmed_ = now;
  malloc_trim(0);
}

void WorkerService::load_beside() {
  if (const auto loaded = load(); !loaded) {
    std::fprintf(stderr, "the model cannot be loaded: %s\n", loaded.error().c_str());
    failed_ = true;
    while (!server_.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(5));  // stop() before that would be lost
    return server_.stop();
  }
  State loading = State::loading;
  state_.compare_exchange_strong(loading, State::ready);
}

namespace {

// One arena for all threads, which grows to what the work needs at once and is trimmed between (give_back). An arena each would
// keep that for every thread that ever worked.
void keep_one_arena() { CHECK(mallopt(M_ARENA_MAX, 1) == 1); }

}  // namespace

int run_worker(int argc, char** argv, const char* program, const std::function<std::unique_ptr<WorkerService>(Settings)>& make) {
  keep_one_arena();
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s SETTINGS.json\n", program);
    return 2;
  }
  const auto settings = read_settings(argv[1]);
  if (!settings) {
    std::fprintf(stderr, "%s\n", settings.error().c_str());
    return 2;
  }
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);  // before any thread, so that all inherit it

  const auto service = make(*settings);
  std::thread([&service, ends] {
    int signal = 0;
    sigwait(&ends, &signal);
    service->stop();
  }).detach();  // lives as long as the process
  return service->run();
}

}  // namespace demarc::workers
