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
  return run(state_of(channel), text, false);
}

std::string Restorer::flush(const Channel& channel) {
  const auto found = states_.find(channel);
  return found == states_.end() ? std::string() : run(found->second, {}, true);
}

void Restorer::leave_alone(const Channel& channel) {
  if (!tokens_->empty()) state_of(channel).may_restore = false;
}

std::vector<Channel> Restorer::holding() const {
  std::vector<Channel> out;
  for (const auto& [channel, state] : states_) {
    if (!state.held.empty()) out.push_back(channel);
  }
  return out;
}

std::string Restorer::run(State& state, std::string_view text, bool last) {
  const std::string input = std::move(state.held) + std::string(text);
  state.held.clear();
  std::string out;
  out.reserve(input.size());
  for (std::size_t at = 0; at < input.size();) {
    const std::string_view rest = std::string_view(input).substr(at);
    const TokenReader::Step step = state.reader.next(rest, last);
    if (step.size == 0) {
      state.held = rest;
      break;
    }
    if (step.token != nullptr && !step.in_url && step.token->restorable == Restorable::yes && state.may_restore) {
      const std::string_view value = step.token->value->view();
      out += state.form == TextForm::json ? inside_json_string(value) : std::string(value);
      ++restored_[step.token->type];
    } else {
      out += rest.substr(0, step.size);
    }
    at += step.size;
  }
  return out;
}

std::size_t Restorer::held_bytes() const {
  std::size_t bytes = 0;
  for (const auto& [channel, state] : states_) bytes += state.held.size();
  return bytes;
}

Restorer::State& Restorer::state_of(const Channel& channel) {
  const auto found = states_.find(channel);
  if (found != states_.end()) return found->second;
  const TextForm form = channel.kind == ChannelKind::tool_arguments ? TextForm::json : TextForm::plain;
  return states_.emplace(channel, State{.reader = TokenReader(*tokens_, form), .form = form}).first->second;
}

std::string restore(const std::shared_ptr<const Tokens>& tokens, std::string_view text) {
  Restorer restorer(tokens);
  std::string out = restorer.feed({}, text);
  return out += restorer.flush({});
}

}  // namespace demarc::privacy
