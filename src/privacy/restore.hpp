// Restorer: puts the values back into an answer, piece by piece as it streams.
//
//   Restorer restorer(session.tokens());
//   for (Delta& delta : chunk.deltas) delta.text = restorer.feed(delta.channel, delta.text);
//   ...
//   std::string rest = restorer.flush(channel);      // before the channel's end is spoken
//
// However the stream is cut, the result is the same. Held back is only what could be the beginning of a token of this session (in prose: a word in
// capitals, or the first letters of one of its own), never more than kTokenMax bytes a channel, and nothing while the session has none. Not restored:
// secrets, and anything inside a URL or a link's target, where a value would travel to whoever the URL names. In a tool's arguments
// (ChannelKind::tool_arguments: text that is JSON) values are JSON-escaped. What comes out ends with a whole character.
// One answer, one Restorer, one thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/finding.hpp"
#include "core/reply.hpp"
#include "privacy/token_reader.hpp"

namespace demarc::privacy {

class Restorer {
 public:
  explicit Restorer(std::shared_ptr<const Tokens> tokens) : tokens_(std::move(tokens)) {}

  std::string feed(const Channel& channel, std::string_view text);
  void leave_alone(const Channel& channel);            // nothing is restored on it: the arguments of a tool that policy keeps values from
  std::string flush(const Channel& channel);           // what was held back; the channel may go on afterwards
  [[nodiscard]] std::vector<Channel> holding() const;  // channels with something held back
  [[nodiscard]] std::size_t held_bytes() const;        // on all of them
  [[nodiscard]] const FindingCounts& restored() const { return restored_; }

 private:
  struct State {
    TokenReader reader;
    TextForm form;
    std::string held{};
    bool may_restore = true;
  };
  State& state_of(const Channel& channel);
  std::string run(State& state, std::string_view text, bool last);

  std::shared_ptr<const Tokens> tokens_;
  std::map<Channel, State> states_;
  FindingCounts restored_;
};

// The same for a whole text.
std::string restore(const std::shared_ptr<const Tokens>& tokens, std::string_view text);

}  // namespace demarc::privacy
