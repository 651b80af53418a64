#include <cstring>

#include "http/inner/parse.hpp"

namespace demarc::http {
namespace {
constexpr std::size_t kExtensionBytes = 1 << 20;
constexpr std::size_t kTrailerBytes = 64 * 1024;
}  // namespace

struct ReplyCallbacks {
  static ReplyParser& self(llhttp_t* llhttp) { return *static_cast<ReplyParser*>(llhttp->data); }
  static int limit(ReplyParser& parser) {
    const std::size_t most = parser.head_bytes_limit_ + (parser.head_done_ ? kTrailerBytes : 0);
    parser.too_large_ = parser.fields_.bytes() > most || parser.extension_bytes_ > kExtensionBytes;
    return parser.too_large_ ? HPE_USER : 0;
  }
  static int status_text(llhttp_t* llhttp, const char*, std::size_t size) { return self(llhttp).fields_.count_bytes(size), limit(self(llhttp)); }
  static int name(llhttp_t* llhttp, const char* at, std::size_t size) { return self(llhttp).fields_.name({at, size}), limit(self(llhttp)); }
  static int value(llhttp_t* llhttp, const char* at, std::size_t size) { return self(llhttp).fields_.value({at, size}), limit(self(llhttp)); }
  static int field_complete(llhttp_t* llhttp) { return self(llhttp).fields_.complete(), limit(self(llhttp)); }
  static int head_complete(llhttp_t* llhttp) { return self(llhttp).head_complete(); }
  static int extension(llhttp_t* llhttp, const char*, std::size_t size) { return self(llhttp).extension_bytes_ += size, limit(self(llhttp)); }
  static int body(llhttp_t* llhttp, const char* at, std::size_t size) {
    ReplyParser& parser = self(llhttp);
    char* from = const_cast<char*>(at);  // NOLINT(cppcoreguidelines-pro-type-const-cast): feed() was given it writable
    if (!parser.body_begin_) parser.body_begin_ = parser.body_end_ = from;
    if (parser.body_end_ != from) std::memmove(parser.body_end_, from, size);  // closes the gap that a chunk's header left
    parser.body_end_ += size;
    return 0;
  }
  static int complete(llhttp_t* llhttp) { return self(llhttp).message_complete(); }
  static const llhttp_settings_t* settings() {
    static const llhttp_settings_t settings = [] {
      llhttp_settings_t s;
      llhttp_settings_init(&s);
      s.on_status = status_text, s.on_header_field = name, s.on_header_value = value, s.on_header_value_complete = field_complete;
      s.on_headers_complete = head_complete, s.on_body = body, s.on_message_complete = complete;
      s.on_chunk_extension_name = extension, s.on_chunk_extension_value = extension;
      return s;
    }();
    return &settings;
  }
};

ReplyParser::ReplyParser(Headers& headers, std::size_t head_bytes_limit, Body body)
    : headers_(headers), fields_(headers), head_bytes_limit_(head_bytes_limit), body_rule_(body) {
  llhttp_init(&llhttp_, HTTP_RESPONSE, ReplyCallbacks::settings());
  llhttp_.data = this;
}

int ReplyParser::head_complete() {
  if (llhttp_.status_code == 101 || llhttp_.http_major != 1) return HPE_USER;
  if (llhttp_.status_code / 100 == 1) return 1;
  llhttp_.upgrade = 0;
  head_done_ = true;
  fields_.drop_further();
  return body_rule_ == Body::none ? 1 : 0;
}

int ReplyParser::message_complete() {
  if (!head_done_) {  // 100 Continue, 103 Early Hints: the real one follows
    headers_ = {};
    return 0;
  }
  done_ = true, keep_alive_ = llhttp_should_keep_alive(&llhttp_) != 0;
  return HPE_PAUSED;
}

Result<ReplyParser::Fed, IoError> ReplyParser::feed(char* bytes, std::size_t size_bytes) {
  CHECK(!done_);
  body_begin_ = body_end_ = nullptr;
  saw_bytes_ = saw_bytes_ || size_bytes > 0;
  const llhttp_errno_t outcome = llhttp_execute(&llhttp_, bytes, size_bytes);
  const std::string_view body(body_begin_, static_cast<std::size_t>(body_end_ - body_begin_));
  if (outcome == HPE_OK) return Fed{size_bytes, body};
  if (outcome == HPE_PAUSED && done_) return Fed{static_cast<std::size_t>(llhttp_get_error_pos(&llhttp_) - bytes), body};
  return fail(too_large_ ? IoError::too_large : IoError::protocol);
}

Result<void, IoError> ReplyParser::finish() {
  if (done_) return {};
  if (!head_done_) return fail(saw_bytes_ ? IoError::protocol : IoError::closed);
  const llhttp_errno_t outcome = llhttp_finish(&llhttp_);
  if (done_ && (outcome == HPE_OK || outcome == HPE_PAUSED)) return keep_alive_ = false, Result<void, IoError>{};
  return fail(IoError::closed);
}

}  // namespace demarc::http
