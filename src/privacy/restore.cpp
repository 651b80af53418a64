#include "privacy/restore.hpp"

#include "core/json/writer.hpp"

namespace demarc::privacy {
namespace {

std::string inside_json_string(std::string_view value) {
  const std::string quoted = json_string(value);
  return quoted.substr(1, quoted.size() - 2);
}

}  // namespace

std::string Restorer::feed(const Channel& channel, std::string_view text) {
  if (tokens_->empty()) return std::string(text);
  return run(channel, states_[channel], text, false);
}

std::string Restorer::flush(const Channel& channel) {
  const auto found = states_.find(channel);
  return found == states_.end() ? std::string() : run(channel, found->second, {}, true);
}

std::vector<Channel> Restorer::holding() const {
  std::vector<Channel> out;
  for (const auto& [channel, state] : states_) {
    if (!state.held.empty()) out.push_back(channel);
  }
  return out;
}

// What is decided at a byte depends on the bytes from there on and on the URL state up to it; while those bytes could still become a placeholder
// nothing is decided. So the cuts of the stream cannot matter.
std::string Restorer::run(const Channel& channel, State& state, std::string_view text, bool last) {
  const std::string input = std::move(state.held) + std::string(text);
  state.held.clear();
  const TextForm form = channel.kind == ChannelKind::tool_arguments ? TextForm::json : TextForm::plain;
  std::string out;
  out.reserve(input.size());
  for (std::size_t at = 0; at < input.size();) {
    const std::string_view rest = std::string_view(input).substr(at);
    const TokenMatch match = tokens_->may_begin(rest[0]) ? tokens_->match(rest) : TokenMatch{};
    if (match.kind == MatchKind::partial && !last) {
      state.held = rest;
      break;
    }
    const bool here = match.kind == MatchKind::full && match.token->restorable == Restorable::yes && !state.url.inside();
    const std::size_t taken = match.kind == MatchKind::full ? match.length : 1;
    if (here) {
      out += form == TextForm::json ? inside_json_string(match.token->value->view()) : std::string(match.token->value->view());
      ++restored_[match.token->type];
    } else {
      out += rest.substr(0, taken);
    }
    for (char c : rest.substr(0, taken)) state.url.take(c, form);
    at += taken;
  }
  return out;
}

std::string restore(const std::shared_ptr<const Tokens>& tokens, std::string_view text) {
  Restorer restorer(tokens);
  std::string out = restorer.feed({}, text);
  return out += restorer.flush({});
}

}  // namespace demarc::privacy
