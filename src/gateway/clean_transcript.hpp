// clean_transcript(): the second stage of a transcript. What a language model may help with (speech/clean.hpp) goes piece by piece to one on the same
// tier, as sub-requests with records of their own, side by side where its engine has free slots and nobody else waits for it.
//
// Sets clean_text, edits, reverted and cleaning; segments read clean, `text` stays as heard. Where no model can be asked, only what needs none is
// cleaned: cleaning is never a reason to fail. Behind limits.subcalls, and where models stop answering within limits.clean_ms, likewise, and
// unread_from says where that begins. One loop.
#pragma once

#include <string>
#include <vector>

#include "core/transcript.hpp"
#include "gateway/context.hpp"
#include "speech/clean.hpp"

namespace demarc::gateway {

bool wants_cleaning(const Request& request);                          // unless the form says demarc_clean=false
std::vector<std::string> glossary_of(const RequestContext& context);  // of the request's workload
Task<void> clean_transcript(RequestContext& context, Tier tier, Transcript& transcript, const std::vector<std::string>& glossary);

// For transcripts that go out piece by piece: one piece, as soon as it is heard. At limits.subcalls model calls for this request no model is asked.
struct PiecesAsked {
  std::int64_t count = 0;
  bool any_answer = false;
  bool left_out = false;  // of the last piece: a model should have read it and none did
};
Task<speech::CleanPiece> clean_piece(RequestContext& context, Tier tier, speech::Piece piece, const speech::Glossary& glossary, PiecesAsked& asked);

}  // namespace demarc::gateway
