#include "cli/connection.hpp"

#include <simdjson.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <future>
#include <iostream>

#include "cli/cli.hpp"
#include "cli/gateway_options.hpp"
#include "config/base_url.hpp"
#include "http/client.hpp"
#include "http/loops.hpp"

namespace demarc::cli {
namespace {

bool accepts(const std::string& socket_path) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  if (fd < 0 || socket_path.size() >= sizeof address.sun_path) return false;
  std::memcpy(address.sun_path, socket_path.c_str(), socket_path.size() + 1);
  const bool ok = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return ok;
}

Task<void> exchange(HttpClient& client, const Origin& origin, const OutgoingRequest& request, const Connection::OnPiece& on_piece,
                    Cancellation& cancellation, std::promise<Result<Answer, std::string>>& done) {
  auto reply = co_await client.send(origin, request, {}, cancellation, open_gate());
  if (!reply) {
    done.set_value(fail(std::string(to_string(reply.error().kind)) + (reply.error().detail.empty() ? "" : ": " + reply.error().detail)));
    co_return;
  }
  Answer answer{.status = (*reply)->status(), .headers = (*reply)->headers(), .body = {}};
  for (;;) {
    const auto piece = co_await (*reply)->read();
    if (!piece) {
      done.set_value(fail("the answer broke off: " + std::string(to_string(piece.error()))));
      co_return;
    }
    if (piece->empty()) break;
    if (on_piece && answer.status == 200)
      on_piece(*piece);
    else
      answer.body += *piece;
  }
  reply->reset();
  done.set_value(std::move(answer));
}

}  // namespace

struct Connection::Inner {
  std::unique_ptr<gateway::Gateway> gateway;
  http::Loops loops{1};
  std::unique_ptr<HttpClient> client;
  Origin origin;
  std::string key;
};

Connection::Connection(std::unique_ptr<Inner> inner) : inner_(std::move(inner)) {}

Connection::~Connection() {
  inner_->loops.stop();
  inner_->loops.join();
  inner_->client.reset();
}

Result<std::unique_ptr<Connection>, std::string> Connection::open(const Place& place, IfNone if_none, std::size_t loops) {
  auto inner = std::make_unique<Inner>();
  const std::string socket_path = place.data + "/run/admin.sock";
  if (const char* url = std::getenv("DEMARC_URL"); url != nullptr && *url != '\0') {
    inner->origin = TRY(config::parse_base_url(url));
  } else if (accepts(socket_path)) {
    inner->origin = {.kind = Origin::Kind::unix_socket, .host = "localhost", .unix_path = socket_path};
  } else if (if_none == IfNone::fail) {
    return fail("no gateway serves " + place.data + ". Start one: demarc serve");
  } else {
    gateway::GatewayOptions options = gateway_options(place);
    options.listen = gateway::GatewayOptions::Listen::admin_only;
    options.loops = loops;
    inner->gateway = TRY(gateway::Gateway::start(std::move(options)));
    inner->origin = {.kind = Origin::Kind::unix_socket, .host = "localhost", .unix_path = socket_path};
  }
  if (const char* key = std::getenv("DEMARC_KEY")) inner->key = key;
  inner->loops.start();
  inner->client = http::make_client(inner->loops.at(0), {});
  return std::unique_ptr<Connection>(new Connection(std::move(inner)));
}

Result<Answer, std::string> Connection::call(const std::string& method, const std::string& target, Headers headers, const std::string& body,
                                             const OnPiece& on_piece) {
  if (!inner_->key.empty()) headers.set("authorization", "Bearer " + inner_->key);
  const OutgoingRequest request{.method = method, .target = inner_->origin.base_path + target, .headers = std::move(headers), .body = body};
  Cancellation cancellation;
  std::promise<Result<Answer, std::string>> done;
  auto future = done.get_future();
  inner_->loops.at(0).post([&] { spawn(exchange(*inner_->client, inner_->origin, request, on_piece, cancellation, done)); });
  return future.get();
}

namespace {

constexpr int kStepMs = 50;

bool detectors_ready(const std::string& status_json) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  std::string_view state;
  return parser.parse(status_json).get(root) == simdjson::SUCCESS &&
         (root["detectors"]["names"]["engine"]["state"].get(state) != simdjson::SUCCESS || state == "ready");
}

// Whether a model for `operation` is up; nullopt: none is configured.
std::optional<bool> serves_now(const std::string& status_json, const std::string& operation) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  simdjson::dom::array upstreams, models, serves;
  std::optional<bool> found;
  if (parser.parse(status_json).get(root) != simdjson::SUCCESS || root["upstreams"].get(upstreams) != simdjson::SUCCESS) return found;
  for (const simdjson::dom::element upstream : upstreams) {
    if (upstream["models"].get(models) != simdjson::SUCCESS) continue;
    for (const simdjson::dom::element model : models) {
      if (model["serves"].get(serves) != simdjson::SUCCESS) continue;
      for (const simdjson::dom::element served : serves) {
        std::string_view name;
        bool usable = false;
        if (served.get(name) != simdjson::SUCCESS || name != operation || model["usable"].get(usable) != simdjson::SUCCESS) continue;
        found = found.value_or(false) || usable;
      }
    }
  }
  return found;
}

}  // namespace

Result<void, std::string> Connection::wait_until(int timeout_ms, const std::string& who,
                                                 const std::function<Result<bool, std::string>(const std::string&)>& ready) {
  if (!own_gateway()) return {};
  for (int waited_ms = 0; waited_ms <= timeout_ms; waited_ms += kStepMs) {
    const Answer status = TRY(call("GET", "/admin/v1/status", {}, ""));
    if (TRY(ready(status.body))) return {};
    usleep(kStepMs * 1000);
  }
  return fail(who + " did not become ready. demarc doctor names the cause");
}

Result<void, std::string> Connection::wait_ready(int timeout_ms, const std::string& operation) {
  TRY(wait_for_detectors(timeout_ms));
  return wait_until(timeout_ms, "the engine for " + operation, [&](const std::string& status) -> Result<bool, std::string> {
    const auto up = serves_now(status, operation);
    if (!up) return fail("nothing here serves " + operation + ". Fetch the starter models: demarc models pull --starter");
    return *up;
  });
}

Result<void, std::string> Connection::wait_for_detectors(int timeout_ms) {
  return wait_until(timeout_ms, "the detector of names",
                    [](const std::string& status) -> Result<bool, std::string> { return detectors_ready(status); });
}

bool Connection::own_gateway() const { return inner_->gateway != nullptr; }

int exit_code_of(int status) {
  if (status < 400) return kOk;
  if (status == 403) return kDenied;
  return status == 429 || status >= 500 ? kUnavailable : kFailed;
}

std::string error_message(const Answer& answer) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  std::string_view message;
  if (parser.parse(answer.body).get(root) != simdjson::SUCCESS || root["error"]["message"].get(message) != simdjson::SUCCESS)
    return "status " + std::to_string(answer.status) + (answer.body.size() < 300 ? " " + answer.body : "");
  std::string text(message);
  if (std::string_view hint; root["error"]["demarc"]["hint"].get(hint) == simdjson::SUCCESS && !hint.empty()) text += "\nTry: " + std::string(hint);
  return text;
}

}  // namespace demarc::cli
