// A ReplyTranslator reads what one upstream answers to one attempt: a stream, piece by piece, or a whole body.
//
//   auto translator = make_translator(*request, spec.provider);
//   if (reply->status() != 200) error = translator->read_error(status, headers, body);
//   stream:  std::vector<Chunk> chunks;
//            CO_TRY(translator->feed_stream(bytes, chunks));   // any cut of the bytes gives the same chunks
//            at the end of the body: if (!translator->clean_end()) the upstream died half-way
//   whole:   Reply answer = CO_TRY(translator->read_whole(status, headers, body));
//
// Chunk::usage is always the whole usage as known so far, so the last one counts. Chunk::closed names the channels of which nothing follows after
// this chunk: whoever holds text back (restore, masking) gives it out with it:
//   for (const Channel& c : chunk.closed) print_held(*printer, chunk, c, restore.flush(c), new_texts, out);   // printer.hpp
//   printer->print_chunk(chunk, new_texts, out);
// One owner, one loop.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "core/error.hpp"
#include "core/io/http.hpp"
#include "core/operation.hpp"
#include "core/reply.hpp"
#include "core/request.hpp"

namespace demarc::dialect {

class ReplyTranslator {
 public:
  virtual ~ReplyTranslator() = default;
  // Server-sent events in; appends what they mean. An event over 4 MiB or malformed JSON: upstream_failed. An error that the upstream reports inside
  // its stream is a Chunk of kind error, not a failure here.
  virtual Result<void, ApiError> feed_stream(std::string_view bytes, std::vector<Chunk>& out) = 0;
  // Whether the stream came to its proper end ([DONE], message_stop) without an error in it.
  [[nodiscard]] virtual bool clean_end() const = 0;
  // A status of 400 and above, and a 200 whose body is an error, become an ApiError as read_error() makes it.
  virtual Result<Reply, ApiError> read_whole(int status, const Headers& headers, std::string body) = 0;
  // kind upstream_status. message: the upstream's own words (they may quote the request: for the client, never for a log). raw_body: only if the
  // client speaks the same dialect. retry_after_s from retry-after-ms or retry-after, at most an hour.
  virtual ApiError read_error(int status, const Headers& headers, std::string body) = 0;
};

// `id` and `created` stand in answers whose own could not be passed on.
std::unique_ptr<ReplyTranslator> make_translator(const Request& request, Provider provider, std::string id = {}, Instant created = {});

// Which of an upstream's response headers a client of the same dialect gets too: retry-after, rate limits. Lower-case name.
bool passes_to_client(std::string_view header_name);

}  // namespace demarc::dialect
