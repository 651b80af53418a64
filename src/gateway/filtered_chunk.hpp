// One chunk of an upstream's stream through the filter and into the client's dialect: what every streamed answer goes through.
//
//   print_filtered(chunk, filter, printer, texts, bytes);       // `texts` is room that is used again
//
// One answer, one loop.
#pragma once

#include <string>
#include <vector>

#include "dialect/printer.hpp"
#include "gateway/answer_filter.hpp"

namespace demarc::gateway {

inline void print_filtered(const Chunk& chunk, AnswerFilter& filter, dialect::ReplyPrinter& printer, std::vector<std::string>& texts,
                           std::string& bytes) {
  filter.saw_tools(chunk.tools);
  texts.clear();
  for (const Delta& delta : chunk.deltas) texts.push_back(filter.feed(delta.channel, delta.text));
  for (const Channel& channel : chunk.closed) dialect::print_held(printer, chunk, channel, filter.flush(channel), texts, bytes);
  printer.print_chunk(chunk, texts, bytes);
}

}  // namespace demarc::gateway
