// CleanStream: the clean-up of a transcript that is streamed, delta by delta: each is a segment of our own speech engine.
//
//   CleanStream cleaning(context, Tier::local);
//   co_await cleaning.clean(chunk);       // its deltas read clean, and the whole text at the end is that of the deltas
//
// A piece is cleaned without knowing those that follow it. After limits.subcalls pieces the rest goes as it was heard. One loop.
#pragma once

#include <string>

#include "core/reply.hpp"
#include "gateway/context.hpp"

namespace demarc::gateway {

class CleanStream {
 public:
  CleanStream(RequestContext& context, Tier tier) : context_(context), tier_(tier) {}
  Task<void> clean(Chunk& chunk);

 private:
  RequestContext& context_;
  Tier tier_;
  std::int64_t pieces_ = 0;
  std::string said_;
};

}  // namespace demarc::gateway
