#include "gateway/clean_stream.hpp"

#include "base/strings.hpp"
#include "dialect/json/tree.hpp"
#include "gateway/clean_transcript.hpp"

namespace demarc::gateway {
namespace {

constexpr Channel kPieces{ChannelKind::text, 0, 0}, kWhole{ChannelKind::text, 0, 1};

}  // namespace

Task<void> CleanStream::clean(Chunk& chunk) {
  for (Delta& delta : chunk.deltas) {
    if (delta.channel == kWhole) delta.text = said_;
    if (delta.channel != kPieces) continue;
    const bool follows_space = delta.text.starts_with(' ');
    Transcript piece{.text = std::string(trim(delta.text))};
    dialect::JsonTree tree;
    if (std::string data = chunk.data; tree.read(data)) piece.language = tree.root()["language"].text();
    if (pieces_++ < context_.limits().subcalls) co_await clean_transcript(context_, tier_, piece);
    delta.text = piece.clean_text.value_or(piece.text);
    if (follows_space && !said_.empty() && !delta.text.empty()) delta.text.insert(0, " ");
    said_ += delta.text;
  }
}

}  // namespace demarc::gateway
