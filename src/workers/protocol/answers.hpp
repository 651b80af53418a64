// What every worker answers alike: its health, its refusals, and how long a caller is willing to wait.
//
//   if (state != ready) return refuse(response, 503, "The model is not ready.", "not_ready");
//   const auto patience = patience_of(request);      // asked again and again while working
//   response.set_content(print_health(health), kJson);
//
// Any thread; caller_is_there() ties patience_of() to the thread that serves the request.
#pragma once

#include <httplib.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/operation.hpp"
#include "workers/protocol/settings.hpp"

namespace demarc::workers {

inline constexpr const char* kJson = "application/json";

enum class State : std::uint8_t { loading, ready, draining };

// {"error": {"message", "type", "param", "code"}}; no `param`: null
std::string print_error(std::string_view message, std::string_view type, std::string_view code, std::string_view param = {});
void refuse(httplib::Response& response, int status, std::string_view message, std::string_view code, std::string_view param = {});

// Whether to ask for patience is a step of work done (a sign of life), or only waiting for others' steps.
enum class Asked : std::uint8_t { between_steps, while_waiting };
// The caller's patience: its connection, and Demarc-Deadline-Ms, the milliseconds it gives from now on.
std::function<bool()> patience_of(const httplib::Request& request, Asked asked = Asked::between_steps);
void count_step();  // of work that nobody's patience was asked for

// Demarc-Class; normal where it is not said.
WorkClass work_class_of(const httplib::Request& request);

// How many requests are at work, of how many that may be.
struct Load {
  std::atomic<std::size_t> in_flight = 0;
  std::atomic<std::uint64_t> done = 0;
};
std::string print_health(State state, const Load& load, const Settings& settings);

// A place among the requests at work, given back when the last holder lets go. One too many is not held, and told so with 503.
class Slot {
 public:
  Slot(Load& load, std::size_t slots) : load_(load), held_(load.in_flight.fetch_add(1) < slots) {}
  ~Slot() {
    if (held_) load_.done.fetch_add(1);
    load_.in_flight.fetch_sub(1);
  }
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;

  [[nodiscard]] bool held() const { return held_; }

 private:
  Load& load_;
  bool held_;
};

}  // namespace demarc::workers
