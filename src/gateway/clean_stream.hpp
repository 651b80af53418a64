// CleanStream: the clean-up of a transcript that is streamed, delta by delta: each is a segment of our own speech engine.
//
//   CleanStream cleaning(context, Tier::local, glossary);
//   co_await cleaning.clean(chunk);       // its deltas read clean, and the whole text at the end is that of the deltas
//
// A piece is cleaned knowing those before it, not those that follow. After limits.subcalls model calls the rest is cleaned without, and the event at
// the end says from where on (unread_from, code points of what was heard), as for a transcript that comes whole. One loop.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/reply.hpp"
#include "gateway/clean_transcript.hpp"
#include "gateway/context.hpp"
#include "speech/glossary.hpp"

namespace demarc::gateway {

class CleanStream {
 public:
  CleanStream(RequestContext& context, Tier tier, std::vector<std::string> glossary) : context_(context), tier_(tier), terms_(std::move(glossary)) {}
  Task<void> clean(Chunk& chunk);

 private:
  RequestContext& context_;
  Tier tier_;
  const std::vector<std::string> terms_;
  std::optional<speech::Glossary> glossary_;  // of terms_, once the language is known
  PiecesAsked asked_;
  std::string said_, heard_;                // heard_: the end of what went before, as it was heard
  std::size_t heard_points_ = 0;            // code points of all of it
  std::optional<std::size_t> unread_from_;  // likewise
};

}  // namespace demarc::gateway
