#include <algorithm>

#include "base/strings.hpp"
#include "http/inner/parse.hpp"

namespace demarc::http {
namespace {
constexpr std::size_t kExtensionBytes = 16 * 1024;     // chunk extensions, which nobody reads
constexpr std::size_t kTrustedBodyBytes = 256 * 1024;  // reserved on the word of content-length alone
constexpr std::size_t kPaddingBytes = 64;              // behind a body, for simdjson

bool is_upload(const Headers& headers) {
  constexpr std::string_view kUpload = "multipart/form-data";
  const auto type = headers.find("content-type");
  return type && equals_ignoring_case(type->substr(0, kUpload.size()), kUpload);
}
}  // namespace

void FieldCollector::name(std::string_view part) {
  bytes_ += part.size();
  const std::size_t from = name_.size();
  name_ += part;
  for (std::size_t i = from; i < name_.size(); ++i) name_[i] = ascii_lower(name_[i]);
}

void FieldCollector::value(std::string_view part) {
  bytes_ += part.size();
  value_ += part;
}

void FieldCollector::complete() {
  bytes_ += 4, ++count_;                                                                         // ": " and CRLF
  while (!value_.empty() && (value_.back() == ' ' || value_.back() == '\t')) value_.pop_back();  // llhttp has dropped those in front
  if (!dropping_) headers_.add(std::move(name_), std::move(value_));
  name_.clear(), value_.clear();
}

struct RequestCallbacks {
  static RequestParser& self(llhttp_t* llhttp) { return *static_cast<RequestParser*>(llhttp->data); }
  static int url(llhttp_t* llhttp, const char* at, std::size_t size) {
    auto& parser = self(llhttp);
    parser.request_.target.append(at, size);
    parser.fields_.count_bytes(size);
    return parser.check_head_limits();
  }
  static int method(llhttp_t* llhttp, const char* at, std::size_t size) { return self(llhttp).request_.method.append(at, size), 0; }
  static int name(llhttp_t* llhttp, const char* at, std::size_t size) {
    return self(llhttp).fields_.name({at, size}), self(llhttp).check_head_limits();
  }
  static int value(llhttp_t* llhttp, const char* at, std::size_t size) {
    return self(llhttp).fields_.value({at, size}), self(llhttp).check_head_limits();
  }
  static int field_complete(llhttp_t* llhttp) { return self(llhttp).fields_.complete(), self(llhttp).check_head_limits(); }
  static int head_complete(llhttp_t* llhttp) { return self(llhttp).head_complete(); }
  static int body(llhttp_t* llhttp, const char* at, std::size_t size) { return self(llhttp).take_body({at, size}); }
  static int extension(llhttp_t* llhttp, const char*, std::size_t size) {
    auto& parser = self(llhttp);
    parser.extension_bytes_ += size;
    return parser.extension_bytes_ > kExtensionBytes ? parser.refuse(ErrorKind::bad_request, "too many chunk extensions") : 0;
  }
  static int complete(llhttp_t* llhttp) {
    auto& parser = self(llhttp);
    parser.done_ = true, parser.keep_alive_ = llhttp_should_keep_alive(llhttp) != 0;
    return HPE_PAUSED;
  }
  static const llhttp_settings_t* settings() {
    static const llhttp_settings_t settings = [] {
      llhttp_settings_t s;
      llhttp_settings_init(&s);
      s.on_method = method, s.on_url = url, s.on_header_field = name, s.on_header_value = value, s.on_header_value_complete = field_complete;
      s.on_headers_complete = head_complete, s.on_body = body, s.on_message_complete = complete;
      s.on_chunk_extension_name = extension, s.on_chunk_extension_value = extension;
      return s;
    }();
    return &settings;
  }
};

RequestParser::RequestParser(HttpRequest& request, const ParseLimits& limits, std::function<bool(std::size_t)> allow_body_bytes)
    : request_(request), limits_(limits), allow_body_bytes_(std::move(allow_body_bytes)), fields_(request.headers) {
  llhttp_init(&llhttp_, HTTP_REQUEST, RequestCallbacks::settings());
  llhttp_.data = this;
}

Result<std::size_t, ApiError> RequestParser::feed(std::string_view bytes) {
  if (error_) return fail(*error_);
  CHECK(!done_);
  const llhttp_errno_t outcome = llhttp_execute(&llhttp_, bytes.data(), bytes.size());
  if (outcome == HPE_OK) return bytes.size();
  if (outcome == HPE_PAUSED && done_) return static_cast<std::size_t>(llhttp_get_error_pos(&llhttp_) - bytes.data());
  if (!error_) refuse(ErrorKind::bad_request, std::string("malformed HTTP request: ") + llhttp_get_error_reason(&llhttp_));
  return fail(*error_);
}

int RequestParser::refuse(ErrorKind kind, std::string message) {
  error_ = ApiError{kind, std::move(message)};
  llhttp_set_error_reason(&llhttp_, "refused");
  return HPE_USER;
}

int RequestParser::check_head_limits() {
  if (fields_.bytes() > limits_.header_bytes) return refuse(ErrorKind::headers_too_large, "the request's headers are too large");
  if (fields_.count() > limits_.header_count) return refuse(ErrorKind::headers_too_large, "the request has too many header fields");
  return 0;
}

// What llhttp lets pass and we do not. Its own strictness covers content-length beside transfer-encoding, repeated or malformed lengths, folded
// lines, bare CR and LF.
int RequestParser::head_complete() {
  std::size_t hosts = 0, encodings = 0;
  std::string_view encoding;
  for (const auto& [name, value] : request_.headers) {
    if (name == "host") ++hosts;
    if (name == "transfer-encoding") ++encodings, encoding = value;
    if (name == "expect") {
      if (!equals_ignoring_case(value, "100-continue")) return refuse(ErrorKind::bad_request, "expect: only 100-continue is known");
      expects_continue_ = true;
    }
  }
  if (llhttp_.http_major != 1 || llhttp_.http_minor > 1) return refuse(ErrorKind::bad_request, "only HTTP/1.0 and HTTP/1.1 are spoken here");
  if (hosts > 1 || (hosts == 0 && llhttp_.http_minor == 1)) return refuse(ErrorKind::bad_request, "exactly one host header is needed");
  if (encodings > 1 || (encodings == 1 && !equals_ignoring_case(encoding, "chunked")))
    return refuse(ErrorKind::bad_request, "transfer-encoding: only chunked, once, is accepted");
  if (encodings == 1 && llhttp_.http_minor == 0) return refuse(ErrorKind::bad_request, "transfer-encoding is not part of HTTP/1.0");
  if (llhttp_.method == HTTP_CONNECT) return refuse(ErrorKind::method_not_allowed, "CONNECT is not served");
  llhttp_.upgrade = 0;  // an offer to change the protocol is declined by ignoring it
  head_done_ = true;
  fields_.drop_further();
  body_limit_ = is_upload(request_.headers) ? limits_.upload_bytes : limits_.body_bytes;
  if ((llhttp_.flags & F_CONTENT_LENGTH) != 0 && encodings == 0) {
    if (llhttp_.content_length > body_limit_) return refuse(ErrorKind::too_large, "the request's body is too large");
    content_length_ = static_cast<std::size_t>(llhttp_.content_length);
    if (content_length_ > 0 && !grow_body(std::min(content_length_, kTrustedBodyBytes))) return HPE_USER;
  }
  if (content_length_ == 0 && encodings == 0) expects_continue_ = false;
  return 0;
}

int RequestParser::take_body(std::string_view part) {
  std::string& body = request_.body;
  const std::size_t size = body.size() + part.size();
  if (size > body_limit_) return refuse(ErrorKind::too_large, "the request's body is too large");
  if (body.capacity() < size + kPaddingBytes && !grow_body(content_length_ != 0 ? std::min(content_length_, 2 * size) : 2 * size)) return HPE_USER;
  body += part;
  return 0;
}

// What counts is what is reserved: never more than twice what has come, however much was announced.
bool RequestParser::grow_body(std::size_t bytes) {
  if (!allow_body_bytes_(bytes + kPaddingBytes - accounted_bytes_)) {
    refuse(ErrorKind::unavailable, "too many request bodies are held at the moment");
    error_->retry_after_s = 1;
    return false;
  }
  accounted_bytes_ = bytes + kPaddingBytes;
  request_.body.reserve(accounted_bytes_);
  return true;
}

}  // namespace demarc::http
