// Every wire format demarc speaks, for clients and for upstreams. Add a line; find_dialect, the documentation's table and the tests find it here.
#include <array>

#include "dialect/dialect.hpp"
#include "dialect/openai_chat.hpp"

namespace demarc::dialect {
namespace {

constexpr auto kDialects = std::to_array<Dialect>({
    {"openai.chat", "/v1/chat/completions", Operation::chat, Family::openai, &openai_chat::parse, &openai_chat::forward, &openai_chat::kCodec,
     &openai_chat::translator, &openai_chat::printer},
});

}  // namespace

std::span<const Dialect> all_dialects() { return kDialects; }

}  // namespace demarc::dialect
