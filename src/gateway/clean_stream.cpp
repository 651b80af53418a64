#include "gateway/clean_stream.hpp"

#include "base/strings.hpp"
#include "core/json/writer.hpp"
#include "dialect/json/tree.hpp"

namespace demarc::gateway {
namespace {

constexpr Channel kPieces{ChannelKind::text, 0, 0}, kWhole{ChannelKind::text, 0, 1};
constexpr std::size_t kContextBytes = 512;

// A number more in a JSON object, behind everything: what stands before keeps its place.
void add_field(std::string& object, std::string_view name, std::size_t value) {
  const std::size_t end = object.rfind('}');
  if (end != std::string::npos) object.insert(end, ",\"" + std::string(name) + "\":" + std::to_string(value));
}

// One of the chunk's deltas and the event's data, which must say the same: what did not change since passes as it stands there.
void rewrite(Chunk& chunk, Delta& delta, std::string text) {
  const Span old = delta.span;
  if (text == delta.text || old.size() == 0) return;
  const std::string written = json_string(text);
  chunk.data.replace(old.begin, old.size(), written);
  const auto move = [&](Span& span) {
    if (span.begin < old.end) return;
    span.begin += written.size() - old.size(), span.end += written.size() - old.size();
  };
  for (Delta& other : chunk.deltas) move(other.span);
  move(chunk.model_span);
  delta.span.end = old.begin + written.size();
  delta.text = std::move(text);
}

}  // namespace

Task<void> CleanStream::clean(Chunk& chunk) {
  for (Delta& delta : chunk.deltas) {
    if (delta.channel == kWhole) {
      rewrite(chunk, delta, said_);
      if (unread_from_ && asked_.any_answer) add_field(chunk.data, "unread_from", *unread_from_);
    }
    if (delta.channel != kPieces) continue;
    const bool follows_space = delta.text.starts_with(' ');
    const std::size_t begin = heard_points_ + (follows_space ? 1 : 0);
    heard_points_ += count_code_points(delta.text);
    const std::string heard(trim(delta.text));
    std::string language;
    dialect::JsonTree tree;
    if (std::string data = chunk.data; tree.read(data)) language = tree.root()["language"].text();
    if (!glossary_) glossary_.emplace(terms_, speech::language(language));
    const speech::CleanPiece clean =
        co_await clean_piece(context_, tier_, {.text = heard, .before = heard_, .knows_after = false, .language = language}, *glossary_, asked_);
    if (asked_.left_out && !unread_from_) unread_from_ = begin;
    rewrite(chunk, delta, (follows_space && !said_.empty() && !clean.text.empty() ? " " : "") + clean.text);
    said_ += delta.text;
    heard_ += " " + heard;
    if (heard_.size() > kContextBytes) heard_.erase(0, heard_.find(' ', heard_.size() - kContextBytes));
  }
}

}  // namespace demarc::gateway
