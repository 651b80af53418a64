#include "cli/pilot/review_page.hpp"

#include <simdjson.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <charconv>
#include <cstdlib>

#include "base/encode.hpp"
#include "core/hmac.hpp"
#include "core/json/writer.hpp"
#include "http/server.hpp"

namespace demarc::cli {
namespace {

struct Told {
  int status = 200;
  std::string body, type = "application/json";
};

Told wrong(int status, std::string_view message) {
  Told told{.status = status};
  JsonWriter json(told.body);
  json.object([&] { json.field("error", message); });
  return told;
}

std::string random_hex() {
  const auto bytes = system_random().bytes<20>();
  return to_hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

Headers headers_of(const Told& told, const std::string& nonce) {
  return {{"content-type", told.type},
          {"cache-control", "no-store"},
          {"x-content-type-options", "nosniff"},
          {"x-frame-options", "DENY"},
          {"referrer-policy", "no-referrer"},
          {"cross-origin-opener-policy", "same-origin"},
          {"content-security-policy", "default-src 'none'; connect-src 'self'; img-src data:; style-src 'nonce-" + nonce + "'; script-src 'nonce-" +
                                          nonce + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}};
}

std::string with_nonce(std::string page, std::string_view nonce) {
  constexpr std::string_view kMark = "NONCE-OF-THIS-ANSWER";
  for (std::size_t at = page.find(kMark); at != std::string::npos; at = page.find(kMark, at)) page.replace(at, kMark.size(), nonce);
  return page;
}

// The number behind "/pairs/", if there is such a pair.
std::optional<std::size_t> pair_of(std::string_view path, std::size_t pairs) {
  constexpr std::string_view kPairs = "/pairs/";
  if (!path.starts_with(kPairs)) return {};
  path.remove_prefix(kPairs.size());
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(path.data(), path.data() + path.size(), number);
  if (error != std::errc() || end != path.data() + path.size() || number >= pairs) return {};
  return number;
}

}  // namespace

struct ReviewPage::Inner {
  explicit Inner(planning::Review& review_in) : review(review_in) {}

  Told answer(const HttpRequest& request) {
    // A page elsewhere may have its name resolve to this machine (DNS rebinding): it asks under that name, not under this address.
    if (request.headers.get("host") != host) return wrong(403, "ask under http://" + host);
    if (request.method == "GET" && request.path() == "/") return {.body = std::string(review_html()), .type = "text/html; charset=utf-8"};
    // Digests are compared, so that the time it takes says nothing of how much of a token was right.
    if (hmac_sha256(secret, request.headers.get("authorization")) != hmac_sha256(secret, "Bearer " + token))
      return wrong(403, "the token is missing or of another review: open the address that the terminal shows");
    if (request.method == "POST" && request.path() == "/finish") return finished.test_and_set(), finished.notify_all(), Told{.body = "{}"};
    const auto pair = pair_of(request.path(), review.size());
    if (!pair) return wrong(404, "there is no such pair");
    if (request.method == "GET") return {.body = review.shown(*pair)};
    if (request.method == "POST") return judge(*pair, request.body);
    return wrong(405, "GET or POST");
  }

  Told judge(std::size_t pair, const std::string& body) {
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    planning::ReviewVerdict verdict;
    if (parser.parse(simdjson::padded_string(body)).get(root) != simdjson::SUCCESS ||
        root["first"].get_bool().get(verdict.first) != simdjson::SUCCESS || root["second"].get_bool().get(verdict.second) != simdjson::SUCCESS)
      return wrong(400, "a verdict has first and second, true or false");
    if (auto kept = review.judge(pair, verdict, system_clock().now()); !kept) return wrong(500, "could not be kept: " + kept.error());
    Told told;
    JsonWriter json(told.body);
    json.object([&] { json.field("judged", review.judged()); });
    return told;
  }

  planning::Review& review;
  const std::string token = random_hex(), secret = random_hex();
  std::string host;  // before anybody can ask
  std::atomic_flag finished;
  http::Loops loops{1};
  std::unique_ptr<http::Server> server;
};

ReviewPage::ReviewPage(planning::Review& review) : inner_(std::make_unique<Inner>(review)) {}
ReviewPage::~ReviewPage() = default;

Result<void, std::string> ReviewPage::open() {
  Inner& inner = *inner_;
  const Handler handler = [&inner](Exchange& exchange) -> Task<void> {
    Told told = inner.answer(exchange.request());
    const std::string nonce = random_hex();
    if (told.type.starts_with("text/html")) told.body = with_nonce(std::move(told.body), nonce);
    (void)co_await exchange.respond(told.status, headers_of(told, nonce), told.body);
  };
  const http::ErrorBody refused = [](const ApiError& error, std::string_view, const Headers&) {
    const Told told = wrong(400, error.message);
    return std::pair(headers_of(told, ""), told.body);
  };
  constexpr std::size_t kBodyBytes = 4096;
  inner.server = std::make_unique<http::Server>(
      inner.loops,
      http::ServerOptions{.listeners = {{.address = "127.0.0.1:0", .tls = nullptr}},
                          .limits = {.body_bytes = kBodyBytes, .upload_bytes = kBodyBytes, .buffered_bytes = 1 << 20, .connections = 64}},
      handler, refused);
  inner.loops.start();
  TRY(inner.server->listen());
  inner.host = inner.server->addresses().front();
  return {};
}

std::string ReviewPage::address() const { return "http://" + inner_->host + "/#" + inner_->token; }

void ReviewPage::wait() {
  inner_->finished.wait(false);
  inner_->server->drain(std::chrono::seconds(2));  // the page is told before it ends
}

void show_in_browser(const std::string& address, const std::string& folder) {
  if (std::getenv("DISPLAY") == nullptr && std::getenv("WAYLAND_DISPLAY") == nullptr) return;
  const std::string file = folder + "/open-review.html";
  const std::string page = "<!doctype html><meta http-equiv=\"refresh\" content=\"0;url=" + address + "\">\n";
  if (!write_file_durably(real_disk(), file, page, 0600)) return;
  pid_t child = 0;
  std::string program = "xdg-open", argument = file;
  std::array<char*, 3> arguments{program.data(), argument.data(), nullptr};
  if (::posix_spawnp(&child, "xdg-open", nullptr, nullptr, arguments.data(), environ) == 0) ::waitpid(child, nullptr, 0);
}

}  // namespace demarc::cli
