#include "http/inner/outgoing.hpp"

#include <cstring>

#include "http/inner/format.hpp"

namespace demarc::http {
namespace {

bool is_set_by_us(std::string_view name) {
  return name == "host" || name == "content-length" || name == "connection" || name == "transfer-encoding" || name == "keep-alive" ||
         name == "expect";
}

void append_host(std::string& out, const Origin& origin) {
  out += "host: ";
  if (origin.kind == Origin::Kind::unix_socket) {
    out += "localhost\r\n";
    return;
  }
  const bool v6 = origin.host.find(':') != std::string::npos;
  if (v6) out += '[';
  out += origin.host;
  if (v6) out += ']';
  const std::uint16_t usual = origin.kind == Origin::Kind::tls ? 443 : 80;
  if (origin.port != usual) out += ':', append_number(out, origin.port);
  out += "\r\n";
}

void append_head(std::string& out, const Origin& origin, const OutgoingRequest& request) {
  out += request.method;
  out += ' ';
  out += request.target;
  out += " HTTP/1.1\r\n";
  append_host(out, origin);
  for (const auto& [name, value] : request.headers)
    if (!is_set_by_us(name) && is_token(name)) append_field(out, name, value);
  if (!request.body.empty() || (request.method != "GET" && request.method != "HEAD" && request.method != "DELETE")) {
    out += "content-length: ";
    append_number(out, request.body.size());
    out += "\r\n";
  }
  out += "\r\n";
}

iovec piece_of(std::string_view bytes) {
  return {const_cast<char*>(bytes.data()), bytes.size()};  // NOLINT(cppcoreguidelines-pro-type-const-cast): sendmsg only reads
}

}  // namespace

OutgoingCall::OutgoingCall(Lease lease, const OutgoingRequest& request, const SendLimits& limits, Monotonic total_deadline,
                           Cancellation& cancellation)
    : lease_(std::move(lease)),
      limits_(limits),
      total_deadline_(total_deadline),
      hook_(cancellation.on_cancel([this] { stream().close(IoError::cancelled); })),
      parser_(headers_, limits.head_bytes, request.method == "HEAD" ? ReplyParser::Body::none : ReplyParser::Body::as_told) {}

OutgoingCall::~OutgoingCall() {
  stream().unwatch();
  const bool complete = parser_.done() && parser_.keep_alive() && whole_request_sent_ && !left_over_;
  if ((complete || unused_) && !stream().ended()) lease_.give_back();
}

Task<Result<void, IoError>> OutgoingCall::run(const Origin& origin, const OutgoingRequest& request) {
  Stream& stream = lease_.stream();
  if (stream.ended() || !stream.inbox().empty()) co_return fail(IoError::closed);  // a pooled connection that ended, or spoke unasked
  std::string& head = stream.loop().head();
  append_head(head, origin, request);
  iovec pieces[] = {piece_of(head), piece_of(request.body)};
  const std::size_t total = head.size() + request.body.size();
  sent_bytes_ = CO_TRY(stream.write_now(pieces, 2));
  if (sent_bytes_ < total) {
    const std::string rest_of_head = head.substr(std::min(sent_bytes_, head.size()));
    CO_TRY(co_await send(rest_of_head, request.body.substr(sent_bytes_ > head.size() ? sent_bytes_ - head.size() : 0)));
  } else {
    whole_request_sent_ = true;
  }
  stream.set_deadline(std::min(total_deadline_, stream.loop().coarse_now() + limits_.first_byte));
  while (!parser_.head_done()) {
    if (stream.inbox().empty()) {
      const auto filled = co_await stream.fill();
      if (!filled && filled.error() == IoError::closed) CO_TRY(parser_.finish());
      if (!filled) co_return fail(filled.error());
    }
    CO_TRY(gather());
  }
  if (!piece_.empty()) piece_ = early_ = piece_;  // it may be long until somebody reads; scratch does not wait
  co_return IoResult{};
}

// The slow way, for what the kernel did not take at once. An upstream may answer before it has read all (413): then the rest is not sent.
Task<Result<void, IoError>> OutgoingCall::send(const std::string& head, std::string_view body) {
  Stream& stream = lease_.stream();
  stream.watch([&stream] { stream.interrupt(); });
  std::size_t at = 0;
  const std::size_t total = head.size() + body.size();
  while (at < total && stream.inbox().empty() && !stream.ended()) {
    stream.set_deadline(std::min(total_deadline_, stream.loop().coarse_now() + limits_.idle));
    CO_TRY(co_await stream.writable());
    const std::size_t in_body = at > head.size() ? at - head.size() : 0;
    iovec pieces[] = {piece_of(std::string_view(head).substr(std::min(at, head.size()))), piece_of(body.substr(in_body))};
    const auto more = stream.write_now(pieces, 2);
    if (!more) break;  // there may be an answer that says why
    at += *more, sent_bytes_ += *more;
  }
  whole_request_sent_ = at == total;
  stream.unwatch();
  co_return IoResult{};
}

Result<void, IoError> OutgoingCall::parse(char* bytes, std::size_t size_bytes) {
  const auto fed = TRY(parser_.feed(bytes, size_bytes));
  left_over_ = fed.used < size_bytes;
  piece_ = fed.body;
  return {};
}

// Parses what has come. If the inbox was filled to the brim, it continues in the loop's scratch with what the kernel has besides.
Result<void, IoError> OutgoingCall::gather() {
  Stream& stream = lease_.stream();
  char* bytes = stream.inbox_data();
  std::size_t size = stream.inbox().size();
  if (stream.more_likely() && !stream.reading()) {
    auto& scratch = stream.loop().scratch();
    std::memcpy(scratch.data(), bytes, size);
    bytes = scratch.data();
    const auto more = stream.read_now(bytes + size, scratch.size() - size);
    size += more ? *more : 0;  // an end or an error shows at the next wait
    stream.consume(stream.inbox().size());
    return parse(bytes, size);
  }
  stream.consume(size);
  return parse(bytes, size);
}

Task<Result<std::string_view, IoError>> OutgoingCall::read() {
  Stream& stream = lease_.stream();
  if (stream.closed()) CO_TRY(co_await stream.fill());
  if (!piece_.empty()) co_return std::exchange(piece_, {});
  if (!parser_.done()) stream.set_deadline(std::min(total_deadline_, stream.loop().coarse_now() + limits_.idle));
  while (!parser_.done()) {
    if (stream.more_likely() && !stream.reading()) {
      auto& scratch = stream.loop().scratch();
      const auto got = stream.read_now(scratch.data(), scratch.size());
      if (got && *got > 0) {
        CO_TRY(parse(scratch.data(), *got));
        if (!piece_.empty()) co_return std::exchange(piece_, {});
        continue;
      }
    }
    const auto filled = co_await stream.fill();
    if (!filled) {
      if (filled.error() == IoError::closed && !stream.closed() && parser_.finish()) break;
      co_return fail(filled.error());
    }
    if (stream.inbox().empty()) continue;
    CO_TRY(gather());
    if (!piece_.empty()) co_return std::exchange(piece_, {});
  }
  co_return std::string_view{};
}

}  // namespace demarc::http
