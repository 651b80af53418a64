// Both ends of a benchmark of streams: a provider that streams words, and a client that counts the events it gets.
//
//   stream_peer serve PORT EVENTS INTERVAL_MS        each answer: EVENTS words, one per INTERVAL_MS (0: as fast as they are taken), then [DONE];
//                                                    if the prompt holds a placeholder, every tenth word is that placeholder, cut in two events
//   stream_peer load PORT STREAMS SECONDS TEXT       STREAMS answers at once, again and again, for SECONDS; prints {"events":…,"done":…,"seconds":…}
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <semaphore>

#include "core/json/writer.hpp"
#include "http/client.hpp"
#include "http/loops.hpp"
#include "http/server.hpp"

namespace demarc {
namespace {

std::string event(std::string_view delta) {
  std::string out = R"(data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-5-mini","choices":[{"index":0,"delta":{)";
  out += delta;
  return out += "},\"finish_reason\":null}]}\n\n";
}

std::string word_event(std::string_view word) {
  std::string text = "\"content\":";
  append_json_string(text, word);
  return event(text);
}

std::string placeholder_in(const std::string& body) {
  const std::size_t at = body.find("EMAILX");
  std::size_t end = at;
  while (end < body.size() && std::isalnum(static_cast<unsigned char>(body[end])) != 0) ++end;
  return at == std::string::npos ? "" : body.substr(at, end - at);
}

Task<void> answer(Exchange& exchange, int events, std::chrono::milliseconds interval) {
  const std::string placeholder = placeholder_in(exchange.request().body);
  const std::string word = word_event(" word");
  const std::string first_half = word_event(" " + placeholder.substr(0, placeholder.size() / 2)),
                    second_half = word_event(placeholder.substr(placeholder.size() / 2));
  if (!co_await exchange.begin(200, {{"content-type", "text/event-stream"}})) co_return;
  if (!co_await exchange.write(event(R"("role":"assistant","content":"")"))) co_return;
  for (int i = 0; i < events; ++i) {
    if (interval.count() > 0) co_await exchange.loop().sleep(interval);
    const bool special = !placeholder.empty() && i % 10 >= 8;
    if (!co_await exchange.write(!special ? word : i % 10 == 8 ? first_half : second_half)) co_return;
  }
  constexpr std::string_view kEnd =
      "data: "
      "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"gpt-5-mini\",\"choices\":[{\"index\":0,\"delta\":{},"
      "\"finish_reason\":\"stop\"}]}\n\ndata: "
      "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"gpt-5-mini\",\"choices\":[],"
      "\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":100,\"total_tokens\":120}}\n\ndata: [DONE]\n\n";
  if (!co_await exchange.write(kEnd)) co_return;
  static_cast<void>(co_await exchange.finish({}));
}

int serve(http::Loops& loops, char** argv, std::binary_semaphore& ended) {
  const int events = std::atoi(argv[3]);
  const std::chrono::milliseconds interval(std::atoi(argv[4]));
  http::Server server(
      loops, {.listeners = {{.address = std::string("127.0.0.1:") + argv[2], .tls = nullptr}}},
      [=](Exchange& exchange) { return answer(exchange, events, interval); },
      [](const ApiError&, std::string_view, const Headers&) { return std::pair<Headers, std::string>{}; });
  if (auto listening = server.listen(); !listening) return std::fprintf(stderr, "%s\n", listening.error().c_str()), 1;
  std::puts("ready"), std::fflush(stdout);
  ended.acquire();
  return 0;
}

struct Load {
  Origin origin;
  std::string body;
  Monotonic until;
  std::int64_t events = 0, done = 0, failed = 0, running = 0;
  Cancellation cancellation;
};

Task<void> stream_on(Load& load, HttpClient& client, Loop& loop, std::binary_semaphore& ended) {
  while (loop.now() < load.until) {
    auto reply =
        co_await client.send(load.origin, {.target = "/v1/chat/completions", .headers = {{"content-type", "application/json"}}, .body = load.body},
                             {}, load.cancellation, open_gate());
    if (!reply || (*reply)->status() != 200) {
      ++load.failed;
      break;
    }
    for (;;) {
      const auto piece = co_await (*reply)->read();
      if (!piece || piece->empty()) {
        piece ? ++load.done : ++load.failed;
        break;
      }
      for (std::size_t at = piece->find("\n\n"); at != std::string_view::npos; at = piece->find("\n\n", at + 2)) ++load.events;
    }
  }
  if (--load.running == 0) ended.release();
}

int load(http::Loops& loops, char** argv, std::binary_semaphore& ended) {
  const int streams = std::atoi(argv[3]), seconds = std::atoi(argv[4]);
  Load load{.origin = {.host = "127.0.0.1", .port = static_cast<std::uint16_t>(std::atoi(argv[2]))}};
  load.body = R"({"model":"gpt-5-mini","stream":true,"messages":[{"role":"user","content":)";
  append_json_string(load.body, argv[5]);
  load.body += "}]}";
  auto client = http::make_client(loops.at(0), {});
  const Monotonic began = system_clock().monotonic();
  load.until = began + std::chrono::seconds(seconds);
  load.running = streams;
  loops.at(0).post([&] {
    for (int i = 0; i < streams; ++i) spawn(stream_on(load, *client, loops.at(0), ended));
  });
  ended.acquire();
  const double took_s = static_cast<double>((system_clock().monotonic() - began).count()) / 1e9;
  std::printf("{\"events\":%lld,\"done\":%lld,\"failed\":%lld,\"seconds\":%.3f}\n", static_cast<long long>(load.events),
              static_cast<long long>(load.done), static_cast<long long>(load.failed), took_s);
  loops.stop(), loops.join();
  return 0;
}

}  // namespace
}  // namespace demarc

int main(int argc, char** argv) {
  const bool serves = argc == 5 && std::strcmp(argv[1], "serve") == 0, loads = argc == 6 && std::strcmp(argv[1], "load") == 0;
  if (!serves && !loads) return std::fprintf(stderr, "usage: stream_peer serve PORT EVENTS INTERVAL_MS | load PORT STREAMS SECONDS TEXT\n"), 2;
  demarc::http::Loops loops(1);
  std::binary_semaphore ended(0);
  loops.on_signals({SIGTERM, SIGINT}, [&](int) { ended.release(); });
  loops.start();
  return serves ? demarc::serve(loops, argv, ended) : demarc::load(loops, argv, ended);
}
