// RequestParser and ReplyParser: llhttp, strict, with the limits and the few rules it leaves to its user. Bytes in, HttpRequest or reply out; no
// sockets, so fuzzing needs none. Internal to http/. One coroutine.
//
//   RequestParser parser(request, limits);
//   for (;;) { CO_TRY(parser.feed(bytes) → how many were used); if (parser.done()) break; ... }
#pragma once

#include <llhttp.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "core/error.hpp"
#include "core/io/http.hpp"

namespace demarc::http {

struct ParseLimits {
  std::size_t header_bytes, header_count, body_bytes, upload_bytes;  // upload: a body of multipart/form-data
};

// Gathers a header section out of llhttp's spans.
class FieldCollector {
 public:
  explicit FieldCollector(Headers& headers) : headers_(headers) { headers.reserve(12); }
  void name(std::string_view part);
  void value(std::string_view part);
  void complete();
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] std::size_t count() const { return count_; }
  void count_bytes(std::size_t more) { bytes_ += more; }
  void drop_further() { dropping_ = true; }  // trailers: counted, not kept

 private:
  Headers& headers_;
  std::string name_, value_;
  std::size_t bytes_ = 0, count_ = 0;
  bool dropping_ = false;
};

class RequestParser {
 public:
  // `allow_body_bytes` is asked before more memory is reserved for the body; false: 503.
  RequestParser(HttpRequest& request, const ParseLimits& limits, std::function<bool(std::size_t)> allow_body_bytes);
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  // Returns how many of `bytes` belong to this request; fewer than given only when it is done. After a failure it takes no more.
  Result<std::size_t, ApiError> feed(std::string_view bytes);
  [[nodiscard]] bool head_done() const { return head_done_; }
  [[nodiscard]] bool done() const { return done_; }
  [[nodiscard]] bool expects_continue() const { return expects_continue_; }
  [[nodiscard]] bool keep_alive() const { return keep_alive_; }
  [[nodiscard]] bool http_1_0() const { return llhttp_.http_minor == 0; }
  // Body bytes still to come, if content-length told.
  [[nodiscard]] std::size_t known_body_left() const { return content_length_ - std::min(content_length_, request_.body.size()); }

 private:
  friend struct RequestCallbacks;
  int refuse(ErrorKind kind, std::string message);
  int head_complete();
  int take_body(std::string_view part);
  bool grow_body(std::size_t bytes);
  int check_head_limits();

  llhttp_t llhttp_{};
  HttpRequest& request_;
  const ParseLimits& limits_;
  std::function<bool(std::size_t)> allow_body_bytes_;
  FieldCollector fields_;
  std::optional<ApiError> error_;
  std::size_t content_length_ = 0, accounted_bytes_ = 0, extension_bytes_ = 0;
  std::size_t body_limit_ = 0;  // known with the head
  bool head_done_ = false, done_ = false, expects_continue_ = false, keep_alive_ = false;
};

class ReplyParser {
 public:
  enum class Body : std::uint8_t { as_told, none };  // none: the reply to a HEAD
  ReplyParser(Headers& headers, std::size_t head_bytes_limit, Body body);
  ReplyParser(const ReplyParser&) = delete;
  ReplyParser& operator=(const ReplyParser&) = delete;

  struct Fed {
    std::size_t used = 0;
    std::string_view body;  // all body bytes of this feed, moved together within `bytes`
  };
  Result<Fed, IoError> feed(char* bytes, std::size_t size_bytes);
  Result<void, IoError> finish();  // the connection ended
  [[nodiscard]] bool head_done() const { return head_done_; }
  [[nodiscard]] bool done() const { return done_; }
  [[nodiscard]] bool keep_alive() const { return keep_alive_; }
  [[nodiscard]] bool saw_bytes() const { return saw_bytes_; }
  [[nodiscard]] int status() const { return llhttp_.status_code; }

 private:
  friend struct ReplyCallbacks;
  int head_complete();
  int message_complete();

  llhttp_t llhttp_{};
  Headers& headers_;
  FieldCollector fields_;
  std::size_t head_bytes_limit_;
  Body body_rule_;
  char* body_begin_ = nullptr;
  char* body_end_ = nullptr;
  std::size_t extension_bytes_ = 0;
  bool head_done_ = false, done_ = false, keep_alive_ = false, saw_bytes_ = false, too_large_ = false;
};

}  // namespace demarc::http
