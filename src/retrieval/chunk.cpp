#include "retrieval/chunk.hpp"

#include <algorithm>
#include <utility>

namespace demarc::retrieval {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f'; }
bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; }

bool ends_with_any(std::string_view path, std::initializer_list<std::string_view> endings) {
  return std::ranges::any_of(endings, [&](std::string_view ending) { return path.ends_with(ending); });
}

// A line, or a part of a long one, that is not cut; ends with the blanks behind it.
struct Unit {
  std::size_t begin = 0, end = 0;
  std::string_view heading{};  // it is one: "## Leave" has level 2
  int level = 0;
  bool opens_paragraph = false, opens_page = false;
};

class Cutter {
 public:
  Cutter(const Document& document, const ChunkLimits& limits)
      : text_(document.text),
        limits_(limits),
        is_markdown_(document.is_markdown || ends_with_any(document.path, {".md", ".markdown"})),
        is_paged_(document.is_paged || text_.find('\f') != std::string_view::npos) {}

  std::vector<Chunk> cut() {
    bool after_blank = true, opens_page = true;
    for (std::size_t at = 0; at < text_.size();) {
      const std::size_t newline = std::min(text_.find_first_of("\n\f", at), text_.size());
      const std::string_view line = text_.substr(at, newline - at);
      const bool ends_page = newline < text_.size() && text_[newline] == '\f';
      const bool blank = std::ranges::all_of(line, is_blank);
      if (!blank) take_line(at, line, after_blank, std::exchange(opens_page, false));
      after_blank = blank;
      opens_page = opens_page || ends_page;
      at = newline + 1;
    }
    flush();
    number_lines();
    return std::move(chunks_);
  }

 private:
  void take_line(std::size_t at, std::string_view line, bool after_blank, bool opens_page) {
    if (is_markdown_ && line.starts_with("```")) in_code_ = !in_code_;
    const std::size_t marks = std::min(line.find_first_not_of('#'), line.size());
    if (is_markdown_ && !in_code_ && marks >= 1 && marks <= 6 && marks < line.size() && line[marks] == ' ') {
      flush();
      set_heading(marks, line.substr(marks + 1));
      add({.begin = at, .end = at + line.size(), .opens_page = opens_page});
      return;
    }
    bool first = true;
    for (const SentenceSpan& sentence : sentences_of(line)) {
      for (std::size_t begin = sentence.begin; begin < sentence.end;) {
        const std::size_t end = cut_at(line, begin, sentence.end);
        add({.begin = at + begin, .end = at + end, .opens_paragraph = first && after_blank, .opens_page = first && opens_page});
        first = false;
        begin = end;
      }
    }
  }

  // What is longer than a chunk may be is cut at a blank, or within: but never within a character.
  [[nodiscard]] std::size_t cut_at(std::string_view line, std::size_t begin, std::size_t end) const {
    if (end - begin <= limits_.most_bytes) return end;
    const std::size_t blank = line.substr(begin + 1, limits_.most_bytes).rfind(' ');
    std::size_t at = begin + (blank == std::string_view::npos ? limits_.most_bytes : blank + 1);
    while (at > begin + 1 && is_continuation(line[at])) --at;
    return at == begin ? end : at;
  }

  void set_heading(std::size_t level, std::string_view title) {
    while (!title.empty() && (title.back() == '#' || is_blank(title.back()))) title.remove_suffix(1);
    headings_.resize(std::min(headings_.size(), level - 1));
    headings_.resize(level - 1);
    headings_.emplace_back(title.substr(0, 200));
  }

  [[nodiscard]] std::string heading() const {
    std::string out;
    for (const std::string& each : headings_)
      if (!each.empty()) out += (out.empty() ? "" : " > ") + each;
    return out;
  }

  void add(const Unit& unit) {
    const std::size_t size = open_ ? unit.end - begin_ : 0;
    if (open_ && (unit.opens_page || size > limits_.most_bytes || (end_ - begin_ >= limits_.target_bytes) ||
                  (unit.opens_paragraph && size > limits_.target_bytes)))
      flush();
    if (!std::exchange(open_, true)) begin_ = unit.begin;
    end_ = unit.end;
  }

  void flush() {
    if (!std::exchange(open_, false) || chunks_.size() >= limits_.chunks) return;
    while (end_ > begin_ && is_blank(text_[end_ - 1])) --end_;
    while (begin_ < end_ && is_blank(text_[begin_])) ++begin_;
    if (begin_ == end_) return;
    chunks_.push_back({.text = std::string(text_.substr(begin_, end_ - begin_)), .heading = heading(), .lines = {}, .begin = begin_, .end = end_});
  }

  void number_lines() {
    std::size_t at = 0;
    std::int64_t line = 1, page = is_paged_ ? 1 : 0;
    const auto go_to = [&](std::size_t to) {
      for (; at < to; ++at) {
        if (text_[at] == '\f') line = 1, ++page;
        if (text_[at] == '\n') ++line;
      }
      return line;
    };
    for (Chunk& chunk : chunks_) {
      chunk.lines.first = go_to(chunk.begin);
      chunk.page = page;
      chunk.lines.last = go_to(chunk.end);
    }
  }

  const std::string_view text_;
  const ChunkLimits& limits_;
  const bool is_markdown_, is_paged_;
  bool in_code_ = false, open_ = false;
  std::size_t begin_ = 0, end_ = 0;
  std::vector<std::string> headings_;
  std::vector<Chunk> chunks_;
};

}  // namespace

std::vector<SentenceSpan> sentences_of(std::string_view text) {
  std::vector<SentenceSpan> sentences;
  const auto skip_blanks = [&](std::size_t at) {
    while (at < text.size() && is_blank(text[at])) ++at;
    return at;
  };
  for (std::size_t begin = skip_blanks(0); begin < text.size();) {
    std::size_t at = begin, word = begin;  // where the last word begins
    for (; at < text.size(); ++at) {
      if (at > begin && (text[at - 1] == ' ' || text[at - 1] == '\n' || text[at - 1] == '(')) word = at;
      if (text[at] != '.' && text[at] != '!' && text[at] != '?' && text[at] != '\n') continue;
      std::size_t end = text[at] == '\n' ? at : at + 1;
      while (end > at && end < text.size() && (text[end] == '"' || text[end] == ')' || text[end] == '\'')) ++end;
      for (const std::string_view quote : {"\xe2\x80\x9d", "\xe2\x80\x99"})  // ” ’
        if (end > at && text.substr(end).starts_with(quote)) end += quote.size();
      const std::size_t behind = std::max(end, at + 1);
      if (behind < text.size() && !is_blank(text[behind])) continue;
      // "Mr. Smith", "e.g. this", "1. First": what is shorter than three letters, or one of the titles, does not end a sentence.
      const std::string_view last = text.substr(word, at - word);
      const bool has_digit = last.find_first_of("0123456789") != std::string_view::npos;
      const bool abbreviates =
          text[at] == '.' && (has_digit ? word == begin && last.size() < 3
                                        : last.size() < 3 || last == "Mrs" || last == "etc" || last.find('.') != std::string_view::npos);
      if (abbreviates && end != text.size()) continue;
      at = end;
      break;
    }
    const std::size_t end = std::min(at, text.size());
    const std::size_t next = skip_blanks(end);
    sentences.push_back({begin, end});
    begin = next;
  }
  return sentences;
}

std::vector<Chunk> chunks_of(const Document& document, const ChunkLimits& limits) { return Cutter(document, limits).cut(); }

}  // namespace demarc::retrieval
