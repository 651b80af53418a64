#include "gateway/names_gate.hpp"

#include <algorithm>

namespace demarc::gateway {

Task<bool> NamesGate::feed(Channel channel, std::string& text) { return take(channel, text, false); }
Task<bool> NamesGate::flush(Channel channel, std::string& text) { return take(channel, text, true); }

Task<bool> NamesGate::take(Channel channel, std::string& text, bool last) {
  std::string out;
  if (channel.kind == ChannelKind::tool_arguments) {
    std::string& whole = arguments_[channel];
    whole += text;
    if (whole.size() > kArgumentsMost) {
      found_.unread = true;
      co_return false;
    }
    if (last && !whole.empty() && !co_await read(std::exchange(whole, {}), 0, out)) co_return false;
  } else {
    privacy::Sentences& sentences = sentences_[channel];
    sentences.add(text);
    while (auto unit = sentences.next(last))
      if (!co_await read(std::move(unit->text), unit->from, out)) co_return false;
  }
  text = std::move(out);
  co_return true;
}

// Appends what may be shown of `text` from `from` on.
Task<bool> NamesGate::read(std::string text, std::size_t from, std::string& out) {
  const AnswerFound found = co_await read_(std::span(&text, 1));
  if (found.unread) {
    found_.unread = true;
    co_return false;
  }
  std::vector<Finding> here;
  for (const Finding& finding : found.by_text[0]) {
    if (finding.end <= from) continue;  // of a sentence before
    here.push_back(finding);
    here.back().begin = std::max(finding.begin, from);
  }
  hide(text, here, mask_);
  out += std::string_view(text).substr(from);
  found_.by_text.push_back(std::move(here));
  co_return true;
}

}  // namespace demarc::gateway
