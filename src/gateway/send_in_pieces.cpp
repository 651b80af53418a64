#include "gateway/send_in_pieces.hpp"

#include "dialect/embedding_pieces.hpp"

namespace demarc::gateway {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{64} << 20;  // of one answer: 32 vectors are far below

class WholeReply final : public IncomingReply {
 public:
  WholeReply(int status, Headers headers, std::string body) : status_(status), headers_(std::move(headers)), body_(std::move(body)) {}
  [[nodiscard]] int status() const override { return status_; }
  [[nodiscard]] const Headers& headers() const override { return headers_; }
  Task<Result<std::string_view, IoError>> read() override { co_return std::exchange(was_read_, true) ? std::string_view() : std::string_view(body_); }

 private:
  const int status_;
  const Headers headers_;
  const std::string body_;
  bool was_read_ = false;
};

}  // namespace

Task<Result<std::unique_ptr<IncomingReply>, SendError>> send_in_pieces(PieceCall call, const std::vector<std::string>& bodies, Task<bool> gate,
                                                                       BetweenPieces between) {
  std::vector<std::string> answers;
  Headers headers;
  Task<bool> passes = std::move(gate);
  for (const std::string& body : bodies) {
    const bool first = answers.empty();
    if (!first)
      if (auto place = co_await between(); !place) co_return fail(SendError{place.error(), true, "between two pieces"});
    OutgoingRequest request = call.request;
    request.body = body;
    auto reply = co_await call.http.send(call.origin, request, call.limits, call.cancellation, std::exchange(passes, open_gate()));
    if (!reply) {
      SendError error = std::move(reply).error();
      error.sent = error.sent || !first;
      co_return fail(std::move(error));
    }
    if ((*reply)->status() != 200) co_return std::move(*reply);
    if (first) headers = (*reply)->headers();
    auto answer = co_await read_all(**reply, kPieceBytes);
    if (!answer) co_return fail(SendError{answer.error(), true, ""});
    answers.push_back(std::move(*answer));
  }
  auto joined = dialect::join_embeddings(std::move(answers));
  if (!joined) co_return fail(SendError{IoError::protocol, true, "an answer without vectors"});
  headers.remove("content-length");
  co_return std::make_unique<WholeReply>(200, std::move(headers), std::move(*joined));
}

}  // namespace demarc::gateway
