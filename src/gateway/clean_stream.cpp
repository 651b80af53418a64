#include "gateway/clean_stream.hpp"

#include "base/strings.hpp"
#include "dialect/json/tree.hpp"
#include "gateway/clean_transcript.hpp"

namespace demarc::gateway {
namespace {

constexpr Channel kPieces{ChannelKind::text, 0, 0}, kWhole{ChannelKind::text, 0, 1};
constexpr std::size_t kContextBytes = 512;

}  // namespace

Task<void> CleanStream::clean(Chunk& chunk) {
  for (Delta& delta : chunk.deltas) {
    if (delta.channel == kWhole) delta.text = said_;
    if (delta.channel != kPieces) continue;
    const bool follows_space = delta.text.starts_with(' ');
    const std::string heard(trim(delta.text));
    std::string language;
    dialect::JsonTree tree;
    if (std::string data = chunk.data; tree.read(data)) language = tree.root()["language"].text();
    if (!glossary_) glossary_.emplace(terms_, speech::language(language));
    const speech::CleanPiece clean =
        co_await clean_piece(context_, tier_, {.text = heard, .before = heard_, .knows_after = false, .language = language}, *glossary_, asked_);
    delta.text = clean.text;
    if (follows_space && !said_.empty() && !delta.text.empty()) delta.text.insert(0, " ");
    said_ += delta.text;
    heard_ += " " + heard;
    if (heard_.size() > kContextBytes) heard_.erase(0, heard_.find(' ', heard_.size() - kContextBytes));
  }
}

}  // namespace demarc::gateway
