// A ReplyPrinter says to the client, in the client's dialect, what a translator understood.
//
//   auto printer = make_printer(*request, spec.provider, {.served_model = "chat-local", .id = request_id, .created = now});
//   stream:  printer->print_chunk(chunk, new_texts, out);       // one text per delta, as it shall read; appends to out
//            printer->print_text(channel, held_back, out);      // text that a filter held back and gives out now
//            printer->print_end(receipt_json, out);             // ": demarc-receipt {…}", then the dialect's end marker
//            printer->print_error(error, out);                  // instead of an end: the dialect's error event, no fake finish
//            printer->print_keep_alive(out);                    // after silence
//   whole:   OutgoingReply whole = printer->print_whole(reply, new_texts);
//
// Same dialect on both sides: the upstream's bytes with the changed texts and the model's name edited, the usage chunk left out if the client did not
// ask for it. Else the dialect's own sequence of events; Anthropic's has one open block at a time, so interleaved tool calls wait their turn.
// A printer belongs to one attempt whose events reach the client; the events of another attempt never go through it. One owner, one loop.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "core/error.hpp"
#include "core/operation.hpp"
#include "core/reply.hpp"
#include "core/request.hpp"

namespace demarc::dialect {

struct PrinterOptions {
  std::string served_model;  // printed as `model`; "" keeps the upstream's own word
  std::string id;            // of the request; used where the answer's own id cannot be passed on
  Instant created;
};

struct OutgoingReply {
  int status = 200;
  std::string content_type;
  std::string body;
  std::string end{};  // of a stream: what follows its receipt
};

class ReplyPrinter {
 public:
  virtual ~ReplyPrinter() = default;
  virtual void print_chunk(const Chunk& chunk, const std::vector<std::string>& new_texts, std::string& out) = 0;
  virtual void print_text(Channel channel, std::string_view text, std::string& out) = 0;  // nothing for an empty text
  virtual void print_error(const ApiError& error, std::string_view request_id, std::string& out) = 0;
  virtual void print_end(std::string_view receipt_json, std::string& out) = 0;
  virtual void print_keep_alive(std::string& out) = 0;
  virtual OutgoingReply print_whole(const Reply& reply, const std::vector<std::string>& new_texts) = 0;
};

// Text held back on a channel that `chunk` closes: appended to the chunk's own delta of that channel if it has one, else printed before the chunk.
void print_held(ReplyPrinter& printer, const Chunk& chunk, const Channel& channel, std::string_view held, std::vector<std::string>& new_texts,
                std::string& out);

std::unique_ptr<ReplyPrinter> make_printer(const Request& request, Provider provider, PrinterOptions options);

}  // namespace demarc::dialect
