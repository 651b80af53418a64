// clean_transcript(): the second stage of a transcript. The speech model's words go piece by piece to a language model on the same tier, as
// sub-requests with records of their own; of what it proposes only that is taken which changes nothing that was said (speech/clean.hpp).
//
// Sets clean_text and edits; segments read clean, `text` stays as heard. Where no model can be asked, only what needs none is cleaned:
// cleaning is never a reason to fail. Behind limits.subcalls likewise, and unread_from says where that begins. One loop.
#pragma once

#include "core/transcript.hpp"
#include "gateway/context.hpp"

namespace demarc::gateway {

bool wants_cleaning(const Request& request);  // unless the form says demarc_clean=false
Task<void> clean_transcript(RequestContext& context, Tier tier, Transcript& transcript);

// Pure: which bytes of `text` the accepted edits of its pieces replace, in order.
struct WordSpan {
  std::size_t begin = 0, end = 0;
};
std::vector<WordSpan> words_of(std::string_view text);
std::string apply_edits(std::string_view text, const std::vector<TranscriptEdit>& edits, std::size_t begin, std::size_t end);

}  // namespace demarc::gateway
