#include "workers/protocol/answers.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>

#include "core/json/writer.hpp"
#include "workers/protocol/unix_server.hpp"

namespace demarc::workers {
namespace {

constexpr long long kLongestRequestMs = 86'400'000;

std::atomic<std::uint64_t> steps = 0;  // of work, of all requests ever: each asks for its caller's patience between two

std::uint64_t rss_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t total_pages = 0, resident_pages = 0;
  statm >> total_pages >> resident_pages;
  return resident_pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace

std::string print_error(std::string_view message, std::string_view type, std::string_view code, std::string_view param) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.object("error", [&] {
      json.field("message", message);
      json.field("type", type);
      param.empty() ? json.field("param", json_null) : json.field("param", param);
      json.field("code", code);
    });
  });
  return out;
}

void refuse(httplib::Response& response, int status, std::string_view message, std::string_view code, std::string_view param) {
  response.status = status;
  response.set_content(print_error(message, status < 500 ? "invalid_request_error" : "server_error", code, param), kJson);
}

void count_step() { steps.fetch_add(1, std::memory_order_relaxed); }

std::function<bool()> patience_of(const httplib::Request& request, Asked asked) {
  const long long asked_ms = std::atoll(request.get_header_value("Demarc-Deadline-Ms").c_str());
  const auto left = std::chrono::milliseconds(asked_ms > 0 ? std::min(asked_ms, kLongestRequestMs) : kLongestRequestMs);
  return [deadline = std::chrono::steady_clock::now() + left, asked] {
    if (asked == Asked::between_steps) count_step();
    return caller_is_there() && std::chrono::steady_clock::now() < deadline;
  };
}

std::string print_health(State state, const Load& load, const Settings& settings) {
  std::string body;
  JsonWriter json(body);
  json.object([&] {
    json.field("state", state == State::loading ? "loading" : state == State::ready ? "ready" : "draining");
    json.field("progress", state == State::loading ? 0.0 : 1.0);
    json.field("rss_bytes", rss_bytes());
    json.field("in_flight", load.in_flight.load());
    json.field("done", load.done.load());
    json.field("steps", steps.load());
    json.object("model", [&] {
      json.field("name", settings.model_name);
      json.field("digest", settings.model_digest);
    });
  });
  return body;
}

WorkClass work_class_of(const httplib::Request& request) {
  return parse_work_class(request.get_header_value("Demarc-Class")).value_or(WorkClass::normal);
}

}  // namespace demarc::workers
