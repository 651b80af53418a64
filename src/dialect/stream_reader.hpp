// StreamReader: what the translators of all dialects share: cutting the stream into events, reading each as JSON, errors, the limits. A dialect says
// what one event means (read_event) and what a whole answer means (read_answer).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dialect/dialect.hpp"
#include "dialect/json/tree.hpp"
#include "dialect/sse.hpp"
#include "dialect/translator.hpp"

namespace demarc::dialect {

class StreamReader : public ReplyTranslator {
 public:
  explicit StreamReader(Passage passage) : passage_(passage) {}
  Result<void, ApiError> feed_stream(std::string_view bytes, std::vector<Chunk>& out) final;
  [[nodiscard]] bool clean_end() const final { return ended_ && !failed_; }
  Result<Reply, ApiError> read_whole(int status, const Headers& headers, std::string body) final;
  ApiError read_error(int status, const Headers& headers, std::string body) final;

 protected:
  // Fills in everything of `chunk` but event and data. `root` is chunk.data read; none for "[DONE]".
  virtual void read_event(JsonNode root, Chunk& chunk) = 0;
  virtual void read_answer(JsonNode root, Reply& reply) = 0;
  [[nodiscard]] virtual bool takes_text() const { return false; }                                // whether an answer may be something else than JSON
  [[nodiscard]] virtual std::size_t kept_depth() const { return static_cast<std::size_t>(-1); }  // of an answer's tree

  // Channels on which something came and which have not been closed.
  void open_channel(const Channel& channel);
  void close_channel(const Channel& channel, Chunk& chunk);  // if it is open
  void close_item(std::uint32_t item, Chunk& chunk);         // whatever kind it is
  void close_choice(std::uint32_t choice, Chunk& chunk);     // all of it

 private:
  ApiError error_in(JsonNode root, int status, std::string_view raw) const;

  Passage passage_;
  SseSplitter splitter_;
  std::vector<SseEvent> events_;
  JsonTree tree_;
  std::vector<Channel> open_;
  bool ended_ = false, failed_ = false;
};

// The span of `node` and its text as a delta; nothing if it is no string or an empty one. Half of a surrogate pair alone is a delta without a text.
void add_delta(JsonNode node, Channel channel, HalfPair& half, std::vector<Delta>& out);

}  // namespace demarc::dialect
