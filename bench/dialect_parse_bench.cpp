// How long it takes to understand a request: parse() of a chat of 1.5 KB and of 32 KB, each on one core, median and 99th percentile of many runs.
//   dialect_parse_bench [RUNS]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "dialect/dialect.hpp"

namespace {

std::string chat_of(std::size_t size_bytes) {
  std::string body =
      R"({"model":"gpt-5-mini","stream":true,"stream_options":{"include_usage":true},"tools":[{"type":"function","function":{"name":"lookup",)"
      R"("description":"Find a customer","parameters":{"type":"object","properties":{"id":{"type":"string","description":"number"}},)"
      R"("required":["id"]}}}],"messages":[{"role":"system","content":"You are brief."})";
  const std::string turn =
      R"(,{"role":"user","content":"Please summarise the following clause,\nand say \"why\": the tenant shall pay on the first day of each month."})"
      R"(,{"role":"assistant","content":"The tenant pays monthly, in advance, because the clause names the first day."})";
  while (body.size() + turn.size() + 2 <= size_bytes) body += turn;
  return body + "]}";
}

void measure(std::size_t size_bytes, int runs) {
  using Clock = std::chrono::steady_clock;
  const std::string body = chat_of(size_bytes);
  const demarc::dialect::Dialect& dialect = *demarc::dialect::dialect_named("openai.chat");
  std::vector<double> times_us;
  std::size_t parts = 0;
  for (int i = 0; i < runs; ++i) {
    demarc::HttpRequest http;
    http.body.reserve(body.size() + 64);
    http.body = body;
    const auto start = Clock::now();
    const auto request = demarc::dialect::parse(dialect, std::move(http));
    times_us.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
    parts = (*request)->parts.size();
  }
  std::sort(times_us.begin(), times_us.end());
  std::printf("%6zu bytes, %4zu parts: median %.1f us, p99 %.1f us\n", body.size(), parts, times_us[times_us.size() / 2],
              times_us[times_us.size() * 99 / 100]);
}

}  // namespace

int main(int argc, char** argv) {
  const int runs = argc > 1 ? std::max(100, std::atoi(argv[1])) : 20'000;
  measure(1536, runs);
  measure(32 * 1024, runs);
}
