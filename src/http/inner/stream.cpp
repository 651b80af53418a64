#include "http/inner/stream.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <cstring>

namespace demarc::http {

IoError to_io_error(int error_number) {
  switch (error_number) {
    case ECONNRESET:
    case EPIPE: return IoError::reset;
    case ECONNREFUSED:
    case ENOENT: return IoError::refused;
    case ETIMEDOUT: return IoError::timeout;
    default: return IoError::system;
  }
}

IoError to_io_error(const boost::system::error_code& error) {
  if (error == asio::error::eof) return IoError::closed;
  if (error == asio::error::operation_aborted) return IoError::cancelled;
  return to_io_error(error.value());
}

// Each operation holds its stream, so a stream may be dropped while the kernel still owes it an answer.
struct Stream::ReadDone {
  StreamPtr stream;
  void operator()(const boost::system::error_code& error, std::size_t size_bytes = 0) const { stream->read_done(error, size_bytes); }
};
struct Stream::WriteReady {
  StreamPtr stream;
  void operator()(const boost::system::error_code&) const {
    if (stream->writer_) std::exchange(stream->writer_, {}).resume();
  }
};
struct Stream::ConnectDone {
  StreamPtr stream;
  void operator()(const boost::system::error_code& error) const {
    stream->connect_error_ = error;
    std::exchange(stream->writer_, {}).resume();
  }
};

Stream::Stream(AsioLoop& loop, int connected_fd, int family) : loop_(loop), socket_(loop.context()) {
  boost::system::error_code error;
  socket_.assign(Protocol(family, 0), connected_fd, error);
  if (error) {
    ::close(connected_fd);
    closed_ = true, why_ = IoError::system;
    return;
  }
  socket_.native_non_blocking(true, error);
}

Stream::~Stream() {
  on_change_ = nullptr;
  close(IoError::closed);
  if (tls_) SSL_free(tls_);
}

Result<void, IoError> Stream::fault() const {
  if (closed_) return fail(why_);
  if (timed_out_) return fail(IoError::timeout);
  return {};
}

Result<void, IoError> Stream::read_fault() const {
  TRY(fault());
  if (read_end_) return fail(*read_end_);
  return {};
}

void Stream::consume(std::size_t size_bytes) {
  CHECK(size_bytes <= inbox().size());
  begin_ = static_cast<std::uint32_t>(begin_ + size_bytes);
  if (begin_ == end_) begin_ = end_ = 0;
}

bool Stream::make_room() {
  if (begin_ > 0 && !reading_) {
    std::memmove(inbox_.data(), inbox_.data() + begin_, end_ - begin_);
    end_ = static_cast<std::uint32_t>(end_ - begin_), begin_ = 0;
  }
  return end_ < kInboxBytes;
}

void Stream::begin_read() {
  if (reading_ || !make_room()) return;
  reading_ = true;
  if (tls_)
    socket_.async_wait(Socket::wait_read, ReadDone{this});
  else
    socket_.async_read_some(asio::buffer(inbox_.data() + end_, kInboxBytes - end_), ReadDone{this});
}

bool Stream::begin_fill() {
  CHECK(!reader_);
  if (!read_fault()) return true;
  if (tls_ && !reading_ && make_room() && tls_fill()) return true;
  CHECK(reading_ || make_room());
  begin_read();
  return false;
}

void Stream::read_done(const boost::system::error_code& error, std::size_t size_bytes) {
  reading_ = false;
  if (error == asio::error::operation_aborted) {
    // closed, timed out or interrupted: the flags say which
  } else if (tls_ && !closed_) {
    make_room();
    if (!tls_fill()) begin_read();  // a part of a record
    if (reading_) return;
  } else if (error) {
    read_end_ = to_io_error(error);
  } else {
    end_ = static_cast<std::uint32_t>(end_ + size_bytes);
    more_likely_ = end_ == kInboxBytes;
  }
  if (reader_)
    std::exchange(reader_, {}).resume();
  else if (const auto on_change = on_change_)  // a copy: it may unwatch
    on_change();
}

void Stream::watch(std::function<void()> on_change) {
  on_change_ = std::move(on_change);
  if (closed_) return;
  if (tls_ && !reading_ && make_room()) tls_fill();
  if (read_end_) return tell_watcher_soon();
  begin_read();
}

void Stream::tell_watcher_soon() {
  asio::post(loop_.context(), [stream = StreamPtr(this)] {
    if (const auto on_change = stream->on_change_) on_change();
  });
}

Result<std::size_t, IoError> Stream::read_now(char* into, std::size_t size_bytes) {
  CHECK(!reading_);
  TRY(read_fault());
  if (tls_) return tls_read(into, size_bytes);
  for (;;) {
    const ssize_t got = ::recv(socket_.native_handle(), into, size_bytes, 0);
    if (got > 0) {
      more_likely_ = static_cast<std::size_t>(got) == size_bytes;
      return static_cast<std::size_t>(got);
    }
    if (got < 0 && errno == EINTR) continue;
    more_likely_ = false;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return std::size_t{0};
    read_end_ = got == 0 ? IoError::closed : to_io_error(errno);
    return fail(*read_end_);
  }
}

Result<std::size_t, IoError> Stream::write_now(iovec* pieces, int count) {
  TRY(fault());
  if (tls_) return tls_write(pieces, count);
  msghdr message{};
  message.msg_iov = pieces, message.msg_iovlen = static_cast<std::size_t>(count);
  for (;;) {
    const ssize_t sent = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL);
    if (sent >= 0) return static_cast<std::size_t>(sent);
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return std::size_t{0};
    return fail(to_io_error(errno));
  }
}

bool Stream::begin_write_wait() {
  CHECK(!writer_);
  if (!fault()) return true;
  socket_.async_wait(Socket::wait_write, WriteReady{this});
  return false;
}

namespace {
std::string remainder(const iovec* pieces, int count, std::size_t sent) {
  std::string rest;
  for (int i = 0; i < count; ++i) {
    const std::string_view piece(static_cast<const char*>(pieces[i].iov_base), pieces[i].iov_len);
    const std::size_t skip = std::min(sent, piece.size());
    sent -= skip;
    rest += piece.substr(skip);
  }
  return rest;
}
}  // namespace

Task<Result<void, IoError>> Stream::write(iovec* pieces, int count, std::chrono::nanoseconds stall) {
  std::size_t total = 0;
  for (int i = 0; i < count; ++i) total += pieces[i].iov_len;
  const std::size_t sent = CO_TRY(write_now(pieces, count));
  if (sent == total) co_return IoResult{};
  co_return co_await write_rest(remainder(pieces, count, sent), stall);
}

Task<Result<void, IoError>> Stream::write_within(iovec* pieces, int count) {
  const StreamPtr self(this);
  std::size_t total = 0;
  for (int i = 0; i < count; ++i) total += pieces[i].iov_len;
  std::size_t done = CO_TRY(write_now(pieces, count));
  const std::string rest = done < total ? remainder(pieces, count, done) : std::string();
  for (std::size_t at = 0; at < rest.size();) {
    CO_TRY(co_await writable());
    iovec piece{const_cast<char*>(rest.data()) + at, rest.size() - at};
    at += CO_TRY(write_now(&piece, 1));
  }
  co_return IoResult{};
}

Task<Result<void, IoError>> Stream::write_rest(std::string rest, std::chrono::nanoseconds stall) {
  const StreamPtr self(this);
  std::size_t done = 0;
  set_deadline_in(stall);
  while (done < rest.size()) {
    iovec piece{rest.data() + done, rest.size() - done};
    const std::size_t sent = CO_TRY(write_now(&piece, 1));
    done += sent;
    if (sent > 0)
      set_deadline_in(stall);
    else
      CO_TRY(co_await writable());
  }
  set_deadline(kNever);
  co_return IoResult{};
}

void Stream::begin_connect(const Protocol::endpoint& to, std::coroutine_handle<> awaiting) {
  writer_ = awaiting;
  connect_error_ = {};
  boost::system::error_code error;
  if (!socket_.is_open()) socket_.open(to.protocol(), error);
  socket_.async_connect(to, ConnectDone{this});
}

Result<void, IoError> Stream::Connect::await_resume() {
  TRY(stream.fault());
  if (stream.connect_error_) return fail(to_io_error(stream.connect_error_));
  return {};
}

void Stream::fire() {
  timed_out_ = true;
  interrupt();
}

void Stream::interrupt() {
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void Stream::set_deadline(Monotonic at) {
  timed_out_ = false;
  loop_.timers().set(*this, at);
}

void Stream::close(IoError why) {
  if (closed_) return;
  closed_ = true, why_ = why;
  if (tls_ && tls_established_) SSL_shutdown(tls_);  // a close_notify, if it goes out at once
  if (on_change_ && !reading_) tell_watcher_soon();  // an outstanding read tells it otherwise
  loop_.timers().remove(*this);
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void Stream::reset() {
  if (closed_) return;
  tls_established_ = false;
  boost::system::error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  close(IoError::cancelled);
}

void Stream::shut_write() {
  if (closed_) return;
  if (tls_ && tls_established_) SSL_shutdown(tls_);
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

}  // namespace demarc::http
