#include "speech/edit_map.hpp"

#include <algorithm>

namespace demarc::speech {
namespace {

// The part of `from` that lies in `wanted`, at its place in `to`: all of `to` for an edit.
Bytes carried(Bytes from, Bytes to, Bytes wanted, bool edited) {
  if (edited) return to;
  return {to.begin + (std::max(from.begin, wanted.begin) - from.begin), to.begin + (std::min(from.end, wanted.end) - from.begin)};
}

template <class Chunks, class Side, class OtherSide>
Bytes across(const Chunks& chunks, Bytes wanted, Side side, OtherSide other) {
  const auto ends_before = [&](const auto& chunk, std::size_t at) { return (chunk.*side).end <= at; };
  bool any = false;
  Bytes out;
  for (auto chunk = std::lower_bound(chunks.begin(), chunks.end(), wanted.begin, ends_before); chunk != chunks.end(); ++chunk) {
    if (((*chunk).*side).begin >= wanted.end) break;
    const Bytes part = carried((*chunk).*side, (*chunk).*other, wanted, chunk->edited);
    if (!any) out.begin = part.begin;
    out.end = part.end;
    any = true;
  }
  return out;
}

}  // namespace

EditMap::EditMap(const Transcript& transcript) {
  std::size_t heard = 0, clean = 0;
  const auto keep_to = [&](std::size_t end) {
    if (end > heard) chunks_.push_back({{heard, end}, {clean, clean + (end - heard)}});
    clean += end - heard, heard = end;
  };
  if (transcript.clean_text)
    for (const TranscriptEdit& edit : transcript.edits) {
      if (edit.begin < heard) continue;
      keep_to(edit.begin);
      chunks_.push_back({{edit.begin, edit.end}, {clean, clean + edit.with.size()}, true});
      heard = edit.end, clean += edit.with.size();
    }
  keep_to(transcript.text.size());
}

Bytes EditMap::heard(Bytes clean) const { return across(chunks_, clean, &Chunk::clean, &Chunk::heard); }
Bytes EditMap::clean(Bytes heard) const { return across(chunks_, heard, &Chunk::heard, &Chunk::clean); }

Bytes EditMap::with_whole_edits(Bytes heard) const {
  const auto ends_before = [](const Chunk& chunk, std::size_t at) { return chunk.heard.end <= at; };
  for (auto chunk = std::lower_bound(chunks_.begin(), chunks_.end(), heard.begin, ends_before); chunk != chunks_.end(); ++chunk) {
    if (chunk->heard.begin >= heard.end) break;
    if (chunk->edited) heard = {std::min(heard.begin, chunk->heard.begin), std::max(heard.end, chunk->heard.end)};
  }
  return heard;
}

}  // namespace demarc::speech
