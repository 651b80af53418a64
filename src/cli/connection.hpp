// Connection: how a command talks to a gateway: the one at DEMARC_URL, else the one that serves this data folder (run/admin.sock), else one started
// in this process for this command and ended with it.
//
//   auto connection = Connection::open(place);
//   auto reply = connection->call({.method = "GET", .target = "/admin/v1/status"});
//   reply->status, reply->headers, reply->body
//
// Blocking. call(): any thread, several at once; the rest: one thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "cli/place.hpp"
#include "core/io/http.hpp"

namespace demarc::cli {

struct Answer {
  int status = 0;
  Headers headers;
  std::string body;  // "" where a piece handler took it
};

class Connection {
 public:
  enum class IfNone : std::uint8_t { start_one, fail };
  // `loops` of a gateway that is started here: so many calls run at once.
  static Result<std::unique_ptr<Connection>, std::string> open(const Place& place, IfNone if_none, std::size_t loops = 1);
  ~Connection();

  using OnPiece = std::function<void(std::string_view)>;
  Result<Answer, std::string> call(const std::string& method, const std::string& target, Headers headers, const std::string& body,
                                   const OnPiece& on_piece = nullptr);
  // Waits until an upstream serves the operation or `timeout_ms` is over; an engine started for this command has to load first.
  Result<void, std::string> wait_ready(int timeout_ms, const std::string& operation = "chat");
  // The same for a detector that is a model; at once where none is configured.
  Result<void, std::string> wait_for_detectors(int timeout_ms);
  [[nodiscard]] bool own_gateway() const;

 private:
  // Asks a gateway of our own for its status until `ready` says true of it, or an error of its own. Somebody else's answers for itself.
  Result<void, std::string> wait_until(int timeout_ms, const std::string& who,
                                       const std::function<Result<bool, std::string>(const std::string&)>& ready);
  struct Inner;
  explicit Connection(std::unique_ptr<Inner> inner);
  std::unique_ptr<Inner> inner_;
};

// The exit code and the message of an error answer, in OpenAI's or our own shape.
int exit_code_of(int status);
std::string error_message(const Answer& answer);

}  // namespace demarc::cli
