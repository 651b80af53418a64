// WorkerService: what every worker does alike by the worker protocol (ARCHITECTURE.md): it listens at once, loads beside that, answers GET /health,
// works on no more requests than it has slots and places beside them (one too many is told so with 503, since the gateway does the queueing) and ends
// when those at work have finished.
//
//   class Service : public WorkerService {
//     Service(Settings settings) : WorkerService(std::move(settings), kMaxBodyBytes) { post("/v1/spans", …); }
//     Result<void, std::string> load() override { … }      // the error is for the log
//   };
//   int main(int argc, char** argv) { return run_worker<Service>(argc, argv, "demarc-tensor"); }
//
// Writes nothing of a request's content anywhere.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "workers/protocol/answers.hpp"
#include "workers/protocol/settings.hpp"
#include "workers/protocol/unix_server.hpp"

namespace demarc::workers {

class WorkerService {
 public:
  WorkerService(const WorkerService&) = delete;
  WorkerService& operator=(const WorkerService&) = delete;
  virtual ~WorkerService() = default;

  int run();    // one thread; until stop(); an exit status
  void stop();  // any thread, not a signal handler

 protected:
  struct TooLarge {  // what is answered to a body of more bytes, with 413
    std::string message = "The body is larger than this engine takes.", code = "request_too_large";
  };
  WorkerService(Settings settings, std::size_t max_body_bytes, TooLarge too_large);
  WorkerService(Settings settings, std::size_t max_body_bytes) : WorkerService(std::move(settings), max_body_bytes, TooLarge{}) {}

  // Called once, on a thread of its own. What it writes is only read after, by requests.
  virtual Result<void, std::string> load() = 0;
  // The slot is held until its last owner lets go: an answer that is still being made keeps it.
  using Work = std::function<void(const httplib::Request&, httplib::Response&, std::shared_ptr<Slot>)>;
  void post(const std::string& path, Work work);  // before run()
  [[nodiscard]] const Settings& settings() const { return settings_; }

 private:
  void load_beside();
  void give_back();  // memory, to the system; any thread

  Settings settings_;
  UnixServer server_;
  std::atomic<State> state_ = State::loading;
  std::atomic<bool> failed_ = false;
  Load load_;
  std::atomic<std::uint64_t> trimmed_after_ = 0;  // so many requests
  std::atomic<std::chrono::steady_clock::duration> trimmed_{};
};

// The programs' main(): reads the settings file, serves until SIGTERM or SIGINT. An exit status: 2 if it was called wrongly.
int run_worker(int argc, char** argv, const char* program, const std::function<std::unique_ptr<WorkerService>(Settings)>& make);

template <class Service>
int run_worker(int argc, char** argv, const char* program) {
  return run_worker(argc, argv, program, [](Settings settings) { return std::make_unique<Service>(std::move(settings)); });
}

}  // namespace demarc::workers
