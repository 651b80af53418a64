// The TLS half of Stream: OpenSSL works on the socket itself, which never blocks; records are released when idle.
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstring>

#include "http/inner/stream.hpp"

namespace demarc::http {
namespace {

IoError classify(SSL* tls, int code) {
  const int kind = SSL_get_error(tls, code);
  const int number = errno;
  const unsigned long reason = ERR_peek_error();
  ERR_clear_error();
  if (kind == SSL_ERROR_ZERO_RETURN) return IoError::closed;
  if (kind == SSL_ERROR_SYSCALL) return number == 0 ? IoError::reset : to_io_error(number);
  if (ERR_GET_REASON(reason) == SSL_R_UNEXPECTED_EOF_WHILE_READING) return IoError::reset;
  return IoError::tls;
}

std::string describe(SSL* tls) {
  const long verified = SSL_get_verify_result(tls);
  if (verified != X509_V_OK) return std::string("certificate verify failed (") + X509_verify_cert_error_string(verified) + ")";
  const char* reason = ERR_reason_error_string(ERR_peek_error());
  return reason ? reason : "handshake failed";
}

bool wants(SSL* tls, int code, bool& write) {
  const int kind = SSL_get_error(tls, code);
  write = kind == SSL_ERROR_WANT_WRITE;
  return write || kind == SSL_ERROR_WANT_READ;
}

}  // namespace

Task<Result<void, IoError>> Stream::handshake(ssl_st* tls, std::string& detail) {
  const StreamPtr self(this);
  tls_ = tls;
  boost::system::error_code ignored;
  socket_.native_non_blocking(true, ignored);
  SSL_set_fd(tls_, socket_.native_handle());
  for (;;) {
    CO_TRY(fault());
    ERR_clear_error();
    errno = 0;
    const int code = SSL_do_handshake(tls_);
    if (code == 1) break;
    bool write = false;
    if (!wants(tls_, code, write)) {
      detail = describe(tls_);
      const IoError error = classify(tls_, code);
      co_return fail(error == IoError::closed ? IoError::reset : error);
    }
    if (write) {
      CO_TRY(co_await writable());
    } else {
      struct Readable {  // readiness only: the bytes are the handshake's
        Stream& stream;
        bool await_ready() { return false; }
        void await_suspend(std::coroutine_handle<> awaiting) {
          stream.writer_ = awaiting;
          stream.socket_.async_wait(Socket::wait_read, [stream = StreamPtr(&stream)](const boost::system::error_code&) {
            if (stream->writer_) std::exchange(stream->writer_, {}).resume();
          });
        }
        void await_resume() {}
      };
      co_await Readable{*this};
    }
  }
  tls_established_ = true;
  co_return IoResult{};
}

void Stream::remember_tls(ssl_st* tls, const std::shared_ptr<TlsMemory>& memory) {
  tls_memory_ = memory;
  SSL_set_app_data(tls, &tls_memory_);
}

Result<std::size_t, IoError> Stream::tls_read(char* into, std::size_t size_bytes) {
  ERR_clear_error();
  errno = 0;
  std::size_t got = 0;
  const int code = SSL_read_ex(tls_, into, size_bytes, &got);
  if (code == 1) {
    more_likely_ = true;
    return got;
  }
  more_likely_ = false;
  bool write = false;
  if (wants(tls_, code, write)) return std::size_t{0};
  read_end_ = classify(tls_, code);
  if (*read_end_ == IoError::tls) tls_established_ = false;  // no more calls after a fatal error
  return fail(*read_end_);
}

bool Stream::tls_fill() {
  bool changed = false;
  while (end_ < kInboxBytes) {
    const auto got = tls_read(inbox_.data() + end_, kInboxBytes - end_);
    if (!got) return true;
    if (*got == 0) return changed;
    end_ = static_cast<std::uint32_t>(end_ + *got);
    changed = true;
  }
  return changed;
}

// Small pieces go out as one record. What is not taken is offered again by the caller with the same bytes in front, as OpenSSL demands.
Result<std::size_t, IoError> Stream::tls_write(const iovec* pieces, int count) {
  constexpr std::size_t kRecordBytes = 16 * 1024;
  static thread_local std::array<char, kRecordBytes> record;
  std::size_t total = 0;
  std::size_t at = 0;  // within pieces[i]
  for (int i = 0; i < count;) {
    std::size_t size = 0;
    int next = i;
    std::size_t next_at = at;
    while (next < count && size < kRecordBytes) {
      const std::size_t take = std::min(kRecordBytes - size, pieces[next].iov_len - next_at);
      std::memcpy(record.data() + size, static_cast<const char*>(pieces[next].iov_base) + next_at, take);
      size += take, next_at += take;
      if (next_at == pieces[next].iov_len) ++next, next_at = 0;
    }
    if (size == 0) break;
    ERR_clear_error();
    errno = 0;
    std::size_t sent = 0;
    const int code = SSL_write_ex(tls_, record.data(), size, &sent);
    if (code != 1) {
      bool write = false;
      if (wants(tls_, code, write)) return total;
      const IoError error = classify(tls_, code);
      tls_established_ = false;
      return fail(error);
    }
    CHECK(sent == size);
    total += sent, i = next, at = next_at;
  }
  return total;
}

}  // namespace demarc::http
