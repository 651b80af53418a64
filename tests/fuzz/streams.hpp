// Streams on their way through the gateway, for the targets that fuzz them.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/reply.hpp"
#include "core/request.hpp"
#include "core/upstream.hpp"

namespace demarc::fuzz {

const Request& stream_request(std::size_t which);  // 0 OpenAI chat, 1 Anthropic, 2 OpenAI completions; each asks for a stream

struct Understood {
  bool ok = false, clean_end = false;
  std::string words;    // the chunks, in words, as far as they matter to a reader
  std::string printed;  // for the client
};
// `filter` sees each delta, as gateway/relay_stream.cpp has it; `flush` what is held when a channel closes.
using Feed = std::function<std::string(const Channel&, std::string_view)>;
using Flush = std::function<std::string(const Channel&)>;
Understood understood(const Request& request, Provider provider, const std::vector<std::string_view>& pieces, const Feed& feed = {},
                      const Flush& flush = {});

}  // namespace demarc::fuzz
