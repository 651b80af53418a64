#include "http/inner/exchange.hpp"

#include <charconv>

#include "http/inner/format.hpp"

namespace demarc::http {
namespace {
iovec piece_of(std::string_view bytes) {
  return {const_cast<char*>(bytes.data()), bytes.size()};  // NOLINT(cppcoreguidelines-pro-type-const-cast): sendmsg only reads
}
bool is_framing(std::string_view name) { return name == "content-length" || name == "transfer-encoding" || name == "connection"; }
}  // namespace

std::string& ServerExchange::head(int status, const Headers& headers, Length length, std::size_t body_bytes) {
  status_ = status;
  if (length == Length::until_close || session_.shared_.draining.load(std::memory_order_relaxed)) keep_alive_ = false;
  std::string& out = stream_.loop().head();
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::size_t>(status));
  out += ' ';
  out += reason_phrase(status);
  out += "\r\ndate: ";
  out += stream_.loop().http_date();
  out += "\r\n";
  for (const auto& [name, value] : headers)
    if (!is_framing(name) && is_token(name)) append_field(out, name, value);
  if (length == Length::known && status != 204 && status != 304) {
    out += "content-length: ";
    append_number(out, body_bytes);
    out += "\r\n";
  }
  if (length == Length::chunked) out += "transfer-encoding: chunked\r\n";
  if (!keep_alive_)
    out += "connection: close\r\n";
  else if (http_1_0_)
    out += "connection: keep-alive\r\n";
  out += "\r\n";
  return out;
}

Task<Result<void, IoError>> ServerExchange::respond(int status, const Headers& headers, std::string_view body) {
  CHECK(state_ == State::unanswered || state_ == State::aborted);
  if (state_ == State::aborted) co_return fail(IoError::cancelled);
  state_ = State::answered;
  const std::string& out = head(status, headers, Length::known, body.size());
  iovec pieces[] = {piece_of(out), piece_of(body_allowed() ? body : std::string_view{})};
  co_return checked(co_await stream_.write(pieces, 2, session_.shared_.limits.write_stall));
}

Task<Result<void, IoError>> ServerExchange::begin(int status, const Headers& headers) {
  CHECK(state_ == State::unanswered || state_ == State::aborted);
  if (state_ == State::aborted) co_return fail(IoError::cancelled);
  state_ = State::streaming;
  iovec piece = piece_of(head(status, headers, http_1_0_ ? Length::until_close : Length::chunked, 0));
  co_return checked(co_await stream_.write(&piece, 1, session_.shared_.limits.write_stall));
}

Task<Result<void, IoError>> ServerExchange::write(std::string_view piece) {
  CHECK(state_ == State::streaming || state_ == State::aborted);
  if (state_ == State::aborted) co_return fail(IoError::cancelled);
  if (piece.empty() || !body_allowed()) co_return IoResult{};
  if (http_1_0_) {
    iovec whole = piece_of(piece);
    co_return checked(co_await stream_.write(&whole, 1, session_.shared_.limits.write_stall));
  }
  std::string& size = stream_.loop().head();
  append_hex(size, piece.size());
  size += "\r\n";
  iovec pieces[] = {piece_of(size), piece_of(piece), piece_of("\r\n")};
  co_return checked(co_await stream_.write(pieces, 3, session_.shared_.limits.write_stall));
}

Task<Result<void, IoError>> ServerExchange::finish(const Headers& trailers) {
  CHECK(state_ == State::streaming || state_ == State::aborted);
  if (state_ == State::aborted) co_return fail(IoError::cancelled);
  state_ = State::answered;
  if (http_1_0_ || !body_allowed()) co_return IoResult{};
  std::string& out = stream_.loop().head();
  out += "0\r\n";
  for (const auto& [name, value] : trailers)
    if (!is_framing(name) && is_token(name)) append_field(out, name, value);
  out += "\r\n";
  iovec piece = piece_of(out);
  co_return checked(co_await stream_.write(&piece, 1, session_.shared_.limits.write_stall));
}

// After a failed write nothing more may follow on this connection: the client would take it for the rest.
Result<void, IoError> ServerExchange::checked(Result<void, IoError> written) {
  if (!written) stream_.reset();
  return written;
}

void ServerExchange::abort() {
  state_ = State::aborted;
  stream_.reset();
}

bool ServerExchange::hold_bytes(std::size_t more) {
  auto& held = session_.shared_.buffered_bytes;
  if (held.fetch_add(more) + more > session_.shared_.limits.buffered_bytes) {
    held -= more;
    return false;
  }
  held_bytes_ += more;
  return true;
}

void ServerExchange::watch_client() {
  stream_.watch([this] {
    if (!stream_.ended()) {
      stream_.keep_reading();  // the next request, early: it waits in the inbox
      return;
    }
    cancel();
  });
}

// The callbacks may end the handler: this object must outlive them. Nothing of it is touched after the last line.
void ServerExchange::cancel() {
  if (in_cancel_ || cancellation_.cancelled()) return;
  in_cancel_ = true;
  cancellation_.cancel();
  in_cancel_ = false;
  watch_over_.set();
}

Task<void> ServerExchange::end_watch() {
  stream_.unwatch();
  if (in_cancel_) co_await watch_over_;
}

}  // namespace demarc::http
