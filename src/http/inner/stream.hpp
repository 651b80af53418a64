// Stream: one connected socket, plain or TLS, with the waiting of exactly one reader and one writer. Internal to http/; its loop's thread only.
//
//   while (need_more) { CO_TRY(co_await stream->fill()); use(stream->inbox()), stream->consume(n); }
//   CO_TRY(co_await stream->write(pieces, stall));
//
// One read is kept outstanding into the small inbox while somebody else works (watch()), so that the end of the connection, and the next request, are
// noticed without a call to the kernel more than needed; whoever expects much reads on with read_now() into the loop's scratch.
// A deadline ends waits with IoError::timeout and leaves the socket usable; close() ends them with its reason.
#pragma once

#include <sys/uio.h>

#include <array>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/io/http.hpp"
#include "http/inner/asio_loop.hpp"

struct ssl_st;

namespace demarc::http {

using Protocol = asio::generic::stream_protocol;
using Socket = asio::basic_stream_socket<Protocol, asio::io_context::executor_type>;

IoError to_io_error(const boost::system::error_code& error);
IoError to_io_error(int error_number);

using IoResult = Result<void, IoError>;

struct TlsMemory;

class Stream;
using StreamPtr = boost::intrusive_ptr<Stream>;

class Stream final : public boost::intrusive_ref_counter<Stream, boost::thread_unsafe_counter>, private Timer {
 public:
  static constexpr std::size_t kInboxBytes = 2048;

  explicit Stream(AsioLoop& loop) : loop_(loop), socket_(loop.context()) {}
  Stream(AsioLoop& loop, int connected_fd, int family);
  ~Stream() override;

  [[nodiscard]] AsioLoop& loop() { return loop_; }
  [[nodiscard]] Socket& socket() { return socket_; }

  // Reading.
  [[nodiscard]] std::string_view inbox() const { return {inbox_.data() + begin_, end_ - begin_}; }
  [[nodiscard]] char* inbox_data() { return inbox_.data() + begin_; }
  void consume(std::size_t size_bytes);
  // Whether the last fill left no room, so that more is likely waiting in the kernel.
  [[nodiscard]] bool more_likely() const { return more_likely_; }
  [[nodiscard]] bool reading() const { return reading_; }
  [[nodiscard]] bool ended() const { return closed_ || read_end_.has_value(); }
  // What the kernel has now; 0: nothing. Not while a fill is outstanding.
  Result<std::size_t, IoError> read_now(char* into, std::size_t size_bytes);
  // Keeps a read outstanding; `on_change` is called when it brought something, the end, or the deadline,
  // and nobody waits in fill(); also when somebody closes this.
  void watch(std::function<void()> on_change);
  void unwatch() { on_change_ = nullptr; }
  void keep_reading() { begin_read(); }  // in on_change: watches on, if the inbox has room

  struct Fill {
    Stream& stream;
    bool await_ready() { return stream.begin_fill(); }
    void await_suspend(std::coroutine_handle<> awaiting) { stream.reader_ = awaiting; }
    Result<void, IoError> await_resume() { return stream.read_fault(); }
  };
  // Waits for something new in the inbox, which must have room. May return without news; then wait again. closed: the peer's end.
  Fill fill() { return {*this}; }

  // Writing.
  Result<std::size_t, IoError> write_now(iovec* pieces, int count);  // what the kernel takes now; 0: nothing
  struct Writable {
    Stream& stream;
    bool await_ready() { return stream.begin_write_wait(); }
    void await_suspend(std::coroutine_handle<> awaiting) { stream.writer_ = awaiting; }
    Result<void, IoError> await_resume() { return stream.fault(); }
  };
  Writable writable() { return {*this}; }
  // Writes the pieces whole; what the kernel does not take at once is copied, so views into scratch are fine. A deadline of `stall` moves with
  // progress.
  Task<Result<void, IoError>> write(iovec* pieces, int count, std::chrono::nanoseconds stall);
  Task<Result<void, IoError>> write_within(iovec* pieces, int count);  // the same under the deadline that is set
  Task<Result<void, IoError>> write_rest(std::string rest, std::chrono::nanoseconds stall);

  struct Connect {
    Stream& stream;
    const Protocol::endpoint& to;
    bool await_ready() { return stream.closed_ || stream.timed_out_; }
    void await_suspend(std::coroutine_handle<> awaiting) { stream.begin_connect(to, awaiting); }
    Result<void, IoError> await_resume();
  };
  Connect connect(const Protocol::endpoint& to) { return {*this, to}; }  // `to` outlives the wait

  // Takes over `tls` (freed with this) and shakes hands. On failure `detail` says why.
  Task<Result<void, IoError>> handshake(ssl_st* tls, std::string& detail);
  void remember_tls(ssl_st* tls, const std::shared_ptr<TlsMemory>& memory);  // where sessions go that the peer offers for resumption

  void set_deadline(Monotonic at);
  void set_deadline_in(std::chrono::nanoseconds after) { set_deadline(loop_.coarse_now() + after); }
  void interrupt();  // ends the waits without a fault
  void close(IoError why);
  void reset();  // closes so that the peer sees a broken connection
  void shut_write();
  [[nodiscard]] bool closed() const { return closed_; }

 private:
  struct ReadDone;
  struct WriteReady;
  struct ConnectDone;
  struct TlsReady;

  void fire() override;
  bool begin_fill();
  void begin_read();
  bool begin_write_wait();
  void begin_connect(const Protocol::endpoint& to, std::coroutine_handle<> awaiting);
  void read_done(const boost::system::error_code& error, std::size_t size_bytes);
  bool make_room();
  void tell_watcher_soon();
  Result<void, IoError> fault() const;
  Result<void, IoError> read_fault() const;

  Result<std::size_t, IoError> tls_read(char* into, std::size_t size_bytes);
  Result<std::size_t, IoError> tls_write(const iovec* pieces, int count);
  bool tls_fill();  // reads what is there into the inbox; true if anything changed

  AsioLoop& loop_;
  Socket socket_;
  ssl_st* tls_ = nullptr;
  std::weak_ptr<TlsMemory> tls_memory_;
  bool tls_established_ = false;
  bool closed_ = false, timed_out_ = false, reading_ = false, more_likely_ = false;
  IoError why_ = IoError::closed;
  std::optional<IoError> read_end_;
  boost::system::error_code connect_error_;
  std::coroutine_handle<> reader_, writer_;
  std::function<void()> on_change_;
  std::uint32_t begin_ = 0, end_ = 0;
  std::array<char, kInboxBytes> inbox_;
};

}  // namespace demarc::http
