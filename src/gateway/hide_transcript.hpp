// hide_transcript(): the last stage of a transcript. What is found in it is counted, and hidden where the client asked for that (the form's `redact`)
// or the policy does (outputs.mask), in all its texts alike (speech/cover.hpp).
//
//   if (auto read = read_redact_fields(context); !read) …        // 400: no such operator or type
//   auto seen = co_await hide_transcript(context, *reply->transcript, attempt.tokens());
//   if (!seen) …                                                  // nothing of it may be shown
//
// Values are looked for in the whole text, as heard and as cleaned, and in each segment; names by the model of names, where there is one. On the
// context's loop.
#pragma once

#include "core/transcript.hpp"
#include "dialect/transcript_text.hpp"
#include "gateway/hide_values.hpp"

namespace demarc::gateway {

// Sets context.redact from the form of a transcription; does nothing for other requests.
Result<void, ApiError> read_redact_fields(RequestContext& context);

// The form in which an upstream must answer so that the client's can be printed from it, and values can be hidden over the borders of segments and
// found again in the recording; nullopt: whichever the client asked for.
std::optional<dialect::TranscriptFormat> form_to_ask_for(const RequestContext& context);

// `tokens`: of the placeholders that were sent; null: none.
Task<Result<SeenValues, ApiError>> hide_transcript(RequestContext& context, Transcript& transcript, std::shared_ptr<const privacy::Tokens> tokens);

}  // namespace demarc::gateway
