// NamesGate: a streamed answer whose policy hides what only the model of names finds (`outputs: {mask: [PERSON]}`). Each sentence is read by the
// model before it is shown; a tool's arguments, which nobody uses by halves, when they are whole.
//
//   NamesGate gate([&](std::span<const std::string> texts) { return read_answer(context, texts); }, mask);
//   if (!co_await gate.feed(delta.channel, text)) …       // `text` is now what may be shown, maybe nothing; false: it cannot be read, show nothing
//   if (!co_await gate.flush(channel, rest)) …            // the channel's end
//
// How the stream is cut changes nothing. One answer, one loop.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/io/task.hpp"
#include "core/reply.hpp"
#include "gateway/answer_names.hpp"
#include "privacy/cuts.hpp"

namespace demarc::gateway {

class NamesGate {
 public:
  static constexpr std::size_t kArgumentsMost = std::size_t{256} << 10;  // of one tool call; what is longer cannot be read

  using Read = std::function<Task<AnswerFound>(std::span<const std::string> texts)>;
  NamesGate(Read read, std::vector<std::string> mask) : read_(std::move(read)), mask_(std::move(mask)) {}

  Task<bool> feed(Channel channel, std::string& text);
  Task<bool> flush(Channel channel, std::string& text);
  [[nodiscard]] const AnswerFound& found() const { return found_; }  // in all that was read so far

 private:
  Task<bool> take(Channel channel, std::string& text, bool last);
  Task<bool> read(std::string text, std::size_t from, std::string& out);

  const Read read_;
  const std::vector<std::string> mask_;
  std::map<Channel, privacy::Sentences> sentences_;
  std::map<Channel, std::string> arguments_;
  AnswerFound found_;
};

}  // namespace demarc::gateway
