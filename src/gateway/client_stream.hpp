// ClientStream: a streaming answer to the client, with the two things that happen beside the relay: after silence a keep-alive comment goes out, and
// lifecycle frames that were held back for too long go out without waiting for the first content.
//
//   ClientStream out(exchange, printer, limits);
//   out.set_headers(headers);                              // go out with the first byte
//   out.hold(bytes_of_lifecycle_frames);                   // not sent yet; failing over is still possible while !out.begun()
//   CO_TRY(co_await out.write(bytes));                     // begins with what was held, then these
//   co_await out.finish(bytes, trailers);                  // the last event and the proper end
//   co_await out.close();                                  // always: ends the coroutine beside
//
// One loop. The writes of the relay and of the coroutine beside never overlap: both take turns by an inner lock.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "config/limits.hpp"
#include "core/io/http.hpp"

namespace demarc::gateway {

class ClientStream {
 public:
  using KeepAlive = std::function<std::string()>;
  ClientStream(Exchange& exchange, std::chrono::milliseconds hold_most, KeepAlive keep_alive);
  ClientStream(const ClientStream&) = delete;
  ClientStream& operator=(const ClientStream&) = delete;
  ~ClientStream();

  void set_headers(Headers headers);  // before it has begun
  void hold(std::string_view bytes);
  Task<Result<void, IoError>> write(std::string_view bytes);  // `bytes` stay until it is done
  Task<Result<void, IoError>> finish(std::string_view bytes, const Headers& trailers);
  Task<void> close();  // before it dies, on every path
  [[nodiscard]] bool begun() const;

 private:
  struct State;
  static Task<void> beside(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace demarc::gateway
