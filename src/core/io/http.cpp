#include "core/io/http.hpp"

namespace demarc {

std::string_view to_string(IoError error) {
  switch (error) {
    case IoError::closed: return "closed";
    case IoError::reset: return "reset";
    case IoError::timeout: return "timeout";
    case IoError::cancelled: return "cancelled";
    case IoError::refused: return "refused";
    case IoError::unresolved: return "unresolved";
    case IoError::tls: return "tls";
    case IoError::protocol: return "protocol";
    case IoError::too_large: return "too_large";
    case IoError::system: return "system";
  }
  return "system";
}

Task<Result<std::string, IoError>> read_all(IncomingReply& reply, std::size_t limit_bytes) {
  std::string body;
  for (;;) {
    const std::string_view piece = CO_TRY(co_await reply.read());
    if (piece.empty()) co_return body;
    if (body.size() + piece.size() > limit_bytes) co_return fail(IoError::too_large);
    body += piece;
  }
}

Task<bool> open_gate() { co_return true; }

}  // namespace demarc
